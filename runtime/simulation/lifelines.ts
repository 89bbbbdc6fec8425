import type { Household } from './household.ts';
import { SERVER } from './network.ts';

/** Somebody in a sequence diagram. What is `onTheWay` is passed through by the arrows that cross it. */
export type Lifeline = { readonly name: string; readonly isOnTheWay: boolean };

/** Alice and bob at the edges, each with the boxes beside; or side by side in one household. Others are in the middle. */
export function lifelinesOf(
  alice: Household,
  bob: Household,
  others: readonly Household[] = [],
): readonly Lifeline[] {
  const boxes = (household: Household) => household.boxes.map(({ name }) => ({ name, isOnTheWay: true }));
  const host = (name: string) => ({ name, isOnTheWay: false });
  const elsewhere = others.flatMap(boxes);
  if (alice === bob) return [host('alice'), host('bob'), ...boxes(alice), ...elsewhere, host(SERVER)];
  return [host('alice'), ...boxes(alice), ...elsewhere, host(SERVER), ...boxes(bob).reverse(), host('bob')];
}
