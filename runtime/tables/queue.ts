import { NONE, type Records } from './records.ts';

/** Two words of each record in which a {@link Queue} keeps who is before and who is after. */
export type Links = { readonly before: number; readonly after: number };

/** Records in the order in which they were put at its end, linked through themselves. A record is in one queue at most. */
export class Queue {
  readonly #records: Records;
  readonly #links: Links;
  #first = NONE;
  #last = NONE;

  constructor(records: Records, links: Links) {
    this.#records = records;
    this.#links = links;
  }

  /** The slot that has waited longest, or {@link NONE}. */
  get first(): number {
    return this.#first;
  }

  append(slot: number): void {
    this.#link(this.#last, slot);
    this.#link(slot, NONE);
  }

  /** Takes out a slot that is in it. */
  remove(slot: number): void {
    const { words, size } = this.#records;
    const start = slot * size;
    this.#link(words[start + this.#links.before] as number, words[start + this.#links.after] as number);
  }

  #link(before: number, after: number): void {
    const { words, size } = this.#records;
    if (before === NONE) this.#first = after;
    else words[before * size + this.#links.after] = after;
    if (after === NONE) this.#last = before;
    else words[after * size + this.#links.before] = before;
  }
}
