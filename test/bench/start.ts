import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Benchmark, brief, inParts, median, withRange } from './figures.ts';

const RUNS = 40;
const RUNS_PER_ROUND = 8;
const TARGET_RATIO = 2;

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How long people wait for `punch --help`, against Node doing nothing. The two take turns. */
export const start: Benchmark = {
  unavailable: () => (existsSync(program) ? undefined : 'dist/ is missing: npm run build'),
  async run(progress) {
    const nothing: number[] = [];
    const help: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      nothing.push(timeToRun(['-e', '0']));
      help.push(timeToRun([program, '--help']));
      progress('starting processes', (run + 1) / RUNS);
    }
    const ratio = median(help) / median(nothing);
    const references = inParts(nothing, RUNS_PER_ROUND).map(median);
    const rounds = inParts(help, RUNS_PER_ROUND).map(median);
    const ratios = rounds.map((ms, round) => ms / (references[round] ?? Number.NaN));
    return [
      {
        what: `punch --help, median of ${RUNS}`,
        measured: `${withRange(rounds, 'ms')}, ratio ${brief(ratio)} (${brief(Math.min(...ratios))} to ${brief(Math.max(...ratios))})`,
        reference: `node -e 0 ${withRange(references, 'ms')}`,
        target: `ratio ≤ ${TARGET_RATIO}`,
        met: ratio <= TARGET_RATIO,
        values: { helpMs: median(help), nothingMs: median(nothing), ratio },
      },
    ];
  },
};

function timeToRun(args: readonly string[]): number {
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - startedAt;
}
