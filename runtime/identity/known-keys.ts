import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PunchError } from '../errors.ts';
import { fingerprintOf, sameKey } from '../secrecy/keys.ts';
import { reasonOf } from '../trace/file-sink.ts';
import { codeOf, makeDirectory, shellWord } from './files.ts';
import { formatLine, type KeyKind, type KnownLine, readLines } from './known-lines.ts';

/** A key that is not the one remembered under its label. */
export type Changed = {
  readonly kind: KeyKind;
  readonly label: string;
  readonly file: string;
  /** The first line with the label, from 1. */
  readonly line: number;
  /** The fingerprint of the key in that line; undefined if the line is damaged. */
  readonly expected: string | undefined;
  /** The fingerprint of the key that came. */
  readonly found: string;
};

/** A line that says nothing, and why. It is kept as it is. */
export type KnownKeysFault = { readonly line: number; readonly why: string };

/** The keys of servers and peers that were met, as ssh's `known_hosts`. */
export type KnownKeys = {
  readonly file: string;
  readonly faults: readonly KnownKeysFault[];
  check(kind: KeyKind, label: string, key: Uint8Array): 'known' | 'new' | Changed;
  /**
   * Adds a key that is new; one that changed takes no old one's place. Resolves when it is on the disk. Rejects with a
   * {@link PunchError} (`keyChanged`, `badKeyFile`).
   */
  remember(kind: KeyKind, label: string, key: Uint8Array): Promise<void>;
  isKnownPeer(key: Uint8Array): boolean;
};

/** Reads the file; it need not be there yet. Rejects with a {@link PunchError} (`badKeyFile`). */
export async function openKnownKeys(file: string): Promise<KnownKeys> {
  return new KnownKeysFile(file, await readKnown(file));
}

/** The label of a peer: its name means something at its server only, which is its key, or `host:port`. */
export function peerLabel(name: string, server: string): string {
  return `${name}@${server}`;
}

/** What stops a connection: never a question, as people say yes to those. */
export function changedKeyError({ kind, label, file, line, expected, found }: Changed): PunchError {
  const remembered =
    expected === undefined
      ? `Line ${line} of ${file}, which remembers it, is damaged.`
      : `Line ${line} of ${file} remembers ${expected}.`;
  return new PunchError(
    'keyChanged',
    `The key of the ${kind} ${label} is not the one remembered: it is ${found} now. ${remembered} ` +
      'Either it was set up anew, or somebody poses as it. Ask its owner to read its fingerprint out to you. ' +
      `Only if that is ${found}, remove the line: sed -i.old ${line}d ${shellWord(file)}`,
  );
}

class KnownKeysFile implements KnownKeys {
  readonly file: string;
  #lines: readonly KnownLine[];
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(file: string, lines: readonly KnownLine[]) {
    this.file = file;
    this.#lines = lines;
  }

  get faults(): readonly KnownKeysFault[] {
    return this.#lines.flatMap(({ line, why }) => (why === undefined ? [] : [{ line, why }]));
  }

  check(kind: KeyKind, label: string, key: Uint8Array): 'known' | 'new' | Changed {
    const lines = this.#lines.filter((known) => known.kind === kind && known.label === label);
    const [first] = lines;
    if (first === undefined) return 'new';
    if (lines.some((known) => known.key !== undefined && sameKey(known.key, key))) return 'known';
    return {
      kind,
      label,
      file: this.file,
      line: first.line,
      expected: first.key === undefined ? undefined : fingerprintOf(first.key),
      found: fingerprintOf(key),
    };
  }

  remember(kind: KeyKind, label: string, key: Uint8Array): Promise<void> {
    const written = this.#lastWrite
      .catch(() => {})
      .then(async () => {
        // Another process may have met it meanwhile, and with another key.
        this.#lines = await readKnown(this.file);
        const found = this.check(kind, label, key);
        if (found === 'known') return;
        if (found !== 'new') throw changedKeyError(found);
        await append(this.file, formatLine(kind, label, key));
        this.#lines = await readKnown(this.file);
      });
    this.#lastWrite = written;
    return written;
  }

  isKnownPeer(key: Uint8Array): boolean {
    return this.#lines.some(
      (known) => known.kind === 'peer' && known.key !== undefined && sameKey(known.key, key),
    );
  }
}

async function readKnown(file: string): Promise<readonly KnownLine[]> {
  try {
    return readLines(await readFile(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw fault(file, 'read', error);
  }
}

/**
 * One write at the end of the file, which the kernel lets no other write come between: several processes may do so. A
 * last line that has no end, because someone edited the file or the power failed, is ended first.
 */
async function append(file: string, line: string): Promise<void> {
  try {
    await makeDirectory(dirname(file));
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = size === 0 ? undefined : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
      const start = last === undefined || last === LINE_END ? '' : '\n';
      await handle.write(`${start}${line}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fault(file, 'written', error);
  }
}

const LINE_END = 10;

function fault(file: string, verb: string, error: unknown): PunchError {
  const why = reasonOf(error as NodeJS.ErrnoException);
  return new PunchError(
    'badKeyFile',
    `The known keys in ${file} cannot be ${verb}: ${why}. Mend that: without them nobody notices a changed key.`,
  );
}
