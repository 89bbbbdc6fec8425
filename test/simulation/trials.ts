/** Runs in which anything may befall a pair for a while, and then nothing any more: one for each seed. */
import type { Access } from '../../runtime/simulation/behaviour.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import type { Mishap } from '../../runtime/simulation/mishap.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import type { Scenario } from '../../runtime/simulation/run.ts';

export type Trial = Scenario & {
  readonly mishaps: readonly Mishap[];
  readonly names: readonly [string, string];
  /** From here on every datagram that NATs let through arrives, and nothing befalls anybody. */
  readonly calmAtMs: number;
};

/** The same trial for the same seed. */
export function trialOf(seed: number, protocol: 1 | 2 = 1): Trial {
  const random = seededRandom(seed);
  const below = (limit: number) => random() * limit;
  const oneOf = <Value>(values: readonly Value[]) => values[Math.floor(below(values.length))] as Value;
  const kinds = Object.entries<Access>(simulatedKinds);
  const [[callerName, alice], [calledName, bob]] = [oneOf(kinds), oneOf(kinds)];
  const calmAtMs = 1_000 + below(WILD_MS_MAX);
  const mishap = (): Mishap => {
    const type = oneOf(['leave', 'reboot', 'reboot', 'outage'] as const);
    const [one, other] = [below(calmAtMs), below(calmAtMs)];
    const side = oneOf(['alice', 'bob'] as const);
    if (type === 'leave') return { type, atMs: one, who: side };
    if (type === 'reboot') return { type, atMs: one, whose: side };
    return { type, atMs: Math.min(one, other), lastsMs: Math.abs(one - other) };
  };
  const mishaps = Array.from({ length: Math.floor(below(4)) }, mishap);
  const path = {
    delayMs: below(150),
    jitterMs: below(50),
    ...{ loss: below(0.4), duplication: below(0.2), reordering: below(0.2) },
  };
  return {
    ...{ alice, bob, path, seed, protocol, calmAtMs, lingerMs: LINGER_MS },
    names: [callerName, calledName],
    mishaps: [...mishaps, { type: 'calm', atMs: calmAtMs }],
  };
}

const WILD_MS_MAX = 40_000;

/** Longer than every wait of the charts after that. */
const LINGER_MS = 260_000;
