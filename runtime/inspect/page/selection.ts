import { type Actor, type Item, stepAt } from './history.ts';
import type { Scene } from './scene.ts';

/** Charts that are shown at once, at most. */
export const SHOWN_MAX = 6;

/** Charts that are shown while nobody has chosen any. */
const CHOSEN_FOR_YOU_MAX = 3;

/** Whose charts are shown: those that were chosen, or the ones that matter most. */
export class Selection {
  readonly #chosen: string[] = [];

  get isAutomatic(): boolean {
    return this.#chosen.length === 0;
  }

  has(actor: Actor): boolean {
    return this.#chosen.includes(actor.key);
  }

  /** Shows one actor alone; or nobody in particular, if it was that one. */
  choose(actor: Actor): void {
    const isOnly = this.#chosen.length === 1 && this.has(actor);
    this.#chosen.splice(0, this.#chosen.length, ...(isOnly ? [] : [actor.key]));
  }

  /** Shows one more, or one less. */
  toggle(actor: Actor): void {
    const place = this.#chosen.indexOf(actor.key);
    if (place >= 0) this.#chosen.splice(place, 1);
    else this.#chosen.push(actor.key);
    if (this.#chosen.length > SHOWN_MAX) this.#chosen.shift();
  }

  clear(): void {
    this.#chosen.length = 0;
  }

  /** The actors to show at a place in the scene, in a steady order. */
  actorsIn(scene: Scene, order: number, item: Item | undefined): readonly Actor[] {
    const chosen = this.#chosen.flatMap((key) => scene.actors.get(key) ?? []);
    if (chosen.length > 0) return chosen;
    const begun = [...scene.actors.values()].filter((actor) => stepAt(actor, order) !== undefined);
    const best = new Map<string, Actor>();
    for (const actor of begun) {
      const known = best.get(actor.host.key);
      if (known === undefined || weightOf(actor, order, item) >= weightOf(known, order, item)) {
        best.set(actor.host.key, actor);
      }
    }
    return [...best.values()]
      .sort((one, other) => (one.host.name < other.host.name ? -1 : 1))
      .slice(0, CHOSEN_FOR_YOU_MAX);
  }
}

/** Links before clients and sessions; among equals, those that live, and those that began later. */
function weightOf(actor: Actor, order: number, item: Item | undefined): number {
  const isLink = actor.chart.name === 'link' ? 4 : 0;
  const isServing = actor.chart.name === 'session' ? 2 : 0;
  const hasEnded = stepAt(actor, order)?.details.ended !== undefined;
  const isActing = item?.kind === 'step' && item.actor === actor ? 1 : 0;
  return (hasEnded ? 0 : 8) + isLink + isServing + isActing;
}
