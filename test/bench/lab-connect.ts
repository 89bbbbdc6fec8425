import { delayUnavailable } from '../natlab/availability.ts';
import { measureLabConnects } from '../natlab/measure-connects.ts';
import { type Benchmark, type Figure, median, withRange } from './figures.ts';

const CONNECTS = 9;
const TARGET_MS = { 1: 250, 2: 300 };

/** From the request until both sides are connected, behind kernel NATs, 50 ms of round trip on each access. */
export const labConnect: Benchmark = {
  unavailable: delayUnavailable,
  async run(progress) {
    progress('connecting behind NATs', 0);
    const connects = await measureLabConnects(CONNECTS);
    return [figureOf(1, connects[1]), figureOf(2, connects[2])];
  },
};

function figureOf(protocol: 1 | 2, connects: readonly number[]): Figure {
  const target = TARGET_MS[protocol];
  return {
    what: `connect by protocol ${protocol} behind NATs, 50 ms round trip each, median of ${connects.length}`,
    measured: withRange(connects, 'ms'),
    reference: '100 ms between the peers',
    target: `≤ ${target} ms`,
    met: median(connects) <= target,
    values: { medianMs: median(connects), slowestMs: Math.max(...connects) },
  };
}
