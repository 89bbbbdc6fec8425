import type { Entropy } from '../ambient.ts';
import type { Secrecy } from '../sealed/secrecy.ts';
import { fingerprintOf, type KeyPair, sameKey } from '../secrecy/keys.ts';
import type { AcceptRule } from './accept-list.ts';
import { changedKeyError, type KnownKeys, peerLabel } from './known-keys.ts';

export type TrustOptions = {
  readonly keys: KeyPair;
  readonly entropy: Entropy;
  /** How the server is remembered: `host:port`. */
  readonly server: string;
  /** The key that the server must have, whatever is remembered. */
  readonly serverKey?: Uint8Array;
  readonly known: KnownKeys;
  /** Who may call. Default anybody whose key has not changed. */
  readonly accept?: AcceptRule;
  /** Something could not be remembered. */
  failed?(error: unknown): void;
};

/** Trust as ssh has it: a key that is met for the first time is remembered, and one that has changed is refused. */
export function trustOnFirstUse({
  keys,
  entropy,
  server,
  serverKey,
  known,
  accept,
  failed = () => {},
}: TrustOptions): Secrecy {
  const writing = new Set<Promise<void>>();
  const remember = (kind: 'server' | 'peer', label: string, key: Uint8Array) => {
    if (known.check(kind, label, key) !== 'new') return;
    const written = known.remember(kind, label, key).catch(failed);
    writing.add(written);
    void written.then(() => writing.delete(written));
  };
  const isChanged = (kind: 'server' | 'peer', label: string, key: Uint8Array) =>
    typeof known.check(kind, label, key) !== 'string';
  return {
    keys,
    entropy,
    ...(serverKey === undefined ? {} : { serverKey }),
    trustServer: (key) => (isChanged('server', server, key) ? 'distrusted' : 'trusted'),
    trustPeer: (name, key) => (isChanged('peer', peerLabel(name, server), key) ? 'distrusted' : 'trusted'),
    accepts: (key) => accept?.accepts(key) ?? true,
    serverProved: (key) => remember('server', server, key),
    peerProved: (name, key) => remember('peer', peerLabel(name, server), key),
    changed: (kind, key, name) => {
      if (known.file === MEMORY) return undefined;
      const changed = known.check(kind, kind === 'server' ? server : peerLabel(name ?? '', server), key);
      return typeof changed === 'string' ? undefined : changedKeyError(changed);
    },
    settled: async () => {
      await Promise.all(writing);
    },
  };
}

/** Keys that are remembered for as long as the process runs. */
export function keysKnownHere(): KnownKeys {
  const keys = new Map<string, Uint8Array>();
  return {
    file: MEMORY,
    faults: [],
    check: (kind, label, key) => {
      const remembered = keys.get(`${kind} ${label}`);
      if (remembered === undefined) return 'new';
      if (sameKey(remembered, key)) return 'known';
      const [expected, found] = [fingerprintOf(remembered), fingerprintOf(key)];
      return { kind, label, file: MEMORY, line: 1, expected, found };
    },
    remember: async (kind, label, key) => {
      keys.set(`${kind} ${label}`, key);
    },
    isKnownPeer: (key) =>
      [...keys].some(([label, other]) => label.startsWith('peer ') && sameKey(other, key)),
  };
}

/** There is no line to remove. */
const MEMORY = 'the memory of this process';
