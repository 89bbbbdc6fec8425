import { type Benchmark, brief, median, withRange } from './figures.ts';
import { Helper } from './helper.ts';
import type { InspectionAnswer, InspectionQuestion } from './inspection-host.ts';

const ROUNDS = 7;
const ROUND_MS = 1_000;
const TARGET_SHARE = 0.5;

/** How many events a busy server takes for a second of the processor while it is inspected, against one that is not. */
export const inspection: Benchmark = {
  async run(progress) {
    const start = (kind: string) =>
      Helper.start<object, InspectionQuestion, InspectionAnswer>('./inspection-host.ts', [kind]);
    const hosts = { unwatched: await start('unwatched'), watched: await start('watched') };
    const rates: Record<keyof typeof hosts, number[]> = { unwatched: [], watched: [] };
    try {
      for (let round = -1; round < ROUNDS; round += 1) {
        for (const kind of ['unwatched', 'watched'] as const) {
          const { events, cpuMs } = await hosts[kind].ask({ ms: ROUND_MS });
          if (round >= 0) rates[kind].push((events / cpuMs) * 1000);
        }
        progress('registering', Math.max(0, round + 1) / ROUNDS);
      }
    } finally {
      await Promise.all([hosts.unwatched.stop(), hosts.watched.stop()]);
    }
    const share = median(rates.watched) / median(rates.unwatched);
    return [
      {
        what: 'registrations of protocol 1 for a second of CPU, with --inspect, as many as come',
        measured: `${withRange(rates.watched, '/s')}, share ${brief(share)}`,
        reference: `without ${withRange(rates.unwatched, '/s')}`,
        target: `share ≥ ${TARGET_SHARE}`,
        met: share >= TARGET_SHARE,
        values: {
          watchedPerSecond: median(rates.watched),
          unwatchedPerSecond: median(rates.unwatched),
          share,
        },
      },
    ];
  },
};
