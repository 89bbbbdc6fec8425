/**
 * What two clients and a server say to each other in one run from fixed keys and fixed chance: vectors for whoever
 * writes protocol 2 in another language. `npm run vectors` writes them anew.
 */
import { formatEndpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope } from '../../machines/envelope.ts';
import { encodeToPeer, type ToPeer } from '../../machines/letter-peer.ts';
import {
  encodeToClient,
  encodeToServer,
  type ToClient,
  type ToServer,
} from '../../machines/letter-server.ts';
import type { Entropy } from '../../runtime/ambient.ts';
import { momentaryLeases } from '../../runtime/identity/leases/momentary.ts';
import type { Link } from '../../runtime/link.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { createKeyPair, type KeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import type { Letter, Stage } from '../../runtime/stage.ts';
import { ALICE, BOB, SERVER } from '../runtime/scene.ts';
import { access, endpoint, MemoryNetwork } from '../support/memory-network.ts';

export type Vectors = {
  /** By who has them, in hexadecimal. */
  readonly keys: Readonly<Record<string, { readonly secret: string; readonly public: string }>>;
  readonly addresses: Readonly<Record<string, string>>;
  /** Every datagram of the run, in the order in which they were sent. */
  readonly datagrams: readonly DatagramVector[];
};

export type DatagramVector = {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly envelope: string;
  /** What is sealed in it, if anything is, in words and in hexadecimal. */
  readonly letter?: string;
  readonly plain?: string;
  /** What its sender has drawn from its source of chance since its last datagram, piece by piece. */
  readonly drawn: string;
  readonly bytes: string;
  /** The state of both clients and of their links when it was sent. */
  readonly states: string;
};

export const vectorsFile = new URL('./vectors.json', import.meta.url);

const places: Readonly<Record<string, string>> = { server: SERVER, alice: ALICE, bob: BOB };

/** Register both, look up and call, connect, say one line, say goodbye to each other and to the server. */
export async function generate(): Promise<Vectors> {
  const run = new Run();
  const { network, stage } = run;
  new Rendezvous(stage, network.open(SERVER, access({ routers: 1 })), {
    sealed: { keys: run.keysOf('server'), entropy: run.chanceOf('server'), leases: momentaryLeases() },
  });
  run.alice = run.client('alice');
  network.clock.advance(500);
  run.bob = run.client('bob');
  network.clock.advance(500);
  run.asked = run.alice.link('bob');
  network.clock.advance(80);
  run.called = run.bob.link('alice');
  network.clock.advance(2000);
  const said = run.asked.send('hello');
  network.clock.advance(500);
  await said;
  run.asked.close();
  network.clock.advance(100);
  for (const client of [run.alice, run.bob]) await client.close();
  return run.vectors();
}

class Run {
  readonly network = new MemoryNetwork(1);
  readonly stage: Stage;
  alice: PeerHost | undefined;
  bob: PeerHost | undefined;
  asked: Link | undefined;
  called: Link | undefined;
  readonly #entropies = new Map<string, Entropy>();
  readonly #keys = new Map<string, KeyPair>();
  readonly #drawn = new Map<string, string[]>();
  readonly #letters = new Map<string, Letter>();
  readonly #datagrams: DatagramVector[] = [];

  constructor() {
    const overhear = (datagram: Uint8Array, letter: Letter) => void this.#letters.set(hex(datagram), letter);
    this.stage = { clock: this.network.clock, random: () => 0.5, overhear };
    this.network.overhears = ({ atMs, from, to }, bytes) =>
      void this.#datagrams.push(
        this.#describe(atMs, whoIs(formatEndpoint(from)), whoIs(formatEndpoint(to)), bytes),
      );
    for (const [index, name] of Object.keys(places).entries()) {
      this.#entropies.set(name, seededEntropy(index + 1));
      this.#keys.set(name, createKeyPair(seededEntropy(11 + index)));
    }
  }

  keysOf(name: string): KeyPair {
    return this.#keys.get(name) as KeyPair;
  }

  /** The same for every run, and remembered. */
  chanceOf(name: string): Entropy {
    return (length) => {
      const bytes = (this.#entropies.get(name) as Entropy)(length);
      this.#drawn.set(name, [...(this.#drawn.get(name) ?? []), hex(bytes)]);
      return bytes;
    };
  }

  client(name: string): PeerHost {
    const host = new PeerHost(this.stage, {
      name,
      server: SERVER,
      secrecy: {
        keys: this.keysOf(name),
        entropy: this.chanceOf(name),
        trustServer: () => 'trusted',
        trustPeer: () => 'trusted',
        accepts: () => true,
      },
    });
    const where = places[name] as string;
    host.opened(this.network.open(where, access({ delayMs: 10 })), endpoint(SERVER));
    return host;
  }

  vectors(): Vectors {
    const keys = [...this.#keys].map(
      ([name, { secretKey, publicKey }]) =>
        [name, { secret: hex(secretKey), public: hex(publicKey) }] as const,
    );
    return { keys: Object.fromEntries(keys), addresses: places, datagrams: this.#datagrams };
  }

  #describe(atMs: number, from: string, to: string, bytes: Uint8Array): DatagramVector {
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') throw new Error(`a host has sent something ${envelope}`);
    const letter = this.#letters.get(hex(bytes));
    const drawn = (this.#drawn.get(from) ?? []).join(' ');
    this.#drawn.delete(from);
    return {
      ...{ atMs, from, to, envelope: envelope.type },
      ...(letter === undefined
        ? {}
        : { letter: letter.type, plain: hex(encodeLetter(letter, envelope.type, from)) }),
      ...{ drawn, bytes: hex(bytes), states: this.#states() },
    };
  }

  #states(): string {
    const states = {
      alice: this.alice,
      bob: this.bob,
      'alice to bob': this.asked,
      'bob to alice': this.called,
    };
    return Object.entries(states)
      .flatMap(([who, what]) => (what === undefined ? [] : [`${who} ${what.state}`]))
      .join(', ');
  }
}

function encodeLetter(letter: Letter, envelope: string, from: string): Uint8Array {
  if (envelope === 'pair') return encodeToPeer(letter as ToPeer);
  return from === 'server' ? encodeToClient(letter as ToClient) : encodeToServer(letter as ToServer);
}

function whoIs(where: string): string {
  return Object.keys(places).find((name) => places[name] === where) ?? where;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
