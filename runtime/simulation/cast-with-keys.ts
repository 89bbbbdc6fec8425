import { momentaryLeases } from '../identity/leases/momentary.ts';
import { keysKnownHere, trustOnFirstUse } from '../identity/trust.ts';
import type { PeerHostOptions } from '../peer.ts';
import type { RendezvousOptions } from '../rendezvous.ts';
import { createKeyPair } from '../secrecy/keys.ts';
import { seededEntropy } from '../secrecy/seeded-entropy.ts';
import { SERVER } from './network.ts';

/** What makes a server and two clients speak protocol 2: keys that follow from the seed, and trust in whom they meet. */
export function castWithKeys(seed: number): {
  readonly server: RendezvousOptions;
  readonly alice: Pick<PeerHostOptions, 'secrecy'>;
  readonly bob: Pick<PeerHostOptions, 'secrecy'>;
} {
  const entropy = seededEntropy(seed);
  const client = () => ({
    secrecy: trustOnFirstUse({
      keys: createKeyPair(entropy),
      entropy,
      server: SERVER,
      known: keysKnownHere(),
    }),
  });
  return {
    server: { sealed: { keys: createKeyPair(entropy), entropy, leases: momentaryLeases() } },
    alice: client(),
    bob: client(),
  };
}
