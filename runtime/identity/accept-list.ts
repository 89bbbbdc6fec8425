import { readFile } from 'node:fs/promises';
import { PunchError } from '../errors.ts';
import { formatKey, parseKey } from '../secrecy/keys.ts';
import { reasonOf } from '../trace/file-sink.ts';
import { parsePeerAddress } from './peer-address.ts';

/** Who may connect. */
export type AcceptRule = { accepts(key: Uint8Array): boolean };

/**
 * Reads `any`, `known` (whoever is in the file of known keys) or `list FILE` (one key, or address with a key, a line).
 * Rejects with a {@link PunchError}: `badAddress` for a rule or line that says nothing, `badKeyFile` for a file that
 * cannot be read.
 */
export async function openAcceptRule(
  text: string,
  knownKeys: { isKnownPeer(key: Uint8Array): boolean },
): Promise<AcceptRule> {
  if (text === 'any') return { accepts: () => true };
  if (text === 'known') return { accepts: (key) => knownKeys.isKnownPeer(key) };
  const file = /^list\s+(\S.*)$/.exec(text)?.[1];
  if (file === undefined) {
    const quoted = JSON.stringify(text);
    throw new PunchError(
      'badAddress',
      `${quoted} does not say whom to accept. Write any, known or list FILE.`,
    );
  }
  const accepted = new Set((await readList(file)).map(formatKey));
  return { accepts: (key) => accepted.has(formatKey(key)) };
}

async function readList(file: string): Promise<readonly Uint8Array[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = reasonOf(error);
    throw new PunchError(
      'badKeyFile',
      `The list ${file} cannot be read: ${why}. Mend that, or name another.`,
    );
  });
  return text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '' && !content.startsWith('#'))
    .map(({ content, line }) => keyIn(content, `Line ${line} of ${file}`));
}

/** A line is a key, or an address with one; a name will not do, as whoever holds it can be another tomorrow. */
function keyIn(content: string, where: string): Uint8Array {
  const key = parseKey(content) ?? keyOfAddress(content, where);
  if (key !== undefined) return key;
  throw new PunchError(
    'badAddress',
    `${where} has no key: write a key of 43 characters, or an address with one.`,
  );
}

function keyOfAddress(content: string, where: string): Uint8Array | undefined {
  try {
    return parsePeerAddress(content).key;
  } catch (error) {
    if (!(error instanceof PunchError) || error.code === 'badName') return undefined;
    throw new PunchError(error.code, `${where}: ${error.message}`);
  }
}
