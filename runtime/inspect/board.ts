import { CircularBuffer } from '../structures.ts';
import type { Frame } from './frames.ts';

/** Live actors remembered at once. The one that did nothing for longest is forgotten first. */
export const ACTORS_MAX = 1000;

/** The newest steps of live actors, for whoever comes late. */
export const STEPS_MAX = 2000;

/** What somebody who comes late is told: every live actor, where it is, and its newest steps. */
export class Board {
  readonly #actors = new Map<string, { readonly registration: Frame; readonly snapshot?: Frame }>();
  readonly #steps = new CircularBuffer<Frame>(Array, STEPS_MAX);

  get size(): number {
    return this.#actors.size;
  }

  record(frame: Frame): void {
    if (frame.kind === 'registration') return this.#enter(frame);
    const known = this.#actors.get(frame.actor);
    if (known === undefined) return;
    // Entered anew, since a Map's order is then the order of the last activity.
    this.#actors.delete(frame.actor);
    if (frame.isLast) return;
    this.#actors.set(frame.actor, frame.kind === 'snapshot' ? { ...known, snapshot: frame } : known);
    this.#steps.push(frame);
  }

  /** Forgets all actors of one source. */
  forget(prefix: string): void {
    for (const actor of this.#actors.keys()) if (actor.startsWith(prefix)) this.#actors.delete(actor);
  }

  /** Every live actor's registration, then the latest snapshot of each. */
  *essentials(): IterableIterator<Frame> {
    for (const { registration } of this.#actors.values()) yield registration;
    for (const { snapshot } of this.#actors.values()) if (snapshot !== undefined) yield snapshot;
  }

  /** The essentials, then the steps that led there as far as they are remembered. */
  *everything(): IterableIterator<Frame> {
    yield* this.essentials();
    for (const step of this.#steps) if (this.#actors.has(step.actor)) yield step;
  }

  #enter(registration: Frame): void {
    this.#actors.delete(registration.actor);
    this.#actors.set(registration.actor, { registration });
    const [idlest] = this.#actors.keys();
    if (this.#actors.size > ACTORS_MAX && idlest !== undefined) this.#actors.delete(idlest);
  }
}
