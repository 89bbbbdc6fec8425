import type { PackedEndpoint } from '../transport.ts';
import type { Libc } from './libc.ts';
import { MSG_DONTWAIT } from './linux.ts';
import { nameBytesOf, writeName } from './names.ts';
import { NAME_STRIDE, Slots } from './slots.ts';
import type { KernelSocket } from './socket.ts';

/** Datagrams that wait for the kernel at most. The next are dropped, as a router drops what its queue does not hold. */
const QUEUE_MAX = 1024;

/** Room in the queue for a datagram: more than Ethernet carries. Longer ones are sent alone. */
export const ROOM_BYTES = 2048;

/** Room for one that is sent alone: more than UDP carries, so that it is the kernel that refuses too much. */
const ALONE_BYTES = 65_536;

/** Sent together, however many more are to come: what lies ready while the rest is prepared is late for nothing. */
const BATCH = 64;

/** Shorter ones are copied faster byte by byte than by a call. */
const SHORT_BYTES = 64;

/** What is to be sent on one socket. */
export class Outgoing {
  readonly #socket: KernelSocket;
  readonly #libc: Libc;
  readonly #slots: Slots;
  readonly #failed: (to: DataView, offset: number, code: string) => void;
  #alone: Slots | undefined;
  /** Slots from `first` to below `end` wait. */
  #first = 0;
  #end = 0;
  #isBlocked = false;
  #isOutOfBuffers = false;

  /** `failed` hears of a datagram that was not sent: where its name is, and why. */
  constructor(
    libc: Libc,
    socket: KernelSocket,
    failed: (names: DataView, offset: number, code: string) => void,
  ) {
    this.#libc = libc;
    this.#socket = socket;
    this.#failed = failed;
    this.#slots = new Slots(libc, QUEUE_MAX, nameBytesOf(socket.isIpv6), ROOM_BYTES, ROOM_BYTES);
  }

  /** Whether the kernel takes no more until the socket is writable. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get isEmpty(): boolean {
    return this.#end === this.#first;
  }

  /** Whether enough waits to be sent together. */
  get isBatch(): boolean {
    return this.#end - this.#first >= BATCH && !this.#isBlocked;
  }

  /** Queues the first `length` bytes, which are {@link ROOM_BYTES} at most. Returns the code of the failure, or undefined. */
  push(to: PackedEndpoint, bytes: Uint8Array, length: number): string | undefined {
    const slot = this.#end;
    if (slot === QUEUE_MAX) return 'ENOBUFS';
    if (!writeName(this.#slots.names, slot * NAME_STRIDE, this.#socket.isIpv6, to)) return 'EAFNOSUPPORT';
    copy(bytes, length, this.#slots.datagrams[slot] as Uint8Array);
    this.#slots.setLength(slot, length);
    this.#end = slot + 1;
    return undefined;
  }

  /** Sends one datagram at once, before what waits. Returns the code of the failure, or undefined. */
  sendAlone(to: PackedEndpoint, bytes: Uint8Array, length: number): string | undefined {
    if (length > ALONE_BYTES) return 'EMSGSIZE';
    this.#alone ??= new Slots(this.#libc, 1, nameBytesOf(this.#socket.isIpv6), ALONE_BYTES, ALONE_BYTES);
    if (!writeName(this.#alone.names, 0, this.#socket.isIpv6, to)) return 'EAFNOSUPPORT';
    copy(bytes, length, this.#alone.datagrams[0] as Uint8Array);
    this.#alone.setLength(0, length);
    return this.#sendWhole(this.#alone, 0);
  }

  /** Hands what waits to the kernel, as much of it as the kernel takes. */
  flush(): void {
    this.#isBlocked = false;
    while (this.#first < this.#end) {
      const sent = this.#slots.send(this.#socket.number, this.#first, this.#end - this.#first, MSG_DONTWAIT);
      if (sent > 0) {
        this.#first += sent;
        this.#isOutOfBuffers = false;
      } else if (!this.#passOver(this.#libc.error())) return;
    }
    this.#first = 0;
    this.#end = 0;
  }

  /** Whether to go on after the first datagram could not be sent. */
  #passOver(code: string): boolean {
    if (code === 'EINTR') return true;
    const isFull = code === 'EAGAIN' || (code === 'ENOBUFS' && !this.#isOutOfBuffers);
    if (isFull) {
      // A socket out of buffers may be writable all the same: it gets one more chance, or we would turn in circles.
      this.#isOutOfBuffers = code === 'ENOBUFS';
      this.#isBlocked = true;
      return false;
    }
    const slot = this.#first;
    this.#first += 1;
    this.#isOutOfBuffers = false;
    const fault = code === 'EMSGSIZE' ? this.#sendWhole(this.#slots, slot) : code;
    if (fault !== undefined) this.#failed(this.#slots.names, slot * NAME_STRIDE, fault);
    return true;
  }

  /** Sends one slot, in fragments if the way is too narrow. Returns the code of the failure, or undefined. */
  #sendWhole(slots: Slots, slot: number): string | undefined {
    let code: string | undefined;
    this.#socket.mayFragment(true);
    do {
      code = slots.send(this.#socket.number, slot, 1, MSG_DONTWAIT) < 0 ? this.#libc.error() : undefined;
    } while (code === 'EINTR');
    this.#socket.mayFragment(false);
    return code;
  }
}

function copy(bytes: Uint8Array, length: number, into: Uint8Array): void {
  if (length > SHORT_BYTES) return into.set(length === bytes.length ? bytes : bytes.subarray(0, length));
  for (let index = 0; index < length; index += 1) into[index] = bytes[index] as number;
}
