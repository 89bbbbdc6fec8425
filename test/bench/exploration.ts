import { check } from '../../runtime/exploration/world/check.ts';
import { scenarios } from '../../runtime/exploration/world/scenarios.ts';
import { type Benchmark, brief } from './figures.ts';

const STATES = 1_000_000;
const BUDGET_MS = 60_000;
const MEMORY_BYTES = 2e9;

/** One scenario of more than a million composed states, explored and judged; the process's own memory is counted. */
export const exploration: Benchmark = {
  async run(progress) {
    const scenario = scenarios.find(({ name }) => name === 'port-restricted NATs that forget');
    if (scenario === undefined) throw new Error('the scenario to measure is gone');
    const finding = check(scenario, {
      bounds: { ordered: 1 },
      progress: (states) => progress('exploring', Math.min(1, states / STATES)),
    });
    const { states, moves, elapsedMs, bytes } = finding;
    const residentBytes = process.memoryUsage.rss();
    return [
      {
        what: 'composed states explored and judged, liveness too',
        measured: `${states} states, ${moves} moves in ${brief(elapsedMs / 1000)} s, ${brief(residentBytes / 1e6)} MB`,
        reference: `${brief(states / elapsedMs)} states/ms, ${brief(bytes / states)} bytes/state`,
        target: '1,000,000 states within 60 s and 2 GB',
        met: states >= STATES && elapsedMs <= BUDGET_MS && residentBytes <= MEMORY_BYTES,
        values: { states, moves, elapsedMs, bytes, residentBytes },
      },
    ];
  },
};
