import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ambient.ts';
import { PunchError } from '../../errors.ts';
import { reasonOf } from '../../trace/file-sink.ts';
import { codeOf, isThere, makeDirectory, shellWord, syncDirectory } from '../files.ts';
import {
  type Change,
  type Journal,
  type Lease,
  LeaseBook,
  type LeaseBookOptions,
  type Leases,
} from './leases.ts';
import { type Lock, lockDirectory } from './lock.ts';
import { createStore, type LeaseStore, openStore, readStore } from './store.ts';
import { verifyStore } from './verify.ts';

export type OpenLeasesOptions = LeaseBookOptions & {
  readonly directory: string;
  /** For writing what comes at the same time together. */
  readonly clock: Clock;
};

/**
 * Opens the leases in a directory, which is made if it is not there, for this process alone. Rejects with a
 * {@link PunchError}: `permissionDenied` if the directory cannot be written, `badStore` if another server uses it, or if
 * what is there is damaged; it is then left as it is.
 */
export async function openLeases({ directory, clock, ...options }: OpenLeasesOptions): Promise<Leases> {
  const lock = await lockFor(directory);
  const file = join(directory, STORE);
  try {
    const leases = await readLeases(file);
    await writeAnew(directory, leases);
    const store = openStore(file);
    return new LeaseBook(leases, new StoreJournal(store, file, lock, clock), options);
  } catch (error) {
    await lock.release();
    throw error instanceof PunchError ? error : unusable(directory, error);
  }
}

const STORE = 'leases.mdb';
const DRAFT = 'new.mdb';

async function lockFor(directory: string): Promise<Lock> {
  try {
    await makeDirectory(directory);
    const lock = await lockDirectory(directory);
    if (!('holder' in lock)) return lock;
    const user =
      lock.holder === process.pid
        ? 'this process already'
        : `the process ${lock.holder}, another punch server`;
    throw new PunchError(
      'badStore',
      `The directory ${directory} is used by ${user}. Stop that one first, or name another directory with --data.`,
    );
  } catch (error) {
    throw error instanceof PunchError ? error : unusable(directory, error);
  }
}

async function readLeases(file: string): Promise<ReadonlyMap<string, Lease>> {
  if (!(await isThere(file))) return new Map();
  const why = await verifyStore(file);
  if (why !== undefined) throw damaged(file, why);
  return readStore(file);
}

/**
 * Makes the store anew at every start, and only then puts it in the old one's place. LMDB does not check its list of
 * free pages, and damage there would have it write new leases over old ones, later. Under another name first, as a
 * store that was begun and not finished must not look like one that lost its leases.
 */
async function writeAnew(directory: string, leases: ReadonlyMap<string, Lease>): Promise<void> {
  const [store, draft] = [join(directory, STORE), join(directory, DRAFT)];
  await Promise.all([draft, `${draft}-lock`].map((file) => rm(file, { force: true })));
  await createStore(draft, leases);
  await rename(draft, store);
  await Promise.all([`${draft}-lock`, `${store}-lock`].map((file) => rm(file, { force: true })));
  await syncDirectory(directory);
}

/** Keeps what changes within a turn of the event loop in one commit, as each waits for the disk. */
class StoreJournal implements Journal {
  readonly #store: LeaseStore;
  readonly #file: string;
  readonly #lock: Lock;
  readonly #clock: Clock;
  #isClosed = false;
  #group: { readonly changes: Change[]; readonly written: Promise<void> } | undefined;

  constructor(store: LeaseStore, file: string, lock: Lock, clock: Clock) {
    this.#store = store;
    this.#file = file;
    this.#lock = lock;
    this.#clock = clock;
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new PunchError('closed', 'The leases are closed.'));
    this.#group ??= this.#begin();
    this.#group.changes.push(...changes);
    return this.#group.written;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#group?.written.catch(() => {});
    await this.#store.close();
    await this.#lock.release();
  }

  #begin(): { changes: Change[]; written: Promise<void> } {
    const changes: Change[] = [];
    const written = new Promise<void>((resolve, reject) => {
      this.#clock.setTimeout(() => {
        this.#group = undefined;
        try {
          this.#store.write(changes);
          resolve();
        } catch (error) {
          reject(unwritten(this.#file, error as Error));
        }
      }, 0);
    });
    return { changes, written };
  }
}

function damaged(file: string, why: string): PunchError {
  const aside = `mv ${shellWord(file)} ${shellWord(`${file}.damaged`)}`;
  return new PunchError(
    'badStore',
    `The leases in ${file} cannot be used: ${why}. It is left as it is. Restore it from a copy; or, if every name may ` +
      `go to whoever asks for it first, start without it: ${aside}`,
  );
}

function unwritten(file: string, { message }: Error): PunchError {
  return new PunchError(
    'badStore',
    `A lease could not be written to ${file} (${message}), so it was not granted. Check that the disk is not full.`,
  );
}

const denials: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

function unusable(directory: string, error: unknown): PunchError {
  return new PunchError(
    denials.has(codeOf(error)) ? 'permissionDenied' : 'badStore',
    `The directory ${directory} cannot be used: ${reasonOf(error as NodeJS.ErrnoException)}. ` +
      'Name one with --data that this user can write, or let the server forget with --data none.',
  );
}
