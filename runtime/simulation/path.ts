import type { Random } from '../ambient.ts';

/** What happens to datagrams between a household and the core of the network, in either direction. */
export type Path = {
  readonly delayMs: number;
  /** Added at random, from 0 to below this. */
  readonly jitterMs: number;
  /** From 0 to 1, as are the next two. */
  readonly loss: number;
  /** How many come twice. */
  readonly duplication: number;
  /** How many are held back by up to a round trip more, so that later ones overtake them. */
  readonly reordering: number;
};

export const smoothPath: Path = { delayMs: 0, jitterMs: 0, loss: 0, duplication: 0, reordering: 0 };

export function chance(random: Random, probability: number): boolean {
  return probability > 0 && random() < probability;
}

/** How long one datagram takes. */
export function delayOf({ delayMs, jitterMs, reordering }: Path, random: Random): number {
  const jitter = jitterMs > 0 ? jitterMs * random() : 0;
  const held = chance(random, reordering) ? random() * 2 * Math.max(delayMs, HELD_BACK_MS_MIN) : 0;
  return delayMs + jitter + held;
}

/** Where nothing takes time, nothing could be overtaken otherwise. */
const HELD_BACK_MS_MIN = 10;
