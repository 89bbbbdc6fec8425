import { NONE } from './records.ts';

/**
 * Finds slots by the hash of their keys: open addressing, linear probing, and no tombstones. The keys are kept by whoever
 * uses it, with the slots. A slot is a number from 0; each is entered once at most. At most three quarters are in use.
 */
export class SlotIndex {
  /** For each place its slot, plus one so that zero is free, and the hash that led there. */
  #places = new Uint32Array(2 * PLACES_FIRST);
  #mask = PLACES_FIRST - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot with this hash whose key is the one that is sought; {@link NONE} if there is none. */
  find(hash: number, isSought: (slot: number) => boolean): number {
    const places = this.#places;
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const entry = places[2 * place] as number;
      if (entry === 0) return NONE;
      if (places[2 * place + 1] === hash && isSought(entry - 1)) return entry - 1;
    }
  }

  /** Enters a slot whose key is in no other. */
  add(hash: number, slot: number): void {
    if (4 * (this.#size + 1) > 3 * (this.#mask + 1)) this.#grow();
    this.#size += 1;
    this.#put(hash, slot + 1);
  }

  /** Takes a slot out, if it was entered under this hash. */
  remove(hash: number, slot: number): void {
    const places = this.#places;
    let place = hash & this.#mask;
    for (; places[2 * place] !== slot + 1; place = (place + 1) & this.#mask)
      if (places[2 * place] === 0) return;
    this.#size -= 1;
    // What comes after moves up, unless it is at its own place or beyond the gap from there.
    for (let next = (place + 1) & this.#mask; places[2 * next] !== 0; next = (next + 1) & this.#mask) {
      const home = (places[2 * next + 1] as number) & this.#mask;
      if (((next - home) & this.#mask) < ((next - place) & this.#mask)) continue;
      places[2 * place] = places[2 * next] as number;
      places[2 * place + 1] = places[2 * next + 1] as number;
      place = next;
    }
    places[2 * place] = 0;
  }

  #put(hash: number, entry: number): void {
    let place = hash & this.#mask;
    while (this.#places[2 * place] !== 0) place = (place + 1) & this.#mask;
    this.#places[2 * place] = entry;
    this.#places[2 * place + 1] = hash;
  }

  #grow(): void {
    const former = this.#places;
    this.#places = new Uint32Array(2 * former.length);
    this.#mask = former.length - 1;
    for (let place = 0; place < former.length; place += 2) {
      const entry = former[place] as number;
      if (entry !== 0) this.#put(former[place + 1] as number, entry);
    }
  }
}

const PLACES_FIRST = 64;
