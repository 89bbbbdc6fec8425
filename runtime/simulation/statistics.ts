import { protocolOneConnects, protocolOneConnectsInside, protocolTwoConnectsInside } from './oracle.ts';
import type { Run, Scenario } from './run.ts';

/** Many runs in a few numbers. */
export type Statistics = {
  readonly runs: number;
  readonly connected: number;
  /** Whether the oracle says that these two connect. */
  readonly expected: boolean;
  /** Runs that came out as the oracle says. */
  readonly agreeing: number;
  /** From the call until both were connected; undefined if nobody ever was. */
  readonly connectedMs?: Percentiles;
  /** How often runs ended so that did not connect, as `punchingFailed, uncalled`: alice's ending, bob's. */
  readonly endings: Readonly<Record<string, number>>;
  /** The first run that came out otherwise than the oracle says. */
  readonly firstSeedAgainst?: number;
  /** The run that took longest to connect. */
  readonly slowestSeed?: number;
};

export type Percentiles = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
};

/** What the oracle says about a scenario. */
export function isExpected({ alice, bob, protocol }: Pick<Scenario, 'alice' | 'bob' | 'protocol'>): boolean {
  if (bob !== 'same') return protocolOneConnects(alice, bob);
  return protocol === 2 ? protocolTwoConnectsInside(alice) : protocolOneConnectsInside(alice);
}

/** Adds up runs of one scenario. */
export class Tally {
  readonly #expected: boolean;
  readonly #times: number[] = [];
  readonly #endings = new Map<string, number>();
  #runs = 0;
  #connected = 0;
  #firstSeedAgainst: number | undefined;
  #slowest: { readonly seed: number; readonly connectedMs: number } | undefined;

  constructor(scenario: Pick<Scenario, 'alice' | 'bob' | 'protocol'>) {
    this.#expected = isExpected(scenario);
  }

  add({ seed, alice, bob, isConnected, connectedMs = 0 }: Run): void {
    this.#runs += 1;
    if (isConnected !== this.#expected) this.#firstSeedAgainst ??= seed;
    if (isConnected) {
      this.#connected += 1;
      this.#times.push(connectedMs);
      if (connectedMs > (this.#slowest?.connectedMs ?? -1)) this.#slowest = { seed, connectedMs };
    } else {
      const ending = `${alice.ending}, ${bob.ending}`;
      this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
    }
  }

  statistics(): Statistics {
    const failed = this.#runs - this.#connected;
    const percentiles = percentilesOf(this.#times);
    return {
      runs: this.#runs,
      connected: this.#connected,
      expected: this.#expected,
      agreeing: this.#expected ? this.#connected : failed,
      ...(percentiles === undefined ? {} : { connectedMs: percentiles }),
      endings: Object.fromEntries(this.#endings),
      ...(this.#firstSeedAgainst === undefined ? {} : { firstSeedAgainst: this.#firstSeedAgainst }),
      ...(this.#slowest === undefined ? {} : { slowestSeed: this.#slowest.seed }),
    };
  }
}

/** By the nearest rank: each is a value that was measured. */
function percentilesOf(times: readonly number[]): Percentiles | undefined {
  if (times.length === 0) return undefined;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
