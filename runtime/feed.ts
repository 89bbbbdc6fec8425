import { CircularBuffer } from './structures.ts';

/**
 * What happened, in order, for one reader who may come late. Holds the newest {@link capacity} items that were not
 * read yet: a reader who is too slow misses the oldest, and `missed` says how many.
 */
export class Feed<Item> implements AsyncIterable<Item> {
  readonly capacity: number;
  missed = 0;
  readonly #unread: CircularBuffer<Item>;
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(capacity = 1024) {
    this.capacity = capacity;
    this.#unread = new CircularBuffer(Array, capacity);
  }

  push(item: Item): void {
    if (this.#isOver) return;
    if (this.#unread.size === this.capacity) this.missed += 1;
    this.#unread.push(item);
    this.#wake?.();
  }

  /** No more will come; the reader ends after what is there. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    for (;;) {
      while (this.#unread.size > 0) yield this.#unread.shift() as Item;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
