import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { OPENER_HEAD_START_MS } from '../../machines/timing.ts';
import { decode, encode, type Message } from '../../machines/wire.ts';
import { PunchError, type PunchErrorCode } from '../../runtime/errors.ts';
import type { Feed } from '../../runtime/feed.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous, type RendezvousOptions } from '../../runtime/rendezvous.ts';
import type { Stage } from '../../runtime/stage.ts';
import type { Transport } from '../../runtime/transport.ts';
import { type Access, access, endpoint, MemoryNetwork, type Passage } from '../support/memory-network.ts';

export const SERVER = '192.0.2.1:39738';
export const ALICE = '198.51.100.10:5000';
export const BOB = '203.0.113.20:6000';

/** From the request until both are connected, at the scene's 10 ms each way: to the server, back, the head start, across. */
export const CONNECTING_MS = 10 + 10 + OPENER_HEAD_START_MS + 20;

export type SceneOptions = RendezvousOptions & {
  readonly seed?: number;
  /** Where the server is; {@link SERVER} unless it is said. */
  readonly server?: string;
  /** Of clients; the server's costs nothing. */
  readonly access?: Access;
};

export type PeerSpecification = {
  readonly timeoutMs?: number;
  readonly access?: Access;
};

/** A rendezvous server and its clients on a network in memory: by default without loss, 10 ms each way at each client. */
export class Scene {
  readonly network: MemoryNetwork;
  readonly stage: Stage;
  server: Rendezvous;
  readonly #options: SceneOptions;
  readonly #access: Access;
  readonly #where: string;

  constructor(options: SceneOptions = {}) {
    this.network = new MemoryNetwork(options.seed);
    this.stage = { clock: this.network.clock, random: this.network.random };
    this.#options = options;
    this.#access = options.access ?? access({ delayMs: 10 });
    this.#where = options.server ?? SERVER;
    this.server = this.#startServer();
  }

  /** A client that registers at once. */
  peer(name: string, where: string, { timeoutMs, access: through }: PeerSpecification = {}): PeerHost {
    const host = new PeerHost(this.stage, {
      name,
      server: this.#where,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    host.opened(this.network.open(where, through ?? this.#access), endpoint(this.#where));
    return host;
  }

  /** A socket that a test speaks for, and what it has received. */
  stranger(where: string): Puppet {
    return new Puppet(this.network.open(where, this.#access));
  }

  /** Two clients that are registered: Alice and Bob. */
  pair(): { alice: PeerHost; bob: PeerHost } {
    const alice = this.peer('alice', ALICE);
    const bob = this.peer('bob', BOB);
    this.advance(1000);
    return { alice, bob };
  }

  advance(byMs: number): void {
    this.network.clock.advance(byMs);
  }

  /** Takes the server away; its port answers nobody. */
  stopServer(): void {
    void this.server.close();
  }

  /** A server at the same address that knows nobody. */
  restartServer(): void {
    this.stopServer();
    this.server = this.#startServer();
  }

  /** What was sent from one endpoint to another, in order. */
  between(from: string, to: string): readonly Passage[] {
    return this.network.log.filter(
      (passage) => formatEndpoint(passage.from) === from && formatEndpoint(passage.to) === to,
    );
  }

  #startServer(): Rendezvous {
    const transport = this.network.open(this.#where, access({ routers: 1 }));
    return new Rendezvous(this.stage, transport, this.#options);
  }
}

export class Puppet {
  readonly #transport: Transport;
  readonly received: { readonly from: Endpoint; readonly bytes: Uint8Array }[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.listen({
      datagram: (from, bytes) => {
        this.received.push({ from, bytes: bytes.slice() });
      },
    });
  }

  say(to: string, message: Message): void {
    this.#transport.send(endpoint(to), encode(message));
  }

  send(to: string, bytes: Uint8Array): void {
    this.#transport.send(endpoint(to), bytes);
  }

  close(): void {
    void this.#transport.close();
  }

  /** What it has received, which must all be well formed. */
  messages(): Message[] {
    return this.received.map(({ bytes }) => {
      const message = decode(bytes);
      if (typeof message === 'string') throw new Error(`received something ${message}`);
      return message;
    });
  }

  /** Where it was sent, in order. */
  introductions(): string[] {
    return this.messages().flatMap((message) =>
      message.type === 'holePunchInitiate' ? [formatEndpoint(message.remote)] : [],
    );
  }
}

/** What is in a feed by now. Nothing is added to it afterwards. */
export async function readNow<Item>(feed: AsyncIterable<Item>): Promise<Item[]> {
  (feed as Feed<Item>).end();
  const items: Item[] = [];
  for await (const item of feed) items.push(item);
  return items;
}

/** Lets promises that are settled tell those who wait for them. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** For `assert.rejects` and `assert.throws`: a {@link PunchError} of this code, in a sentence. */
export function punchError(code: PunchErrorCode, text = /^[^\n]+\.$/) {
  return (error: unknown) => error instanceof PunchError && error.code === code && text.test(error.message);
}
