/**
 * What happened, in order, for one reader who may come late. Holds the newest {@link capacity} items that were not
 * read yet: a reader who is too slow misses the oldest, and `missed` says how many.
 */
export class Feed<Item> implements AsyncIterable<Item> {
  readonly capacity: number;
  missed = 0;
  readonly #unread: Item[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(capacity = 1024) {
    this.capacity = capacity;
  }

  /** Whether the next item takes the place of one that was not read. */
  get isFull(): boolean {
    return this.#unread.length === this.capacity;
  }

  push(item: Item): void {
    if (this.#isOver) return;
    if (this.isFull) {
      this.missed += 1;
      this.#unread.shift();
    }
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
      while (this.#unread.length > 0) yield this.#unread.shift() as Item;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
