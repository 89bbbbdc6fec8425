import type { CrowdAnswer, CrowdGreeting } from './crowd-host.ts';
import { type Benchmark, brief, type Figure } from './figures.ts';
import { Helper } from './helper.ts';

const COUNT = 1_000_000;
const BYTES_MAX = { 1: 350, 2: 600 } as const;
const PAUSE_MS_MAX = 10;

/** What a million clients take of memory, and of time when all of them fall silent at once. */
export const crowdCost: Benchmark = {
  async run(progress) {
    const figures: Figure[] = [];
    for (const protocol of [1, 2] as const) {
      progress(
        `registering ${COUNT.toLocaleString('en')} clients of protocol ${protocol}`,
        (protocol - 1) / 2,
      );
      const host: Helper<CrowdGreeting, 'expire', CrowdAnswer> = await Helper.start('./crowd-host.ts', [
        String(protocol),
        String(COUNT),
      ]);
      const bytes = host.greeting.residentBytes / COUNT;
      const answer = await host.ask('expire');
      await host.stop();
      figures.push(memoryFigure(protocol, bytes), pauseFigure(protocol, answer));
    }
    return figures;
  },
};

function memoryFigure(protocol: 1 | 2, bytes: number): Figure {
  return {
    what: `resident memory of a client of protocol ${protocol}, of ${COUNT.toLocaleString('en')}, leases included`,
    measured: `${brief(bytes)} bytes`,
    reference: 'an empty server',
    target: `≤ ${BYTES_MAX[protocol]}`,
    met: bytes <= BYTES_MAX[protocol],
    values: { bytes },
  };
}

function pauseFigure(protocol: 1 | 2, { longestMs, longestCpuMs, turns }: CrowdAnswer): Figure {
  return {
    what: `longest pause while ${COUNT.toLocaleString('en')} sessions of protocol ${protocol} expire at once`,
    measured: `${brief(longestMs)} ms`,
    reference: `${turns} turns, of at most ${brief(longestCpuMs)} ms of CPU time`,
    target: `≤ ${PAUSE_MS_MAX} ms`,
    met: longestMs <= PAUSE_MS_MAX,
    values: { longestMs, longestCpuMs, turns },
  };
}
