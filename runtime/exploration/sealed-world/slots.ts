/** The two links that a client may have to its peer, as fields: what moves with them and what ends with them. */
import {
  ANSWER_KIND,
  CALLS,
  GIVEN,
  HEARD,
  INTRODUCTIONS,
  LINK,
  LINK_CALL,
  LINK_FACTS,
  LINK_PAIR,
  REQUESTED,
  SENT,
} from './fields.ts';
import { PLACES } from './places.ts';
import type { World } from './world.ts';

/** How a call was answered, in `ANSWER_KIND`; over: by a link that has ended. */
export const REFUSED = 1;
export const CROSSED = 2;
export const BY_MAIN = 3;
export const BY_BESIDE = 4;
export const BY_OVER = 5;

export type Slots = {
  /** The link beside takes the main one's place, and the other way round. */
  swap(): void;
  /** The link has ended, or its process has. */
  clear(link: number): void;
  /** Calls that the link has answered are answered by none. */
  disown(link: number): void;
};

export function slotsOf(world: World, who: number): Slots {
  const { row } = world;
  const main = 2 * who;
  const beside = main + 1;
  const own = [LINK, LINK_PAIR, LINK_CALL, LINK_FACTS, SENT, GIVEN];
  const firstRequested = REQUESTED + who * INTRODUCTIONS;

  return {
    swap: () => {
      for (const field of own) exchange(field + main, field + beside);
      for (let place = 0; place < PLACES; place += 1)
        exchange(HEARD + main * PLACES + place, HEARD + beside * PLACES + place);
      const first = ANSWER_KIND + who * 2 * CALLS;
      for (let at = first; at < first + 2 * CALLS; at += 1) {
        if (row[at] === BY_MAIN || row[at] === BY_BESIDE) row[at] = BY_MAIN + BY_BESIDE - (row[at] as number);
      }
      for (let at = firstRequested; at < firstRequested + INTRODUCTIONS; at += 1)
        if (row[at] !== 0) row[at] = 3 - (row[at] as number);
      world.witness?.swapped(LINK + main, LINK + beside);
    },
    clear: (link) => {
      for (const field of own) row[field + link] = 0;
      row.fill(0, HEARD + link * PLACES, HEARD + (link + 1) * PLACES);
      for (let at = firstRequested; at < firstRequested + INTRODUCTIONS; at += 1)
        if (row[at] === 1 + link - main) row[at] = 0;
    },
    disown: (link) => {
      const kind = link === main ? BY_MAIN : BY_BESIDE;
      const first = ANSWER_KIND + who * 2 * CALLS;
      for (let at = first; at < first + 2 * CALLS; at += 1) if (row[at] === kind) row[at] = BY_OVER;
    },
  };

  function exchange(one: number, other: number): void {
    const kept = row[one] as number;
    row[one] = row[other] as number;
    row[other] = kept;
  }
}
