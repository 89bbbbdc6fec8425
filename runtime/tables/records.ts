/**
 * Numbered records of equal size in one array, so that a record lies together in memory. Slots that are free are used
 * again, the one freed last first. The array doubles when it is full; whoever holds on to {@link words} across an
 * {@link take} holds the former one.
 */
export class Records {
  /** All of them as unsigned words of 32 bits: record `slot` begins at `slot * size`. */
  words: Uint32Array;
  /** The same memory as bytes, and as doubles. */
  bytes: Uint8Array;
  doubles: Float64Array;
  /** Words of one record: an even number, so that it may hold doubles. */
  readonly size: number;
  #inUse = 0;
  #reached = 0;
  #free = NONE;

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array(size * SLOTS_FIRST);
    this.bytes = new Uint8Array(this.words.buffer);
    this.doubles = new Float64Array(this.words.buffer);
  }

  /** How many are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** All slots in use are below this. */
  get reached(): number {
    return this.#reached;
  }

  /** A slot that is free, filled with zeros. */
  take(): number {
    this.#inUse += 1;
    if (this.#free !== NONE) {
      const slot = this.#free;
      this.#free = this.words[slot * this.size] as number;
      this.words[slot * this.size] = 0;
      return slot;
    }
    if (this.#reached * this.size === this.words.length) this.#grow();
    this.#reached += 1;
    return this.#reached - 1;
  }

  /** Gives a slot back. What was in it is gone. */
  free(slot: number): void {
    this.words.fill(0, slot * this.size, (slot + 1) * this.size);
    this.words[slot * this.size] = this.#free;
    this.#free = slot;
    this.#inUse -= 1;
  }

  /** Makes room for a slot that another table gives out. */
  reach(slot: number): void {
    while ((slot + 1) * this.size > this.words.length) this.#grow();
  }

  #grow(): void {
    const former = this.words;
    this.words = new Uint32Array(2 * former.length);
    this.words.set(former);
    this.bytes = new Uint8Array(this.words.buffer);
    this.doubles = new Float64Array(this.words.buffer);
  }
}

/** No slot. */
export const NONE = 0xffff_ffff;

const SLOTS_FIRST = 64;
