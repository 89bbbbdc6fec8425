import { NAME_BYTES_MAX } from '../../machines/name.ts';
import type { SeededHash } from './seeded-hash.ts';

/**
 * The bytes of names, in blocks of 16 bytes of one array. A name is a reference: where its blocks begin, and how many
 * bytes it has. What was freed goes to names of as many blocks.
 */
export class Names {
  #words = new Uint32Array(WORDS_FIRST);
  #bytes = new Uint8Array(this.#words.buffer);
  /** Where the next blocks begin that were never used. Reference 0 is no name. */
  #end = 1;
  /** By the number of blocks: the first of those that are free, each of which holds the next. */
  readonly #free = new Uint32Array(BLOCKS_MAX + 1);
  /** The name that is sought or put: zeros after its end, up to a whole block. */
  readonly #sought = new Uint32Array(WORDS_MAX);
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer);
  #length = 0;

  /** The bytes that the sought name has. */
  get length(): number {
    return this.#length;
  }

  get soughtText(): string {
    return decoder.decode(this.#soughtBytes.subarray(0, this.#length));
  }

  /** Makes some bytes, 1 to 63, the name that {@link isSought} and {@link put} are about. */
  seek(bytes: Uint8Array, start: number, length: number): void {
    const sought = this.#soughtBytes;
    const end = BLOCK_BYTES * blocksFor(length);
    for (let index = 0; index < length; index += 1) sought[index] = bytes[start + index] as number;
    for (let index = length; index < end; index += 1) sought[index] = 0;
    this.#length = length;
  }

  seekText(name: string): void {
    const { written } = encoder.encodeInto(name, this.#soughtBytes);
    this.#soughtBytes.fill(0, written);
    this.#length = written;
  }

  /** Of the sought name. */
  hash(hash: SeededHash): number {
    return hash.of(this.#sought, 0, BLOCK_WORDS * blocksFor(this.#length));
  }

  /** Of a name that is kept: the same as if it were sought. */
  hashKept(hash: SeededHash, reference: number, length: number): number {
    return hash.of(this.#words, reference * BLOCK_WORDS, BLOCK_WORDS * blocksFor(length));
  }

  /** Whether a name that is kept is the sought one. */
  isSought(reference: number, length: number): boolean {
    if (length !== this.#length) return false;
    const start = reference * BLOCK_WORDS;
    const end = BLOCK_WORDS * blocksFor(length);
    for (let index = 0; index < end; index += 1)
      if (this.#words[start + index] !== this.#sought[index]) return false;
    return true;
  }

  /** Keeps the sought name. */
  put(): number {
    const blocks = blocksFor(this.#length);
    const reference = this.#room(blocks);
    this.#words.set(this.#sought.subarray(0, BLOCK_WORDS * blocks), reference * BLOCK_WORDS);
    return reference;
  }

  free(reference: number, length: number): void {
    const blocks = blocksFor(length);
    this.#words[reference * BLOCK_WORDS] = this.#free[blocks] as number;
    this.#free[blocks] = reference;
  }

  text(reference: number, length: number): string {
    const start = reference * BLOCK_BYTES;
    return decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** Copies a name to a place in `out`. */
  copy(reference: number, length: number, out: Uint8Array, place: number): void {
    const start = reference * BLOCK_BYTES;
    for (let index = 0; index < length; index += 1) out[place + index] = this.#bytes[start + index] as number;
  }

  #room(blocks: number): number {
    const reference = this.#free[blocks] as number;
    if (reference !== 0) {
      this.#free[blocks] = this.#words[reference * BLOCK_WORDS] as number;
      return reference;
    }
    this.#end += blocks;
    if (this.#end * BLOCK_WORDS > this.#words.length) this.#grow();
    return this.#end - blocks;
  }

  #grow(): void {
    const former = this.#words;
    this.#words = new Uint32Array(2 * former.length);
    this.#words.set(former);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }
}

const BLOCK_BYTES = 16;
const BLOCK_WORDS = BLOCK_BYTES / 4;
const BLOCKS_MAX = blocksFor(NAME_BYTES_MAX);
const WORDS_MAX = BLOCK_WORDS * BLOCKS_MAX;
const WORDS_FIRST = 64 * BLOCK_WORDS;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function blocksFor(length: number): number {
  return (length + BLOCK_BYTES - 1) >> 4;
}
