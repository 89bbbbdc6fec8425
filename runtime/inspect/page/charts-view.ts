import { ChartCard } from './chart-card.ts';
import type { Drawings } from './drawings.ts';
import { type Actor, type Step, stepAt } from './history.ts';

/** The charts that are shown, side by side. */
export class ChartsView {
  readonly #place: HTMLElement;
  readonly #drawings: Drawings;
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
    if (!isSame) this.#place.replaceChildren(...roots);
    this.#place.dataset.count = String(roots.length);
    this.#cards = cards;
    for (const actor of actors) {
      const step = stepAt(actor, order);
      const isFresh = isLive && this.#seen.has(actor.key) && this.#seen.get(actor.key) !== step;
      cards.get(actor.key)?.show(step, isFresh || !isLive, now);
      this.#seen.set(actor.key, step);
    }
  }

  zoomBy(factor: number): void {
    for (const card of this.#cards.values()) card.zoomBy(factor);
  }
}
