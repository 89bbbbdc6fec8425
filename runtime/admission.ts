import type { Clock } from './ambient.ts';
import { isPackedIpv4 } from './packed-endpoint.ts';
import { Queue } from './tables/queue.ts';
import { NONE, Records } from './tables/records.ts';
import type { SeededHash } from './tables/seeded-hash.ts';
import { SlotIndex } from './tables/slot-index.ts';
import type { PackedEndpoint } from './transport.ts';

/**
 * How many datagrams one source may send: `perSecond` on average, `burst` at once. Generous by default, since hundreds
 * of people can share the address of one carrier-grade NAT.
 */
export type AdmissionLimits = { readonly perSecond: number; readonly burst: number };

export const DEFAULT_ADMISSION: AdmissionLimits = { perSecond: 1000, burst: 4000 };

/** Sources remembered at once. The one that was silent longest is forgotten, and forgiven, first. */
const SOURCES_MAX = 65_536;

/** A token bucket's record: the source, the tokens, when they were counted, and its place in the order of silence. */
const SOURCE = 0;
const TOKENS = 2;
const FILLED_AT = 4;
const LINKS = { before: 6, after: 7 };
const SIZE = 8;

/** A token bucket for each source address, consulted before a datagram is decoded. */
export class Admission {
  readonly #clock: Clock;
  readonly #limits: AdmissionLimits;
  readonly #hash: SeededHash;
  readonly #buckets = new Records(SIZE);
  readonly #index = new SlotIndex();
  readonly #bySilence = new Queue(this.#buckets, LINKS);
  /** The source that is sought. */
  readonly #source = new Uint32Array(2);
  readonly #isSought = (slot: number) => this.#isOf(slot);

  constructor(clock: Clock, hash: SeededHash, limits: AdmissionLimits = DEFAULT_ADMISSION) {
    this.#clock = clock;
    this.#limits = limits;
    this.#hash = hash;
  }

  /** Whether a datagram from here is within its source's budget, which it uses up a little. */
  admits(from: PackedEndpoint): boolean {
    const { perSecond, burst } = this.#limits;
    const hash = this.#seek(from);
    const now = this.#clock.now();
    const known = this.#index.find(hash, this.#isSought);
    if (known === NONE) {
      this.#enter(hash, burst - 1, now);
      return burst >= 1;
    }
    this.#bySilence.remove(known);
    this.#bySilence.append(known);
    const { doubles } = this.#buckets;
    const [tokensAt, filledAt] = [(known * SIZE + TOKENS) / 2, (known * SIZE + FILLED_AT) / 2];
    const filled = (doubles[tokensAt] as number) + ((now - (doubles[filledAt] as number)) * perSecond) / 1000;
    const tokens = Math.min(burst, filled);
    doubles[filledAt] = now;
    doubles[tokensAt] = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }

  /** One customer's addresses are one source: an IPv4 address, or an IPv6 network of 64 bits. */
  #seek(from: PackedEndpoint): number {
    const source = this.#source;
    const isIpv4 = isPackedIpv4(from);
    // No network is like an IPv4 address, as those that begin with 0xffff are multicast.
    source[0] = isIpv4 ? 0xffff_ffff : from.word0;
    source[1] = isIpv4 ? from.word3 : from.word1;
    return this.#hash.of(source, 0, source.length);
  }

  #isOf(slot: number): boolean {
    const { words } = this.#buckets;
    const start = slot * SIZE + SOURCE;
    return words[start] === this.#source[0] && words[start + 1] === this.#source[1];
  }

  #enter(hash: number, tokens: number, now: number): void {
    if (this.#buckets.inUse === SOURCES_MAX) this.#forget(this.#bySilence.first);
    const slot = this.#buckets.take();
    const { words, doubles } = this.#buckets;
    const start = slot * SIZE;
    words.set(this.#source, start + SOURCE);
    doubles[(start + TOKENS) / 2] = tokens;
    doubles[(start + FILLED_AT) / 2] = now;
    this.#bySilence.append(slot);
    this.#index.add(hash, slot);
  }

  #forget(slot: number): void {
    const { words } = this.#buckets;
    this.#bySilence.remove(slot);
    this.#index.remove(this.#hash.of(words, slot * SIZE + SOURCE, 2), slot);
    this.#buckets.free(slot);
  }
}
