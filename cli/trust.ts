import { homedir } from 'node:os';
import { realEntropy } from '../runtime/ambient.ts';
import { placesOf } from '../runtime/identity/places.ts';
import {
  fingerprintOf,
  type KnownKeys,
  openAcceptRule,
  openKeyFile,
  openKnownKeys,
  type PeerOptions,
} from '../runtime/index.ts';
import { escapeText } from './render.ts';
import type { Terminal } from './terminal.ts';

export type TrustCommandOptions = {
  readonly protocol: 1 | 2;
  readonly key?: string;
  readonly knownKeys?: string;
  readonly accept?: string;
};

/**
 * Who this client is and whom it trusts, from the files of the user. Makes a key if there is none, and says so. Rejects
 * with a PunchError for a file that cannot be used.
 */
export async function openTrust(
  { protocol, key, knownKeys, accept }: TrustCommandOptions,
  terminal: Terminal,
): Promise<Pick<PeerOptions, 'protocol' | 'keys' | 'knownKeys' | 'accept'>> {
  if (protocol === 1) {
    terminal.report({ type: 'notice', text: WITHOUT_KEYS });
    return { protocol };
  }
  const places = placesOf(process.env, homedir());
  const file = key ?? places.keyFile;
  const { isNew, ...keys } = await openKeyFile(file, realEntropy);
  if (isNew) {
    const text = `A key was made: ${fingerprintOf(keys.publicKey)}. Keep ${escapeText(file)} to yourself.`;
    terminal.report({ type: 'notice', text });
  }
  const known = await openKnownKeys(knownKeys ?? places.knownKeysFile);
  for (const { line, why } of known.faults) {
    const text = `Line ${line} of ${escapeText(known.file)} says nothing: ${why}. It is left as it is.`;
    terminal.report({ type: 'notice', text });
  }
  return {
    protocol,
    keys,
    knownKeys: watched(known, terminal),
    ...(accept === undefined ? {} : { accept: await openAcceptRule(accept, known) }),
  };
}

/** What cannot be remembered does not stop the program, but its user must know. */
function watched(known: KnownKeys, terminal: Terminal): KnownKeys {
  return {
    file: known.file,
    faults: known.faults,
    check: (...met) => known.check(...met),
    isKnownPeer: (key) => known.isKnownPeer(key),
    remember: (...met) =>
      known.remember(...met).catch((error: Error) => {
        terminal.report({ type: 'notice', text: escapeText(error.message) });
        throw error;
      }),
  };
}

const WITHOUT_KEYS =
  'Protocol 1 has no keys: nobody proves who they are, anybody on the way can read and alter what is said, and lines ' +
  'can be lost.';
