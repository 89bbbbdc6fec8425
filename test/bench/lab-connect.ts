import { delayUnavailable } from '../natlab/availability.ts';
import { measureLabConnects } from '../natlab/measure-connects.ts';
import { type Benchmark, median, withRange } from './figures.ts';

const CONNECTS = 9;
const TARGET_MS = 250;

/** From the request until both sides are connected, behind kernel NATs, 50 ms of round trip on each access. */
export const labConnect: Benchmark = {
  unavailable: delayUnavailable,
  async run(progress) {
    progress('connecting behind NATs', 0);
    const connects = await measureLabConnects(CONNECTS);
    const medianMs = median(connects);
    return [
      {
        what: `connect behind NATs, 50 ms round trip each, median of ${connects.length}`,
        measured: withRange(connects, 'ms'),
        reference: '100 ms between the peers',
        target: `≤ ${TARGET_MS} ms`,
        met: Math.max(...connects) <= TARGET_MS,
        values: { medianMs, slowestMs: Math.max(...connects) },
      },
    ];
  },
};
