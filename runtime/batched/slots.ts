import type { Libc } from './libc.ts';
import { IOVEC, MMSGHDR } from './linux.ts';

/**
 * The memory that recvmmsg and sendmmsg work on: message headers in a row, each with a name (a socket address) and room
 * for one datagram. Allocated once. The kernel knows it by address only, so it lives as long as this is referenced.
 */
export class Slots {
  /** The bytes of each slot, from their start to the end of their room. */
  readonly datagrams: readonly Uint8Array[];
  /** All names, one each {@link NAME_STRIDE} bytes. */
  readonly names: DataView;
  readonly #libc: Libc;
  readonly #headers: Uint32Array;
  readonly #parts: Uint32Array;
  readonly #headersAt: number;

  /** Names are `nameBytes` long; rooms of `roomBytes` begin every `stride` bytes. */
  constructor(libc: Libc, count: number, nameBytes: number, roomBytes: number, stride: number) {
    const room = new Uint8Array(count * stride);
    const headers = new DataView(new ArrayBuffer(count * MMSGHDR.bytes));
    const parts = new DataView(new ArrayBuffer(count * IOVEC.bytes));
    this.#libc = libc;
    this.names = new DataView(new ArrayBuffer(count * NAME_STRIDE));
    this.#headers = new Uint32Array(headers.buffer);
    this.#parts = new Uint32Array(parts.buffer);
    this.#headersAt = libc.addressOf(this.#headers);
    this.datagrams = Array.from({ length: count }, (_, slot) =>
      room.subarray(slot * stride, slot * stride + roomBytes),
    );
    const [namesAt, partsAt, roomAt] = [this.names, this.#parts, room].map((memory) =>
      libc.addressOf(memory),
    );
    for (let slot = 0; slot < count; slot += 1) {
      const part = slot * IOVEC.bytes;
      setPointer(parts, part + IOVEC.base, (roomAt as number) + slot * stride);
      setPointer(parts, part + IOVEC.length, roomBytes);
      const header = slot * MMSGHDR.bytes;
      setPointer(headers, header + MMSGHDR.name, (namesAt as number) + slot * NAME_STRIDE);
      headers.setUint32(header + MMSGHDR.nameLength, nameBytes, true);
      setPointer(headers, header + MMSGHDR.parts, (partsAt as number) + part);
      setPointer(headers, header + MMSGHDR.partCount, 1);
    }
  }

  /** Fills slots from the first with what waits. How many, or -1. */
  receive(socket: number, flags: number): number {
    return this.#libc.recvmmsg(socket, this.#headersAt, this.datagrams.length, flags, 0);
  }

  /** How many bytes the slot was filled with. */
  receivedLength(slot: number): number {
    return this.#headers[(slot * MMSGHDR.bytes + MMSGHDR.length) >> 2] as number;
  }

  /** Sends `count` slots from `first`. How many were sent, or -1 if the first cannot be. */
  send(socket: number, first: number, count: number, flags: number): number {
    return this.#libc.sendmmsg(socket, this.#headersAt + first * MMSGHDR.bytes, count, flags);
  }

  /** How many bytes of the slot are to be sent. */
  setLength(slot: number, length: number): void {
    this.#parts[(slot * IOVEC.bytes + IOVEC.length) >> 2] = length;
  }
}

/** Room for the longest name, on a boundary that every field likes. */
export const NAME_STRIDE = 32;

function setPointer(view: DataView, offset: number, value: number): void {
  view.setBigUint64(offset, BigInt(value), true);
}
