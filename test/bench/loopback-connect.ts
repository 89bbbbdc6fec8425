import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  createPeer,
  createRendezvousServer,
  formatEndpoint,
  type RendezvousServer,
} from '../../runtime/index.ts';
import {
  type Benchmark,
  brief,
  type Figure,
  inParts,
  median,
  type Progress,
  quantile,
  withRange,
} from './figures.ts';

const ROUNDS = 5;
const CONNECTS_PER_ROUND = 60;
const WARM_UP = 20;
/** With keys there is twice as much to say to the server, and the cryptography. */
const TARGETS_MS = { 1: 5, 2: 8 } as const;

type Protocol = keyof typeof TARGETS_MS;

/** From the request until both sides are connected, library and sockets as users have them, in one process. */
export const loopbackConnect: Benchmark = {
  async run(progress) {
    const server = await createRendezvousServer({
      protocols: [1, 2],
      host: '127.0.0.1',
      port: 0,
      admission: { perSecond: 1e9, burst: 1e9 },
    });
    const line = await PingPong.open();
    try {
      const { connects, roundTrips } = await measure(server, line, progress);
      return ([1, 2] as const).map((protocol) => figureOf(protocol, connects[protocol], roundTrips));
    } finally {
      line.close();
      await server.close();
    }
  },
};

function figureOf(protocol: Protocol, connects: readonly number[], roundTrips: readonly number[]): Figure {
  const rounds = inParts(connects, CONNECTS_PER_ROUND).map(median);
  const referenceRounds = inParts(roundTrips, CONNECTS_PER_ROUND).map(median);
  const medianMs = median(connects);
  const ratio = medianMs / median(roundTrips);
  return {
    what: `connect on loopback by protocol ${protocol}, median of ${connects.length}`,
    measured: `${withRange(rounds, 'ms')}, p99 ${brief(quantile(connects, 0.99))}`,
    reference: `dgram round trip ${withRange(referenceRounds, 'ms')}, ratio ${brief(ratio)}`,
    target: `median ≤ ${TARGETS_MS[protocol]} ms`,
    met: medianMs <= TARGETS_MS[protocol],
    values: { medianMs, p99Ms: quantile(connects, 0.99), roundTripMs: median(roundTrips), ratio },
  };
}

/** The protocols take turns. */
async function measure(server: RendezvousServer, line: PingPong, progress: Progress) {
  const connects: Record<Protocol, number[]> = { 1: [], 2: [] };
  const roundTrips: number[] = [];
  for (let attempt = -WARM_UP; attempt < ROUNDS * CONNECTS_PER_ROUND; attempt += 1) {
    for (const protocol of [1, 2] as const) {
      const connectMs = await connectOnce(server, protocol, attempt + WARM_UP);
      if (attempt >= 0) connects[protocol].push(connectMs);
    }
    const roundTripMs = await line.roundTrip();
    if (attempt < 0) continue;
    roundTrips.push(roundTripMs);
    progress('connecting', roundTrips.length / (ROUNDS * CONNECTS_PER_ROUND));
  }
  return { connects, roundTrips };
}

/** Two new clients, registered; then the clock starts. */
async function connectOnce(server: RendezvousServer, protocol: Protocol, attempt: number): Promise<number> {
  const at = formatEndpoint(server.endpoint);
  const alice = createPeer({ name: `alice-${attempt}-${protocol}`, server: at, protocol });
  const bob = createPeer({ name: `bob-${attempt}-${protocol}`, server: at, protocol });
  await Promise.all([alice.registered, bob.registered]);
  const called = (async () => {
    for await (const link of bob.links) return link.connected;
  })();
  const startedAt = performance.now();
  await Promise.all([alice.connect(bob.name), called]);
  const elapsedMs = performance.now() - startedAt;
  await Promise.all([alice.close(), bob.close()]);
  return elapsedMs;
}

/** Two bare sockets, one of which returns what it gets. */
class PingPong {
  readonly #near: Socket;
  readonly #far: Socket;

  private constructor(near: Socket, far: Socket) {
    this.#near = near;
    this.#far = far;
    far.on('message', (bytes, { port, address }) => far.send(bytes, port, address));
  }

  static async open(): Promise<PingPong> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new PingPong(...sockets);
  }

  async roundTrip(): Promise<number> {
    const startedAt = performance.now();
    this.#near.send('ping', this.#far.address().port, '127.0.0.1');
    await once(this.#near, 'message');
    return performance.now() - startedAt;
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }
}
