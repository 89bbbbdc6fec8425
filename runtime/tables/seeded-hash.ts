import type { Random } from '../ambient.ts';

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein): 32 bits over words of 32 bits. Who does not know the seed cannot choose
 * keys that meet in one place of a table, which would make each look-up a search.
 */
export class SeededHash {
  readonly #first: number;
  readonly #second: number;

  constructor(random: Random) {
    this.#first = Math.floor(random() * 2 ** 32) | 0;
    this.#second = Math.floor(random() * 2 ** 32) | 0;
  }

  /** Of the `count` words from `start` on. An unsigned number. */
  of(words: Uint32Array, start: number, count: number): number {
    let v0 = this.#first;
    let v1 = this.#second;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    // The words, then their number, then three rounds that only mix.
    for (let index = 0; index < count + 4; index += 1) {
      const word = index < count ? (words[start + index] as number) : index === count ? count << 26 : 0;
      if (index === count + 1) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return (v1 ^ v3) >>> 0;
  }
}
