import { ID_BYTES, KEY_BYTES } from '../machines/envelope.ts';
import type { Channel } from './secrecy/noise.ts';
import { markSeen, RING_WORDS, wasSeen } from './secrecy/replay-window.ts';
import { openInto, SEAL_OVERHEAD, sealInto } from './secrecy/seal.ts';
import { NONE, Records } from './tables/records.ts';
import type { SeededHash } from './tables/seeded-hash.ts';
import { SlotIndex } from './tables/slot-index.ts';

/** What is known of a session from its beginning. */
export type SealedBeginning = {
  readonly id: Uint8Array;
  /** The client's. */
  readonly key: Uint8Array;
  readonly channel: Channel;
  /** The client's ephemeral key, which tells the Register that began it from all others. */
  readonly ephemeral: Uint8Array;
  readonly now: number;
};

/** What goes before the sealed part: a number, the session, a counter. */
export const HEADER_BYTES = 1 + ID_BYTES + 8;

/** Requests reach somebody else. What one client may ask for on average and at once. */
const REQUEST_EVERY_MS = 200;
const REQUESTS_AT_ONCE = 50;

/** So much of an ephemeral key tells it from others. Who makes one that begins like another's harms none but itself. */
const EPHEMERAL_BYTES = 16;

/** The words of a record. What takes two is a double. */
const ID = 0;
const KEY = ID + ID_BYTES / 4;
const SEND_KEY = KEY + KEY_BYTES / 4;
const RECEIVE_KEY = SEND_KEY + KEY_BYTES / 4;
const EPHEMERAL = RECEIVE_KEY + KEY_BYTES / 4;
/** One more than the highest counter that came; the ring is of those that came. */
const RECEIVED = EPHEMERAL + EPHEMERAL_BYTES / 4;
const SENT = RECEIVED + 2;
/** When all requests so far will have been earned, at one in so many ms; at first, when it was acknowledged. */
const EARNED_AT = SENT + 2;
/** Which of all sessions it is. */
const ORDER = EARNED_AT + 2;
/** The round trip that its first answer took, in µs. */
const ROUND_TRIP = ORDER + 2;
const RING = ROUND_TRIP + 1;
const SIZE = RING + RING_WORDS;

