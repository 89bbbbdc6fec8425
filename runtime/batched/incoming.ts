import type { PackedEndpoint } from '../transport.ts';
import type { Libc } from './libc.ts';
import { MSG_DONTWAIT } from './linux.ts';
import { nameBytesOf, readName } from './names.ts';
import { NAME_STRIDE, Slots } from './slots.ts';

/** Datagrams taken by one call. */
export const BATCH = 64;

/** Room for the longest datagram. Memory that no long one has ever come to is not there in truth. */
const ROOM_BYTES = 65_536;

/** A little more than the room, so that the beginnings of datagrams do not fight for the same lines of the cache. */
const STRIDE = ROOM_BYTES + 192;

/** What the kernel had for us at one socket when it was asked last. */
export class Incoming {
  /** Who sent the datagram that {@link take} has taken. */
  readonly from: PackedEndpoint = { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
  bytes: Uint8Array;
  length = 0;
  readonly #socket: number;
  readonly #isIpv6: boolean;
  readonly #libc: Libc;
  readonly #slots: Slots;
  #next = 0;
  #count = 0;

  constructor(libc: Libc, socket: number, isIpv6: boolean) {
    this.#libc = libc;
    this.#socket = socket;
    this.#isIpv6 = isIpv6;
    this.#slots = new Slots(libc, BATCH, nameBytesOf(isIpv6), ROOM_BYTES, STRIDE);
    this.bytes = this.#slots.datagrams[0] as Uint8Array;
  }

  /** Whether there are any that were not taken. */
  get isEmpty(): boolean {
    return this.#next === this.#count;
  }

  /** Asks the kernel for more, when all were taken. How many there are; none may be an error, which passes. */
  read(): number {
    let count = this.#slots.receive(this.#socket, MSG_DONTWAIT);
    while (count < 0 && this.#libc.error() === 'EINTR')
      count = this.#slots.receive(this.#socket, MSG_DONTWAIT);
    this.#next = 0;
    this.#count = Math.max(0, count);
    return this.#count;
  }

  /** Makes the next datagram the current one. False if there is none. */
  take(): boolean {
    if (this.#next === this.#count) return false;
    const slot = this.#next;
    this.#next = slot + 1;
    this.bytes = this.#slots.datagrams[slot] as Uint8Array;
    this.length = this.#slots.receivedLength(slot);
    readName(this.#slots.names, slot * NAME_STRIDE, this.#isIpv6, this.from);
    return true;
  }
}
