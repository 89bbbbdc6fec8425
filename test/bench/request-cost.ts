import { type Benchmark, brief, type Figure, median, noiseOf, type Progress, withRange } from './figures.ts';
import { Helper } from './helper.ts';
import type { RequestAnswer, RequestQuestion } from './request-host.ts';

/** The first two are alike, so that what differs between equal processes counts as noise too. */
const CROWDS = [100, 100, 10_000, 1_000_000] as const;
const ROUNDS = 15;
const REQUESTS_PER_ROUND = 20_000;
/** How far apart introductions a second may be, whatever the crowd. */
const RATIO_MAX = 1.2;

type Host = Helper<object, RequestQuestion, RequestAnswer>;

/** What a request costs the server, without a kernel. Each crowd has its own process, so that each has its own heap. */
export const requestCost: Benchmark = {
  async run(progress) {
    const hosts: Host[] = [];
    try {
      for (const count of CROWDS) {
        progress(`registering ${count}`, hosts.length / CROWDS.length);
        hosts.push(await Helper.start('./request-host.ts', [String(count)]));
      }
      const fixed = await measure(hosts, 'fixed', progress);
      const spread = await measure(hosts, 'spread', progress);
      return [...figuresOf('same two clients', fixed), ...figuresOf('any two clients', spread)];
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
    }
  },
};

/** µs of CPU time per request: for each crowd, the rounds. */
async function measure(
  hosts: readonly Host[],
  pairs: RequestQuestion['pairs'],
  progress: Progress,
): Promise<number[][]> {
  const costs: number[][] = hosts.map(() => []);
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [index, host] of hosts.entries()) {
      const { cpuMicros } = await host.ask({ requests: REQUESTS_PER_ROUND, pairs });
      if (round >= 0) costs[index]?.push(cpuMicros / REQUESTS_PER_ROUND);
    }
    progress(`requests between ${pairs} pairs`, Math.max(0, round + 1) / ROUNDS);
  }
  return costs;
}

function figuresOf(who: string, costs: readonly number[][]): Figure[] {
  const reference = [...(costs[0] ?? []), ...(costs[1] ?? [])];
  const noise = noiseOf(reference);
  return CROWDS.slice(2).map((count, index) => {
    const rounds = costs[index + 2] ?? [];
    const [rates, few] = [rounds, reference].map((costs) => costs.map((micros) => 1e6 / micros)) as [
      number[],
      number[],
    ];
    const ratio = median(few) / median(rates);
    return {
      what: `introductions a second of ${who}, ${count.toLocaleString('en')} registered, without the kernel`,
      measured: `${withRange(rates, 'a second')}, ${brief(ratio)} times as long`,
      reference: `100 registered ${withRange(few, 'a second')}, noise ${brief(noise)}`,
      target: `at most ${RATIO_MAX} times as long`,
      met: ratio <= RATIO_MAX,
      values: { perSecond: median(rates), referencePerSecond: median(few), ratio, noise },
    };
  });
}
