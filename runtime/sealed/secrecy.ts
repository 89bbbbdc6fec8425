import type { Entropy } from '../ambient.ts';
import type { PunchError } from '../errors.ts';
import type { KeyPair } from '../secrecy/keys.ts';

/** Whether a key is the one that its holder must have, as far as we know. */
export type Verdict = 'trusted' | 'distrusted';

/** Who we are, and whom we trust. What is asked here must answer at once, and asking must change nothing. */
export type Secrecy = {
  readonly keys: KeyPair;
  readonly entropy: Entropy;
  /** The key that the server must have; then {@link trustServer} is not asked. */
  readonly serverKey?: Uint8Array;
  trustServer(key: Uint8Array): Verdict;
  trustPeer(name: string, key: Uint8Array): Verdict;
  /** Whether this peer may call us. Whom we are calling ourselves may always. */
  accepts(key: Uint8Array, name: string): boolean;
  /** The server has proved that it has the key: time to remember it. */
  serverProved?(key: Uint8Array): void;
  /** The peer has proved that it has the key, and that it is there. */
  peerProved?(name: string, key: Uint8Array): void;
  /** Resolves when all that was proved is remembered. */
  settled?(): Promise<void>;
  /** What to tell the user of a key that is distrusted; undefined if there is no more to say than that. */
  changed?(kind: 'server' | 'peer', key: Uint8Array, name?: string): PunchError | undefined;
};
