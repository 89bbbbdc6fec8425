import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { simulate } from '../../runtime/simulation/run.ts';
import { type Benchmark, brief, median, withRange } from './figures.ts';

const ROUNDS = 8;
const RUNS_PER_ROUND = 250;
const TARGET_PER_SECOND = 300;

/** Complete connections in virtual time, on one core: register, introduce, punch, connected on both sides. */
export const simulation: Benchmark = {
  async run(progress) {
    const rates: number[] = [];
    await connections(0);
    for (let round = 1; round <= ROUNDS; round += 1) {
      rates.push(await connections(round));
      progress('connecting', round / ROUNDS);
    }
    const rate = median(rates);
    return [
      {
        what: 'simulated connections per second of CPU time, home-router to linux-masquerade',
        measured: withRange(rates, '/s'),
        reference: `${brief(1000 / rate)} ms each`,
        target: `≥ ${TARGET_PER_SECOND}/s`,
        met: rate >= TARGET_PER_SECOND,
        values: { perSecond: rate },
      },
    ];
  },
};

/** CPU time, since other processes of the machine would be counted otherwise. */
async function connections(round: number): Promise<number> {
  const { 'home-router': alice, 'linux-masquerade': bob } = simulatedKinds;
  const path = { ...smoothPath, delayMs: 20 };
  const before = process.cpuUsage();
  for (let index = 0; index < RUNS_PER_ROUND; index += 1) {
    const seed = round * RUNS_PER_ROUND + index;
    const { isConnected } = simulate({ alice, bob, path, seed, isRecorded: false });
    if (!isConnected) throw new Error(`seed ${seed} did not connect`);
    // Lets promises that are settled go, and what they hold.
    await undefined;
  }
  const { user, system } = process.cpuUsage(before);
  return (RUNS_PER_ROUND / (user + system)) * 1e6;
}