/** The keys of the sessions of protocol 2, by slots that another table gives out, and what is sealed under them. */
export class SealedSessions {
  readonly #records = new Records(SIZE);
  readonly #hash: SeededHash;
  readonly #ids = new SlotIndex();
  readonly #ephemerals = new SlotIndex();
  /** Sessions so far. */
  #begun = 0;
  /** Ids and ephemeral keys that are sought. */
  readonly #sought = new Uint32Array(KEY_BYTES / 4);
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer);
  readonly #hasId = (slot: number) => this.#matches(slot * SIZE + ID, ID_BYTES / 4);
  readonly #hasEphemeral = (slot: number) => this.#matches(slot * SIZE + EPHEMERAL, EPHEMERAL_BYTES / 4);
  /** The key in use. */
  readonly #key = new Uint8Array(KEY_BYTES);
  readonly #keyWords = new Uint32Array(this.#key.buffer);

  constructor(hash: SeededHash) {
    this.#hash = hash;
  }

  begin(slot: number, { id, key, channel, ephemeral, now }: SealedBeginning): void {
    this.#records.reach(slot);
    const { bytes, doubles } = this.#records;
    const at = (word: number) => 4 * (slot * SIZE + word);
    bytes.set(id, at(ID));
    bytes.set(key, at(KEY));
    bytes.set(channel.sendKey, at(SEND_KEY));
    bytes.set(channel.receiveKey, at(RECEIVE_KEY));
    bytes.set(ephemeral.subarray(0, EPHEMERAL_BYTES), at(EPHEMERAL));
    doubles[at(EARNED_AT) / 8] = now;
    doubles[at(ORDER) / 8] = this.#begun;
    this.#begun += 1;
    this.#ids.add(this.#hash.of(this.#records.words, slot * SIZE + ID, ID_BYTES / 4), slot);
    this.#ephemerals.add(
      this.#hash.of(this.#records.words, slot * SIZE + EPHEMERAL, EPHEMERAL_BYTES / 4),
      slot,
    );
  }

  end(slot: number): void {
    const { words } = this.#records;
    this.#ids.remove(this.#hash.of(words, slot * SIZE + ID, ID_BYTES / 4), slot);
    this.#ephemerals.remove(this.#hash.of(words, slot * SIZE + EPHEMERAL, EPHEMERAL_BYTES / 4), slot);
    words.fill(0, slot * SIZE, (slot + 1) * SIZE);
  }

  /** The session whose id begins at `start`, or {@link NONE}. */
  withId(bytes: Uint8Array, start: number): number {
    return this.#ids.find(this.#seek(bytes, start, ID_BYTES), this.#hasId);
  }

  /** The session that a Register with this ephemeral key has begun, or {@link NONE}. */
  begunBy(ephemeral: Uint8Array): number {
    return this.#ephemerals.find(this.#seek(ephemeral, 0, EPHEMERAL_BYTES), this.#hasEphemeral);
  }

  /** A session's id, as a copy. */
  idOf(slot: number): Uint8Array {
    const start = 4 * (slot * SIZE + ID);
    return this.#records.bytes.slice(start, start + ID_BYTES);
  }

  /** The client's key, as a copy. */
  keyOf(slot: number): Uint8Array {
    const start = 4 * (slot * SIZE + KEY);
    return this.#records.bytes.slice(start, start + KEY_BYTES);
  }

  /** Those that began later have higher numbers. */
  orderOf(slot: number): number {
    return this.#double(slot, ORDER);
  }

  /** The client has answered for the first time. */
  proven(slot: number, now: number): void {
    this.#records.words[slot * SIZE + ROUND_TRIP] = 1000 * (now - this.#double(slot, EARNED_AT));
  }

  /** The time to a proven client and back, in ms, as its first answer took it. */
  roundTripMs(slot: number): number {
    return (this.#records.words[slot * SIZE + ROUND_TRIP] as number) / 1000;
  }

  /** Whether the client may ask for something once more. */
  spendRequest(slot: number, now: number): boolean {
    const earnedAt = Math.max(now, this.#double(slot, EARNED_AT));
    if (earnedAt - now > (REQUESTS_AT_ONCE - 1) * REQUEST_EVERY_MS) return false;
    this.#records.doubles[(slot * SIZE + EARNED_AT) / 2] = earnedAt + REQUEST_EVERY_MS;
    return true;
  }

  /** Opens what a client has sealed into `plain`, or says why it is not to be heeded. */
  open(
    slot: number,
    counter: number,
    header: Uint8Array,
    sealed: Uint8Array,
    plain: Uint8Array,
  ): 'opened' | 'forged' | 'replayed' {
    const { words, doubles } = this.#records;
    const ring = slot * SIZE + RING;
    const received = this.#double(slot, RECEIVED);
    if (sealed.length < SEAL_OVERHEAD) return 'forged';
    if (wasSeen(words, ring, received, counter)) return 'replayed';
    if (!openInto(plain, sealed, header, counter, this.#use(slot, RECEIVE_KEY))) return 'forged';
    doubles[(slot * SIZE + RECEIVED) / 2] = markSeen(words, ring, received, counter);
    return 'opened';
  }

  /** Writes the header of the next datagram to a client, and gives its counter, which is to be used once. */
  next(slot: number, header: Uint8Array): number {
    const { bytes, doubles } = this.#records;
    const counter = this.#double(slot, SENT);
    doubles[(slot * SIZE + SENT) / 2] = counter + 1;
    const start = 4 * (slot * SIZE + ID);
    for (let index = 0; index < ID_BYTES; index += 1) header[1 + index] = bytes[start + index] as number;
    let left = counter;
    for (let index = HEADER_BYTES - 1; index > ID_BYTES; index -= 1) {
      header[index] = left % 256;
      left = Math.floor(left / 256);
    }
    return counter;
  }

  /** Seals for a client, with what {@link next} has given. */
  seal(slot: number, counter: number, header: Uint8Array, plain: Uint8Array, sealed: Uint8Array): void {
    sealInto(sealed, plain, header, counter, this.#use(slot, SEND_KEY));
  }

  #use(slot: number, key: number): Uint8Array {
    const { words } = this.#records;
    const start = slot * SIZE + key;
    for (let index = 0; index < this.#keyWords.length; index += 1)
      this.#keyWords[index] = words[start + index] as number;
    return this.#key;
  }

  #seek(bytes: Uint8Array, start: number, length: number): number {
    for (let index = 0; index < length; index += 1) this.#soughtBytes[index] = bytes[start + index] as number;
    return this.#hash.of(this.#sought, 0, length / 4);
  }

  #matches(start: number, count: number): boolean {
    const { words } = this.#records;
    for (let index = 0; index < count; index += 1)
      if (words[start + index] !== this.#sought[index]) return false;
    return true;
  }

  #double(slot: number, word: number): number {
    return this.#records.doubles[(slot * SIZE + word) / 2] as number;
  }
}
