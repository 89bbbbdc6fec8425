import { join } from 'node:path';
import { type Benchmark, brief, type Figure, median, type Progress, withRange } from './figures.ts';
import { Helper } from './helper.ts';
import { Metal, metalUnavailable, type Replayed, residentBytesOf } from './metal/metal.ts';
import type { RateAnswer, RateGreeting } from './rate-server.ts';
import { freePort, knocks, registers, writeReplay } from './replay-file.ts';

const ROUNDS = 5;
const ROUND_MS = 1500;
const REGISTERED = 1000;
const SOURCES = 1_000_000;
const MAX_CLIENTS = 100_000;
/** What a server may take to work off what a flood has left in its socket. */
const SETTLE_MS = 1000;
/** What the registered clients send a second, together. */
const RATE = 2000;
/** As many as other clients there may be: what they wait for is told apart from what the flood makes wait. */
const IN_FLIGHT = 16;
const WORST_RATIO = 3;

/** What registered clients notice of a flood from a million sources that nobody knows. */
export const flood: Benchmark = {
  unavailable: metalUnavailable,
  async run(progress) {
    const metal = new Metal();
    try {
      const figures: Figure[] = [];
      for (const protocol of ['1', '2'] as const) {
        figures.push(...(await measure(metal, protocol, progress)));
      }
      return figures;
    } finally {
      metal.end();
    }
  },
};

/** Clients that are registered over protocol 1, at a server that is flooded with words of either. */
async function measure(metal: Metal, flooding: '1' | '2', progress: Progress): Promise<Figure[]> {
  const [known, unknown] = [join(metal.folder, 'known'), join(metal.folder, `flood${flooding}`)];
  writeReplay(known, registers(0, REGISTERED));
  writeReplay(unknown, (flooding === '1' ? registers : knocks)(REGISTERED, SOURCES));
  const server = await Helper.start<RateGreeting, 'clients', RateAnswer>('./rate-server.ts', [
    'both',
    'auto',
    String(MAX_CLIENTS),
  ]);
  const { port, pid } = server.greeting;
  metal.toServerCore(pid);
  try {
    const [from, others] = [await freePort(), await freePort()];
    await metal.replay(port, { file: known, from, forMs: 'once', window: IN_FLIGHT });
    const residentBefore = residentBytesOf(pid);
    const idle: Replayed[] = [];
    const flooded: Replayed[] = [];
    const floods: Replayed[] = [];
    const serve = () =>
      metal.replay(port, { file: known, from, forMs: ROUND_MS, window: IN_FLIGHT, rate: RATE });
    for (let round = -1; round < ROUNDS; round += 1) {
      await metal.replay(port, { file: known, from, forMs: SETTLE_MS, window: IN_FLIGHT, rate: RATE });
      const before = await serve();
      const pouring = metal.replay(port, { file: unknown, from: others, forMs: ROUND_MS + 200, window: 0 });
      const during = await serve();
      const poured = await pouring;
      if (round >= 0) {
        idle.push(before);
        flooded.push(during);
        floods.push(poured);
      }
      progress(`flood of protocol ${flooding}`, (round + 1) / ROUNDS);
    }
    const resident = residentBytesOf(pid);
    return figuresOf(flooding, idle, flooded, floods, [residentBefore, resident]);
  } finally {
    await server.stop();
  }
}

function figuresOf(
  flooding: '1' | '2',
  idle: readonly Replayed[],
  flooded: readonly Replayed[],
  floods: readonly Replayed[],
  [before, after]: readonly [number, number],
): Figure[] {
  const of = (turns: readonly Replayed[], key: keyof Replayed) =>
    turns.map((turn) => (turn.answered < 0.99 * turn.sent ? Number.POSITIVE_INFINITY : turn[key]));
  const ratio = median(of(flooded, 'p99')) / median(of(idle, 'p99'));
  const answered = median(flooded.map((turn) => turn.answered / turn.sent));
  const rate = median(floods.map((turn) => turn.sent / turn.seconds));
  const what = flooding === '1' ? 'registrations of protocol 1' : 'knocks of protocol 2';
  return [
    {
      what: `p99 round trip of registered clients, under ${brief(rate / 1000)} k ${what} a second from a million sources`,
      measured: `${withRange(of(flooded, 'p99'), 'µs')}, ratio ${brief(ratio)}; ${brief(100 * answered)} % answered`,
      reference: `without it ${withRange(of(idle, 'p99'), 'µs')}`,
      target: `ratio ≤ ${WORST_RATIO}, all answered`,
      met: ratio <= WORST_RATIO && answered > 0.999,
      values: {
        p99: median(of(flooded, 'p99')),
        p50: median(of(flooded, 'p50')),
        reference: median(of(idle, 'p99')),
        ratio,
        answered,
        floodPerSecond: rate,
      },
    },
    {
      what: `memory after ${what} from a million sources, at most ${MAX_CLIENTS.toLocaleString('en')} clients`,
      measured: `${brief(after / 2 ** 20)} MB`,
      reference: `before ${brief(before / 2 ** 20)} MB`,
      target: '',
      values: { resident: after, before },
    },
  ];
}
