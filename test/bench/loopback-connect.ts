import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  createPeer,
  createRendezvousServer,
  formatEndpoint,
  type RendezvousServer,
} from '../../runtime/index.ts';
import { type Benchmark, brief, inParts, median, type Progress, quantile, withRange } from './figures.ts';

const ROUNDS = 5;
const CONNECTS_PER_ROUND = 60;
const WARM_UP = 20;
const TARGET_MS = 5;

/** From the request until both sides are connected, library and sockets as users have them, in one process. */
export const loopbackConnect: Benchmark = {
  async run(progress) {
    const server = await createRendezvousServer({
      host: '127.0.0.1',
      port: 0,
      admission: { perSecond: 1e9, burst: 1e9 },
    });
    const line = await PingPong.open();
    try {
      const { connects, roundTrips } = await measure(server, line, progress);
      const rounds = inParts(connects, CONNECTS_PER_ROUND).map(median);
      const referenceRounds = inParts(roundTrips, CONNECTS_PER_ROUND).map(median);
      const medianMs = median(connects);
      const ratio = medianMs / median(roundTrips);
      return [
        {
          what: `connect on loopback, median of ${connects.length}`,
          measured: `${withRange(rounds, 'ms')}, p99 ${brief(quantile(connects, 0.99))}`,
          reference: `dgram round trip ${withRange(referenceRounds, 'ms')}, ratio ${brief(ratio)}`,
          target: `median ≤ ${TARGET_MS} ms`,
          met: medianMs <= TARGET_MS,
          values: { medianMs, p99Ms: quantile(connects, 0.99), roundTripMs: median(roundTrips), ratio },
        },
      ];
    } finally {
      line.close();
      await server.close();
    }
  },
};

async function measure(server: RendezvousServer, line: PingPong, progress: Progress) {
  const connects: number[] = [];
  const roundTrips: number[] = [];
  for (let attempt = -WARM_UP; attempt < ROUNDS * CONNECTS_PER_ROUND; attempt += 1) {
    const connectMs = await connectOnce(server, attempt + WARM_UP);
    const roundTripMs = await line.roundTrip();
    if (attempt < 0) continue;
    connects.push(connectMs);
    roundTrips.push(roundTripMs);
    progress('connecting', connects.length / (ROUNDS * CONNECTS_PER_ROUND));
  }
  return { connects, roundTrips };
}

/** Two new clients, registered; then the clock starts. */
async function connectOnce(server: RendezvousServer, attempt: number): Promise<number> {
  const at = formatEndpoint(server.endpoint);
  const alice = createPeer({ name: `alice-${attempt}`, server: at });
  const bob = createPeer({ name: `bob-${attempt}`, server: at });
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
