import { CircularBuffer } from '../structures.ts';
import type { Line } from './lines.ts';

/** Living actors remembered at once. The one that did nothing for longest is forgotten first. */
export const ACTORS_MAX = 2000;

/** Ended actors whose steps may still be remembered. */
export const ENDED_MAX = 2000;

/** The newest steps and datagrams, for whoever comes late. */
export const STEPS_MAX = 20_000;

/** The same of a recording, which is remembered whole. */
export const RECORDED_STEPS_MAX = 1_000_000;

/** Words and charts of one process. Its charts have some hundred. */
const WORDS_MAX = 20_000;

/** `order` counts what was recorded before the latest step. */
type Known = { readonly registration: Line; readonly latest?: Line; readonly order: number };

/** What somebody who comes late is told of one process: its actors, where they are, and its newest steps. */
export class Board {
  readonly #lasting = new Map<string, Line>();
  readonly #living = new Map<Line['about'], Known>();
  readonly #ended = new CircularBuffer<Known>(Array, ENDED_MAX);
  readonly #steps: Ring<Line>;
  #count = 0;

  constructor(stepsMax = STEPS_MAX) {
    this.#steps = new Ring(stepsMax);
  }

  /** Living actors. */
  get size(): number {
    return this.#living.size;
  }

  record(line: Line): void {
    switch (line.kind) {
      case 'word':
      case 'chart':
      case 'lifelines':
      case 'crowd':
        if (this.#lasting.size < WORDS_MAX) this.#lasting.set(`${line.kind} ${line.about}`, line);
        return;
      case 'found':
        return;
      case 'actor':
        return this.#enter(line);
      case 'step':
        this.#advance(line);
    }
    this.#count += 1;
    this.#steps.push(line);
  }

  /** What lasts, every actor, and the latest step of each; those that have ended last. */
  *essentials(): IterableIterator<Line> {
    yield* this.#lasting.values();
    yield* this.#actors(() => true);
  }

  /** The same, but of actors that have ended only those with steps among the newest, which come after it in order. */
  *everything(): IterableIterator<Line> {
    const oldest = this.#count - this.#steps.size;
    yield* this.#lasting.values();
    yield* this.#actors(({ order }) => order < oldest, oldest);
    yield* this.#steps;
  }

  *#actors(isLatestTold: (actor: Known) => boolean, endedSince = 0): IterableIterator<Line> {
    const ended = [...this.#ended].filter(({ order }) => order >= endedSince);
    for (const actors of [this.#living.values(), ended]) {
      for (const actor of actors) {
        yield actor.registration;
        if (actor.latest !== undefined && isLatestTold(actor)) yield actor.latest;
      }
    }
  }

  #enter(registration: Line): void {
    this.#living.delete(registration.about);
    this.#living.set(registration.about, { registration, order: this.#count });
    const [idlest] = this.#living.keys();
    if (this.#living.size > ACTORS_MAX && idlest !== undefined) this.#end(idlest);
  }

  #advance(line: Line): void {
    const known = this.#living.get(line.about);
    if (known === undefined) return;
    // Entered anew, since a Map's order is then the order of the last activity.
    this.#living.delete(line.about);
    this.#living.set(line.about, { ...known, latest: line, order: this.#count });
    if (line.isLast) this.#end(line.about);
  }

  #end(actor: Line['about']): void {
    const known = this.#living.get(actor);
    this.#living.delete(actor);
    if (known !== undefined) this.#ended.push(known);
  }
}

/** The newest so many items. It grows as they come: most processes have few. */
class Ring<Item> {
  readonly #max: number;
  #items: Item[] = [];
  #start = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    if (this.#items.length < this.#max) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#start] = item;
    this.#start = (this.#start + 1) % this.#max;
  }

  *[Symbol.iterator](): IterableIterator<Item> {
    for (let index = 0; index < this.#items.length; index += 1) {
      yield this.#items[(this.#start + index) % this.#items.length] as Item;
    }
  }
}
