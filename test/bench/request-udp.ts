import type { Socket } from 'node:dgram';
import type { Endpoint } from '../../machines/endpoint.ts';
import { crowdUnavailable, register, registerCrowd, sendTo, socketAt } from './crowd.ts';
import {
  type Benchmark,
  brief,
  type Figure,
  median,
  noiseOf,
  type Progress,
  quantile,
  withRange,
} from './figures.ts';
import { Helper } from './helper.ts';
import type { ServerAnswer, ServerGreeting } from './udp-server.ts';

/** The first two are alike, so that what differs between equal processes counts as noise too. */
const CROWDS = [100, 100, 100_000] as const;
const ROUNDS = 20;
const REQUESTS_PER_ROUND = 250;

type Server = Helper<ServerGreeting, 'usage', ServerAnswer>;

type Round = { readonly roundTripMs: number; readonly cpuMicros: number };

/** From a request until both introductions are there, over sockets; servers with few and many clients take turns. */
export const requestOverUdp: Benchmark = {
  unavailable: crowdUnavailable,
  async run(progress) {
    const servers: Server[] = [];
    const pair = await Pair.open();
    try {
      for (const count of CROWDS) {
        const server: Server = await Helper.start('./udp-server.ts', [String(count)]);
        servers.push(server);
        await pair.registerAt(server.greeting);
        const show = (done: number) => progress(`registering ${count} at a server`, done);
        await registerCrowd(server.greeting, count - 2, show);
      }
      for (const [index, server] of servers.entries()) {
        const { clients } = await server.ask('usage');
        if (clients !== CROWDS[index]) throw new Error(`${clients} of ${CROWDS[index]} are registered`);
      }
      return figuresOf(await measure(servers, pair, progress));
    } finally {
      pair.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  },
};

async function measure(servers: readonly Server[], pair: Pair, progress: Progress): Promise<Round[][]> {
  const rounds: Round[][] = servers.map(() => []);
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) {
      const measured = await measureRound(server, pair);
      if (round >= 0) rounds[index]?.push(measured);
    }
    progress('requests', Math.max(0, round + 1) / ROUNDS);
  }
  return rounds;
}

async function measureRound(server: Server, pair: Pair): Promise<Round> {
  const times: number[] = [];
  const before = await server.ask('usage');
  for (let request = 0; request < REQUESTS_PER_ROUND; request += 1) {
    times.push(await pair.request(server.greeting));
  }
  const after = await server.ask('usage');
  return {
    roundTripMs: median(times),
    cpuMicros: (after.cpuMicros - before.cpuMicros) / REQUESTS_PER_ROUND,
  };
}

function figuresOf(rounds: readonly Round[][]): Figure[] {
  const few = [...(rounds[0] ?? []), ...(rounds[1] ?? [])];
  const many = rounds[2] ?? [];
  const figure = (what: string, unit: string, pick: (round: Round) => number): Figure => {
    const [reference, measured] = [few.map(pick), many.map(pick)];
    const ratio = median(measured) / median(reference);
    const noise = noiseOf(reference);
    return {
      what: `${what}, ${CROWDS[2].toLocaleString('en')} registered over UDP`,
      measured: `${withRange(measured, unit)}, ratio ${brief(ratio)}`,
      reference: `100 registered ${withRange(reference, unit)}, noise ${brief(noise)}`,
      target: 'ratio within noise',
      met: ratio <= noise,
      values: {
        median: median(measured),
        reference: median(reference),
        ratio,
        noise,
        p90: quantile(measured, 0.9),
      },
    };
  };
  return [
    figure('request to both introductions', 'ms', ({ roundTripMs }) => roundTripMs),
    figure("server's CPU per request", 'µs', ({ cpuMicros }) => cpuMicros),
  ];
}

/** Two clients with a socket each, registered at every server. */
class Pair {
  readonly #caller: Socket;
  readonly #called: Socket;

  private constructor(caller: Socket, called: Socket) {
    this.#caller = caller;
    this.#called = called;
  }

  static async open(): Promise<Pair> {
    return new Pair(await socketAt('127.0.0.1'), await socketAt('127.0.0.1'));
  }

  async registerAt(server: Endpoint): Promise<void> {
    await register(this.#caller, server, 'caller');
    await register(this.#called, server, 'called');
  }

  request(server: Endpoint): Promise<number> {
    return new Promise((resolve, reject) => {
      let missing = 2;
      const startedAt = performance.now();
      const giveUp = setTimeout(() => reject(new Error('a request was not answered')), 5000);
      const heard = () => {
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(giveUp);
        resolve(performance.now() - startedAt);
      };
      this.#caller.once('message', heard);
      this.#called.once('message', heard);
      sendTo(this.#caller, server, { type: 'holePunchRequest', name: 'called' });
    });
  }

  close(): void {
    this.#caller.close();
    this.#called.close();
  }
}
