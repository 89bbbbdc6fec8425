import { type Benchmark, brief, type Figure, median, noiseOf, type Progress, withRange } from './figures.ts';
import { Helper } from './helper.ts';
import type { CrowdGreeting, RequestAnswer, RequestQuestion } from './request-host.ts';

/** The first two are alike, so that what differs between equal processes counts as noise too. */
const CROWDS = [100, 100, 10_000, 100_000] as const;
const ROUNDS = 15;
const REQUESTS_PER_ROUND = 4000;

type Host = Helper<CrowdGreeting, RequestQuestion, RequestAnswer>;

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
      return [
        ...figuresOf('same two clients', fixed),
        ...figuresOf('any two clients', spread),
        memoryOf(hosts),
      ];
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
    const ratio = median(rounds) / median(reference);
    return {
      what: `CPU per request of ${who}, ${count.toLocaleString('en')} registered`,
      measured: `${withRange(rounds, 'µs')}, ratio ${brief(ratio)}`,
      reference: `100 registered ${withRange(reference, 'µs')}, noise ${brief(noise)}`,
      target: 'ratio within noise',
      met: ratio <= noise,
      values: { cpuMicros: median(rounds), referenceMicros: median(reference), ratio, noise },
    };
  });
}

function memoryOf(hosts: readonly Host[]): Figure {
  const count = CROWDS[3];
  const { heapBytes, residentBytes } = hosts[3]?.greeting ?? {
    heapBytes: Number.NaN,
    residentBytes: Number.NaN,
  };
  return {
    what: `memory per client, ${count.toLocaleString('en')} registered`,
    measured: `${brief(heapBytes / count)} bytes of heap, ${brief(residentBytes / count)} resident`,
    reference: '',
    target: '',
    values: { heapBytesPerClient: heapBytes / count, residentBytesPerClient: residentBytes / count },
  };
}
