import { join } from 'node:path';
import { type Benchmark, brief, type Figure, median, type Progress, withRange } from './figures.ts';
import { Helper } from './helper.ts';
import {
  cpuSecondsOf,
  Metal,
  metalUnavailable,
  type Replay,
  type Replayed,
  type Server,
} from './metal/metal.ts';
import type { RateAnswer, RateGreeting } from './rate-server.ts';
import { freePort, keepalives, registers, sealedCrowd, writeReplay } from './replay-file.ts';
import type { SealedClient } from './sealed-client.ts';

const ROUNDS = 7;
const ROUND_MS = 700;
const IN_FLIGHT = 128;
const CLIENTS = 10_000;
const SESSIONS = 500;
const KEEPALIVES = 20_000;

/** What is measured, in turns, and what sets the pace of it. */
const servers = {
  limit: (metal) => metal.echo('mmsg'),
  single: (metal) => metal.echo('single'),
  batched: (metal) => node(metal, 'echo', 'batched'),
  dgram: (metal) => node(metal, 'dgram-echo', 'dgram'),
  batched1: (metal) => node(metal, 'protocol1', 'batched'),
  dgram1: (metal) => node(metal, 'protocol1', 'dgram'),
  batched2: (metal) => node(metal, 'protocol2', 'batched'),
  dgram2: (metal) => node(metal, 'protocol2', 'dgram'),
} as const satisfies Record<string, (metal: Metal) => Promise<Server>>;

type Name = keyof typeof servers;

type Turn = Replayed & {
  /** Round trips for each second that the server had its core. */
  readonly perCore: number;
  /** The share of the time in which the server had its core. */
  readonly busy: number;
};

type Turns = Record<Name, Turn[]>;

/** Round trips a second that one core serves, over sockets, beside what the kernel allows. */
export const rate: Benchmark = {
  unavailable: metalUnavailable,
  async run(progress) {
    const metal = new Metal();
    const stage = new Stage(metal);
    try {
      return await stage.measure(progress);
    } finally {
      await stage.end();
      metal.end();
    }
  },
};

class Stage {
  readonly #metal: Metal;
  readonly #running = new Map<Name, Server>();
  readonly #sealed = new Map<Name, SealedClient[]>();
  readonly #registers: string;

  constructor(metal: Metal) {
    this.#metal = metal;
    this.#registers = join(metal.folder, 'registers');
    writeReplay(this.#registers, registers(0, CLIENTS));
  }

  async measure(progress: Progress): Promise<Figure[]> {
    const from = await freePort();
    const names = Object.keys(servers) as Name[];
    for (const [index, name] of names.entries()) {
      progress('starting servers and registering', index / names.length);
      const server = await servers[name](this.#metal);
      this.#running.set(name, server);
      if (isSealed(name)) this.#sealed.set(name, await sealedCrowd(server.port, SESSIONS, from));
      else await this.#replay(server, { forMs: 'once', from });
    }
    const turns = Object.fromEntries(names.map((name) => [name, [] as Turn[]])) as Turns;
    for (let round = -1; round < ROUNDS; round += 1) {
      for (const name of names) {
        const turn = await this.#turn(name, from);
        if (round >= 0) turns[name].push(turn);
      }
      progress('round trips', Math.max(0, round + 1) / ROUNDS);
    }
    await this.#check();
    return [...figuresOf(turns), await this.#generator(from, turns)];
  }

  async #turn(name: Name, from: number): Promise<Turn> {
    const server = this.#running.get(name) as Server;
    const clients = this.#sealed.get(name);
    const file = clients === undefined ? this.#registers : join(this.#metal.folder, 'keepalives');
    if (clients !== undefined) writeReplay(file, keepalives(clients, KEEPALIVES));
    const before = cpuSecondsOf(server.pid);
    const forMs = clients === undefined ? ROUND_MS : 'once';
    const replayed = await this.#replay(server, { file, forMs, from });
    const cpuSeconds = cpuSecondsOf(server.pid) - before;
    if (replayed.answered < replayed.sent / 2)
      throw new Error(`${name} answers too little: ${JSON.stringify(replayed)}`);
    return { ...replayed, perCore: replayed.answered / cpuSeconds, busy: cpuSeconds / replayed.seconds };
  }

  #replay(server: Server, replay: Partial<Replay> & Pick<Replay, 'from' | 'forMs'>): Promise<Replayed> {
    return this.#metal.replay(server.port, { file: this.#registers, window: IN_FLIGHT, ...replay });
  }

  /** A server that has forgotten clients would have answered them with less work. */
  async #check(): Promise<void> {
    for (const [name, server] of this.#running) {
      const clients = await server.clients?.();
      const expected = isSealed(name) ? SESSIONS : CLIENTS;
      if (clients !== undefined && clients !== expected)
        throw new Error(`${name} has ${clients} clients of ${expected}`);
    }
  }

