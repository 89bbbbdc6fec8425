import type { Random } from '../../ambient.ts';
import { KEY_BYTES } from '../../secrecy/keys.ts';
import { Names } from '../../tables/names.ts';
import { NONE, Records } from '../../tables/records.ts';
import { SeededHash } from '../../tables/seeded-hash.ts';
import { SlotIndex } from '../../tables/slot-index.ts';
import type { Lease } from './leases.ts';

/** The words of a lease: the key, when it was renewed, and the name. */
const KEY = 0;
const RENEWED_AT = KEY + KEY_BYTES / 4;
const NAME = RENEWED_AT + 2;
const NAME_LENGTH = NAME + 1;
const SIZE = NAME_LENGTH + 1;

/** Leases by their names, in some 80 bytes each: a map of objects would take 300. */
export class LeaseTable {
  readonly #records = new Records(SIZE);
  readonly #names = new Names();
  readonly #index = new SlotIndex();
  readonly #hash: SeededHash;
  readonly #hasName = (slot: number) =>
    this.#names.isSought(this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));

  constructor(random: Random, leases: Iterable<readonly [string, Lease]> = []) {
    this.#hash = new SeededHash(random);
    for (const [name, lease] of leases) this.set(name, lease);
  }

  get size(): number {
    return this.#records.inUse;
  }

  get(name: string): Lease | undefined {
    const slot = this.#find(name);
    return slot === NONE ? undefined : this.#leaseAt(slot);
  }

  has(name: string): boolean {
    return this.#find(name) !== NONE;
  }

  set(name: string, { key, renewedAtMs }: Lease): void {
    let slot = this.#find(name);
    if (slot === NONE) slot = this.#enter();
    this.#records.bytes.set(key, 4 * (slot * SIZE + KEY));
    this.#records.doubles[(slot * SIZE + RENEWED_AT) / 2] = renewedAtMs;
  }

  delete(name: string): void {
    const slot = this.#find(name);
    if (slot === NONE) return;
    this.#index.remove(this.#names.hash(this.#hash), slot);
    this.#names.free(this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));
    this.#records.free(slot);
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, Lease]> {
    for (let slot = 0; slot < this.#records.reached; slot += 1) {
      const length = this.#word(slot, NAME_LENGTH);
      if (length > 0) yield [this.#names.text(this.#word(slot, NAME), length), this.#leaseAt(slot)];
    }
  }

  #find(name: string): number {
    this.#names.seekText(name);
    return this.#index.find(this.#names.hash(this.#hash), this.#hasName);
  }

  /** A lease without a key yet, for the name that is sought. */
  #enter(): number {
    const slot = this.#records.take();
    this.#records.words[slot * SIZE + NAME] = this.#names.put();
    this.#records.words[slot * SIZE + NAME_LENGTH] = this.#names.length;
    this.#index.add(this.#names.hash(this.#hash), slot);
    return slot;
  }

  #leaseAt(slot: number): Lease {
    const { bytes, doubles } = this.#records;
    const start = 4 * (slot * SIZE + KEY);
    return {
      key: bytes.slice(start, start + KEY_BYTES),
      renewedAtMs: doubles[(slot * SIZE + RENEWED_AT) / 2] as number,
    };
  }

  #word(slot: number, word: number): number {
    return this.#records.words[slot * SIZE + word] as number;
  }
}
