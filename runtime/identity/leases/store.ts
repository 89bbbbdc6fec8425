import { type Database, open, type RootDatabase } from 'lmdb';
import type { Change, Lease } from './leases.ts';
import { decodeLease, encodeLease, Summary } from './record.ts';

/** Leases in a file of LMDB. Its functions throw plain errors, whose messages are ends of sentences. */
export type LeaseStore = {
  /** Returns once the changes are on the disk; throws if none of them is. */
  write(changes: readonly Change[]): void;
  close(): Promise<void>;
};

/** Makes a store with these leases in a file that is not there yet. Resolves once it is on the disk. */
export async function createStore(file: string, leases: ReadonlyMap<string, Lease>): Promise<void> {
  const tables = openTables(file, true);
  try {
    tables.root.transactionSync(() => {
      tables.about.putSync('format', Buffer.from(FORMAT));
      const changes = [...leases].map(([name, lease]) => ({ name, lease }));
      apply(changes, tables);
    });
  } finally {
    await tables.root.close();
  }
}

/**
 * All leases in a file, which is left as it is. Rejects if they are not those that were written. LMDB maps the file, so
 * that a damaged one kills the process: `verifyStore` tries this in another first.
 */
export async function readStore(file: string): Promise<Map<string, Lease>> {
  const tables = openTables(file, false);
  try {
    return read(tables);
  } finally {
    await tables.root.close();
  }
}

/** Opens a store that was just made. */
export function openStore(file: string): LeaseStore {
  const tables = openTables(file, false);
  return {
    write: (changes) => void tables.root.transactionSync(() => apply(changes, tables)),
    close: () => tables.root.close(),
  };
}

type Tables = {
  readonly root: RootDatabase<Buffer, string>;
  readonly leases: Database<Buffer, string>;
  readonly about: Database<Buffer, string>;
};

const FORMAT = 'punch leases 1';
const SOMETHING_ELSE = 'it is a store of something else';

/**
 * Commits wait for the disk, one after the other and on this thread. LMDB for Node can leave that to a thread of its
 * own, but when the disk is full it then leaves a promise behind that nobody can catch, and the process ends.
 */
function openTables(file: string, create: boolean): Tables {
  const root = open<Buffer, string>({ path: file, encoding: 'binary', overlappingSync: false, maxDbs: 4 });
  return { root, leases: openTable(root, 'leases', create), about: openTable(root, 'about', create) };
}

/** A table that is not there is made only in a new store: what is somebody else's is left as it is. */
function openTable(root: Tables['root'], name: string, create: boolean): Tables['leases'] {
  // The types of lmdb leave `create` out, and that without it there may be no table.
  const options = { encoding: 'binary' as const, create };
  const table: Tables['leases'] | undefined = root.openDB<Buffer, string>(name, options);
  if (table === undefined) throw new Error(SOMETHING_ELSE);
  return table;
}

function read({ leases: records, about }: Tables): Map<string, Lease> {
  const format = about.get('format')?.toString();
  if (format === undefined) throw new Error(SOMETHING_ELSE);
  if (format !== FORMAT)
    throw new Error(`it is written in the format "${format}" of another version of punch`);
  const leases = new Map<string, Lease>();
  const summary = new Summary();
  for (const { key: name, value } of records.getRange()) {
    const lease = decodeLease(value);
    if (lease === undefined) throw new Error('a lease in it is damaged');
    leases.set(name, lease);
    summary.toggle(name, value);
  }
  if (about.get('summary')?.equals(summary.bytes) !== true)
    throw new Error('leases in it were lost or changed');
  return leases;
}

function apply(changes: readonly Change[], { leases, about }: Tables): void {
  const summary = new Summary(about.get('summary'));
  for (const { name, lease } of changes) {
    const before = leases.get(name);
    if (before !== undefined) summary.toggle(name, before);
    if (lease === undefined) {
      leases.removeSync(name);
      continue;
    }
    const record = encodeLease(lease);
    summary.toggle(name, record);
    leases.putSync(name, record);
  }
  about.putSync('summary', summary.bytes);
}
