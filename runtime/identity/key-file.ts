import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Entropy } from '../ambient.ts';
import { PunchError } from '../errors.ts';
import { createKeyPair, formatKey, type KeyPair, keyPairFrom, parseKey, sameKey } from '../secrecy/keys.ts';
import { reasonOf } from '../trace/file-sink.ts';
import { codeOf, createOnce, makeDirectory, shellWord } from './files.ts';

export type OpenedKey = KeyPair & {
  /** Whether the file was not there before. */
  readonly isNew: boolean;
};

/**
 * Reads the key pair in a file, or makes one there if there is no such file. Several processes that do so at once end
 * with the same pair, and no file is ever written over. Rejects with a {@link PunchError} (`badKeyFile`) that never
 * contains the key.
 */
export async function openKeyFile(file: string, entropy: Entropy): Promise<OpenedKey> {
  try {
    const known = await readKey(file);
    if (known !== undefined) return { ...known, isNew: false };
    await makeDirectory(dirname(file));
    const made = createKeyPair(entropy);
    const mark = Buffer.from(entropy(8)).toString('hex');
    if (await createOnce(file, textOf(made), mark)) return { ...made, isNew: true };
    const others = await readKey(file);
    if (others === undefined) throw fault(file, 'it was removed while it was read', 'Try again.');
    return { ...others, isNew: false };
  } catch (error) {
    if (error instanceof PunchError) throw error;
    throw fault(file, reasonOf(error as NodeJS.ErrnoException), 'Mend that, or name another with --key.');
  }
}

/** More than a file of keys ever has. */
const FILE_BYTES_MAX = 4096;

const HEADING =
  '# The key of this punch client or server. Keep it secret: whoever has it can pose as its owner.\n';

const RESTORE =
  'Restore it from a copy, or move it away: a new key is then made, and everybody who knows the old one must be told.';

/** The public key repeats what the secret one says: with it a damaged file is noticed, and is not another identity. */
function textOf({ publicKey, secretKey }: KeyPair): string {
  return `${HEADING}secret ${formatKey(secretKey)}\npublic ${formatKey(publicKey)}\n`;
}

async function readKey(file: string): Promise<KeyPair | undefined> {
  const found = await readRegular(file);
  if (found === undefined) return undefined;
  const fields = /^(?:#[^\n]*\n)*secret ([\w-]{43})\npublic ([\w-]{43})\n$/.exec(found.text);
  if (fields === null) throw fault(file, 'it is damaged, or no key file', RESTORE);
  const [secretKey, publicKey] = fields.slice(1).map(parseKey);
  const pair = secretKey === undefined ? undefined : keyPairFrom(secretKey);
  if (pair === undefined || publicKey === undefined || !sameKey(pair.publicKey, publicKey)) {
    throw fault(file, 'its two keys do not belong together, so it is damaged', RESTORE);
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    const remedy = `If you are sure that nobody has read it, run: chmod 600 ${shellWord(file)}`;
    throw fault(file, 'others than its owner may read or write it', remedy);
  }
  return pair;
}

async function readRegular(file: string): Promise<{ text: string; mode: number } | undefined> {
  // Opening a pipe to read would otherwise wait for somebody to write.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw fault(file, 'it is a directory', 'Name a file in it with --key.');
    if (!status.isFile()) throw fault(file, 'it is not a regular file', 'Name another with --key.');
    if (status.size > FILE_BYTES_MAX) throw fault(file, 'it is too long for a key file', RESTORE);
    return { text: await handle.readFile('utf8'), mode: status.mode };
  } finally {
    await handle.close();
  }
}

function fault(file: string, why: string, remedy: string): PunchError {
  return new PunchError('badKeyFile', `The key file ${file} cannot be used: ${why}. ${remedy}`);
}
