/** What the situations of charts have in common, whichever protocol they are of, as small numbers. */
import type { Automaton } from '../automaton.ts';

/** Phases as numbers: under way, there (registered or connected), punching, over. */
export const BUSY = 0;
export const THERE = 1;
export const PUNCHING = 2;
export const OVER = 3;

/** The number of what a chart calls its phase. */
export function phaseNumber(phase: string): number {
  if (OVER_PHASES.includes(phase)) return OVER;
  if (phase === 'registered' || phase === 'connected') return THERE;
  return phase === 'punching' ? PUNCHING : BUSY;
}

/** The timers of 5 s and more, as bits. */
export function slowTimersOf({ situations, timers }: Automaton): number {
  const least = new Map<string, number>();
  for (const { armed } of situations)
    for (const { timer, delayMs } of armed) least.set(timer, Math.min(delayMs, least.get(timer) ?? delayMs));
  return timers.reduce(
    (mask, id, index) => ((least.get(id) ?? 0) >= SLOW_MS ? mask | (1 << index) : mask),
    0,
  );
}

const OVER_PHASES = ['failed', 'stopped', 'lost', 'left', 'closed', 'expired', 'replaced', 'forgotten'];

const SLOW_MS = 5_000;