  /** What the load generator does when nobody holds it up. */
  async #generator(from: number, turns: Turns): Promise<Figure> {
    const sink = await this.#metal.echo('sink');
    const { sent, seconds } = await this.#replay(sink, { window: 0, forMs: ROUND_MS, from });
    await sink.stop();
    const busy = median(turns.limit.map((turn) => turn.busy));
    return {
      what: 'load generator, datagrams a second to a sink',
      measured: `${brief(sent / seconds / 1000)} k`,
      reference: `the C mmsg echo it loads is busy ${brief(100 * busy)} % of the time`,
      target: '',
      values: { perSecond: sent / seconds, busy },
    };
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server.stop()));
  }
}

function isSealed(name: Name): boolean {
  return name.endsWith('2');
}

async function node(metal: Metal, what: string, io: 'batched' | 'dgram'): Promise<Server> {
  const clients = String(CLIENTS + SESSIONS);
  const helper = await Helper.start<RateGreeting, 'clients', RateAnswer>('./rate-server.ts', [
    what,
    io,
    clients,
  ]);
  const { pid, port } = helper.greeting;
  metal.toServerCore(pid);
  const registered = async () => (await helper.ask('clients')).clients;
  return { port, pid, clients: registered, stop: () => helper.stop() };
}

function figuresOf(turns: Turns): Figure[] {
  const figure = (what: string, name: Name, reference: Name, words: string, least?: number): Figure => {
    const rates = turns[name].map(({ perCore }) => perCore / 1000);
    const limits = turns[reference].map(({ perCore }) => perCore / 1000);
    const ratio = median(rates.map((each, round) => each / (limits[round] ?? Number.NaN)));
    const [p50, p99, busy] = (['p50', 'p99', 'busy'] as const).map((key) =>
      median(turns[name].map((turn) => turn[key])),
    );
    return {
      what: `${what}, round trips a second on one core`,
      measured: `${withRange(rates, 'k')}, ratio ${brief(ratio)}; p50 ${brief(p50 as number)} µs, p99 ${brief(p99 as number)} µs`,
      reference: `${words} ${withRange(limits, 'k')}`,
      target: least === undefined ? '' : `ratio ≥ ${least}`,
      ...(least === undefined ? {} : { met: ratio >= least }),
      values: {
        perCore: median(rates) * 1000,
        reference: median(limits) * 1000,
        ratio,
        p50,
        p99,
        busy,
      } as Figure['values'],
    };
  };
  const mmsg = 'C, many a call';
  const single = 'C, one a call';
  const echo = 'bare node:dgram echo';
  return [
    figure('batched transport alone, echo', 'batched', 'limit', mmsg),
    figure('node:dgram alone, echo', 'dgram', 'limit', mmsg),
    figure('registrations of protocol 1, batched', 'batched1', 'limit', mmsg, 0.75),
    figure('registrations of protocol 1, batched', 'batched1', 'single', single, 0.9),
    figure('registrations of protocol 1, node:dgram', 'dgram1', 'dgram', echo, 0.9),
    figure('keepalives of protocol 2, batched', 'batched2', 'limit', mmsg, 0.35),
    figure('keepalives of protocol 2, node:dgram', 'dgram2', 'dgram', echo),
  ];
}
