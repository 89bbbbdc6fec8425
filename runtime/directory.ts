import { packedEndpoint, sameEndpoint } from './packed-endpoint.ts';
import type { Sessions } from './sessions/sessions.ts';
import { NONE } from './tables/records.ts';
import type { SeededHash } from './tables/seeded-hash.ts';
import { SlotIndex } from './tables/slot-index.ts';
import type { PackedEndpoint } from './transport.ts';

/**
 * Which sessions are registered: one for a name, one for an endpoint, each found at once however many there are. Knows
 * them by their slots.
 */
export class Directory {
  readonly #sessions: Pick<Sessions, 'names' | 'isSought' | 'hashOfName' | 'locate'>;
  readonly #hash: SeededHash;
  readonly #names = new SlotIndex();
  readonly #endpoints = new SlotIndex();
  readonly #key = new Uint32Array(5);
  #sought: PackedEndpoint = packedEndpoint();
  readonly #found = packedEndpoint();
  readonly #hasName = (slot: number) => this.#sessions.isSought(slot);
  readonly #isThere = (slot: number) => this.#isAtSought(slot);

  constructor(sessions: Pick<Sessions, 'names' | 'isSought' | 'hashOfName' | 'locate'>, hash: SeededHash) {
    this.#sessions = sessions;
    this.#hash = hash;
  }

  /** The session of the name that is sought, or {@link NONE}. */
  named(): number {
    return this.#names.find(this.#sessions.names.hash(this.#hash), this.#hasName);
  }

  /** The session at an endpoint, or {@link NONE}. */
  at(endpoint: PackedEndpoint): number {
    this.#sought = endpoint;
    return this.#endpoints.find(this.#hashOf(endpoint), this.#isThere);
  }

  /** Enters a session whose name and endpoint are both free. */
  enter(slot: number): void {
    this.#names.add(this.#sessions.hashOfName(slot, this.#hash), slot);
    this.#sessions.locate(slot, this.#found);
    this.#endpoints.add(this.#hashOf(this.#found), slot);
  }

  /** A session is about to go to another endpoint, which is free. */
  move(slot: number, to: PackedEndpoint): void {
    this.#sessions.locate(slot, this.#found);
    this.#endpoints.remove(this.#hashOf(this.#found), slot);
    this.#endpoints.add(this.#hashOf(to), slot);
  }

  remove(slot: number): void {
    this.#names.remove(this.#sessions.hashOfName(slot, this.#hash), slot);
    this.#sessions.locate(slot, this.#found);
    this.#endpoints.remove(this.#hashOf(this.#found), slot);
  }

  #hashOf({ word0, word1, word2, word3, port }: PackedEndpoint): number {
    const key = this.#key;
    key[0] = word0;
    key[1] = word1;
    key[2] = word2;
    key[3] = word3;
    key[4] = port;
    return this.#hash.of(key, 0, key.length);
  }

  #isAtSought(slot: number): boolean {
    this.#sessions.locate(slot, this.#found);
    return sameEndpoint(this.#found, this.#sought);
  }
}
