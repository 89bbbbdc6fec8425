import { type Endpoint, isIpv6, networkOf } from '../machines/endpoint.ts';
import type { Clock } from './ambient.ts';
import { LRUMap } from './structures.ts';

/**
 * How many datagrams one source may send: `perSecond` on average, `burst` at once. Generous by default, since hundreds
 * of people can share the address of one carrier-grade NAT.
 */
export type AdmissionLimits = { readonly perSecond: number; readonly burst: number };

export const DEFAULT_ADMISSION: AdmissionLimits = { perSecond: 1000, burst: 4000 };

/** Sources remembered at once. The one that was silent longest is forgotten, and forgiven, first. */
const SOURCES_MAX = 65_536;

/** Room for sources at first. All of the room there may be would be 1.3 MB for a server that few talk to. */
const SOURCES_FIRST = 256;

/** A token bucket for each source address, consulted before a datagram is decoded. */
export class Admission {
  readonly #clock: Clock;
  readonly #limits: AdmissionLimits;
  #buckets = new LRUMap<string, Bucket>(SOURCES_FIRST);

  constructor(clock: Clock, limits: AdmissionLimits = DEFAULT_ADMISSION) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Whether a datagram from here is within its source's budget, which it uses up a little. */
  admits(from: Endpoint): boolean {
    const { perSecond, burst } = this.#limits;
    const source = sourceOf(from);
    const now = this.#clock.now();
    const bucket = this.#buckets.get(source);
    if (bucket === undefined) {
      this.#makeRoom();
      this.#buckets.set(source, { tokens: burst - 1, filledAt: now });
      return burst >= 1;
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1000);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #makeRoom(): void {
    const { size, capacity } = this.#buckets;
    if (size < capacity || capacity === SOURCES_MAX) return;
    const newestFirst = [...this.#buckets];
    this.#buckets = new LRUMap(capacity * 2);
    for (const [source, bucket] of newestFirst.reverse()) this.#buckets.set(source, bucket);
  }
}

type Bucket = { tokens: number; filledAt: number };

/** One customer's addresses: an IPv4 address, or an IPv6 /64 network. */
function sourceOf({ address }: Endpoint): string {
  return isIpv6(address) ? networkOf(address) : address;
}
