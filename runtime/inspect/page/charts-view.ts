import { ChartCard } from './chart-card.ts';
import type { Drawings } from './drawings.ts';
import { type Actor, type Step, stepAt } from './history.ts';

/** The charts that are shown, side by side. */
export class ChartsView {
  readonly #place: HTMLElement;
  readonly #drawings: Drawings;
  readonly #since = Date.now();
  #cards = new Map<string, ChartCard>();
  readonly #seen = new Map<string, Step | undefined>();

  constructor(place: HTMLElement, drawings: Drawings) {
    this.#place = place;
    this.#drawings = drawings;
  }

  show(actors: readonly Actor[], order: number, now: number, isLive: boolean): void {
    const cards = new Map(
      actors.map(
        (actor) => [actor.key, this.#cards.get(actor.key) ?? new ChartCard(actor, this.#drawings)] as const,
      ),
    );
    const roots = [...cards.values()].map(({ root }) => root);
    const isSame =
      roots.length === this.#place.childElementCount &&
      roots.every((root, index) => this.#place.children[index] === root);
    if (!isSame) {
      this.#place.replaceChildren(...roots);
      // What is put into its place anew begins at its top.
      for (const card of cards.values()) card.center();
    }
    this.#place.dataset.count = String(roots.length);
    this.#cards = cards;
    for (const actor of actors) {
      const step = stepAt(actor, order);
      // Charts are quicker than frames: of what is live, all that was taken since the last frame is shown.
      const seen = isLive ? this.#seen.get(actor.key) : undefined;
      const first = seen === undefined ? this.#firstFor(actor, step, isLive) : seen.index + 1;
      cards.get(actor.key)?.show(step, actor.steps.slice(first, (step?.index ?? -1) + 1), now);
      this.#seen.set(actor.key, step);
    }
  }

  /** Of an actor that began while we looked on, everything is news. */
  #firstFor(actor: Actor, step: Step | undefined, isLive: boolean): number {
    return isLive && actor.beganAt >= this.#since ? 0 : (step?.index ?? 0);
  }

  zoomBy(factor: number): void {
    for (const card of this.#cards.values()) card.zoomBy(factor);
  }
}
