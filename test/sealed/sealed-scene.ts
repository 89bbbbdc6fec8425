import type { Endpoint } from '../../machines/endpoint.ts';
import { momentaryLeases } from '../../runtime/identity/leases/momentary.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Secrecy } from '../../runtime/sealed/secrecy.ts';
import { createKeyPair, type KeyPair, sameKey } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import type { Transport } from '../../runtime/transport.ts';
import { ALICE, BOB, Scene, type SceneOptions, SERVER } from '../runtime/scene.ts';
import { type Access, access, endpoint } from '../support/memory-network.ts';

/** The smaller key of two, and the larger: a call of the first one's holder stands against the other's. */
export const [smaller, larger] = [createKeyPair(seededEntropy(1)), createKeyPair(seededEntropy(2))].sort(
  (a, b) => Buffer.compare(a.publicKey, b.publicKey),
) as [KeyPair, KeyPair];

export type SealedPeerOptions = Partial<Secrecy> & {
  readonly timeoutMs?: number;
  readonly candidates?: readonly Endpoint[];
  readonly access?: Access;
  /** Instead of a socket at the address. */
  readonly transport?: Transport;
};

/** A server and clients of protocol 2, who trust everybody unless they are told otherwise. */
export class SealedScene extends Scene {
  readonly serverKeys: KeyPair;
  readonly leases: ReturnType<typeof momentaryLeases>;
  #seed = 100;

  constructor(options: SceneOptions = {}) {
    const entropy = seededEntropy(99);
    const keys = createKeyPair(entropy);
    const leases = momentaryLeases();
    super({ ...options, sealed: { keys, entropy, leases } });
    this.serverKeys = keys;
    this.leases = leases;
  }

  /** A client that registers at once. */
  sealed(name: string, where: string, options: SealedPeerOptions = {}): PeerHost {
    const { timeoutMs, candidates, access: through, transport, ...secrecy } = options;
    this.#seed += 1;
    const entropy = seededEntropy(this.#seed);
    const host = new PeerHost(this.stage, {
      name,
      server: SERVER,
      secrecy: {
        keys: createKeyPair(entropy),
        entropy,
        trustServer: () => 'trusted',
        trustPeer: () => 'trusted',
        accepts: () => true,
        ...secrecy,
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(candidates === undefined ? {} : { candidates: () => candidates }),
    });
    const opened = transport ?? this.network.open(where, through ?? access({ delayMs: 10 }));
    host.opened(opened, endpoint(SERVER));
    return host;
  }

  /** Alice with the smaller key, Bob with the larger, both registered. */
  sealedPair(): { alice: PeerHost; bob: PeerHost } {
    const alice = this.sealed('alice', ALICE, { keys: smaller });
    const bob = this.sealed('bob', BOB, { keys: larger });
    this.advance(1000);
    return { alice, bob };
  }

  /** Another server at the same address, which nobody knows. */
  swapServer(): void {
    this.stopServer();
    const entropy = seededEntropy(98);
    const keys = createKeyPair(entropy);
    this.server = new Rendezvous(this.stage, this.network.open(SERVER, access({ routers: 1 })), {
      sealed: { keys, entropy, leases: momentaryLeases() },
    });
  }
}

/** Trusts one key, and no other. */
export function only(key: Uint8Array) {
  return (other: Uint8Array) => (sameKey(key, other) ? ('trusted' as const) : ('distrusted' as const));
}
