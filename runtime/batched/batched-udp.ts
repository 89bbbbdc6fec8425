import type { Endpoint } from '../../machines/endpoint.ts';
import { inNextTurn } from '../ambient.ts';
import { pack, unpack } from '../packed-endpoint.ts';
import type { PackedEndpoint, PackedReceiver, PackedTransport, Receiver } from '../transport.ts';
import { BATCH, Incoming } from './incoming.ts';
import type { Libc, Watch } from './libc.ts';
import { readName } from './names.ts';
import { Outgoing, ROOM_BYTES } from './outgoing.ts';
import type { KernelSocket } from './socket.ts';

/** Reads in a row before timers and other sockets have their turn. */
const READS_AT_ONCE = 16;

/** What the kernel notes about a short datagram that waits, with the datagram, in bytes. */
const WAITING_BYTES = 768;

/** A UDP socket that takes and gives as many datagrams a system call as there are. */
export class BatchedUdp implements PackedTransport {
  readonly local: Endpoint;
  isBehind = false;
  readonly #socket: KernelSocket;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #watch: Watch;
  readonly #to = nowhere();
  readonly #unsentTo = nowhere();
  readonly #readInTurn = () => this.#read();
  #receiver: PackedReceiver | undefined;
  #isOpen = true;
  /** A read, or a flush, is under way or will be. */
  #isReading = false;
  #isFlushing = false;
  #overflows = 0;

  constructor(libc: Libc, socket: KernelSocket) {
    this.local = socket.local;
    this.#socket = socket;
    this.#incoming = new Incoming(libc, socket.number, socket.isIpv6);
    this.#outgoing = new Outgoing(libc, socket, (names, offset, code) => {
      readName(names, offset, socket.isIpv6, this.#unsentTo);
      this.#receiver?.sendFailed?.(unpack(this.#unsentTo), code);
    });
    this.#watch = libc.watch(socket.number, () => this.#ready());
  }

  get overflows(): number {
    if (this.#isOpen) this.#overflows = this.#socket.overflows;
    return this.#overflows;
  }

  listen(receiver: Receiver): void {
    this.listenPacked({
      datagram: (from, bytes, length) => receiver.datagram(unpack(from), bytes.subarray(0, length)),
      sendFailed: (to, code) => receiver.sendFailed?.(to, code),
    });
  }

  listenPacked(receiver: PackedReceiver): void {
    this.#receiver = receiver;
  }

  send(to: Endpoint, bytes: Uint8Array, hops?: number): void {
    if (!this.#isOpen) return;
    if (!pack(to, this.#to)) return this.#receiver?.sendFailed?.(to, 'EINVAL');
    if (hops === undefined) return this.sendPacked(this.#to, bytes, bytes.length);
    // What was sent before must not be limited too.
    this.#flush();
    const isLimited = this.#socket.limitHops(hops);
    const code = isLimited ? this.#outgoing.sendAlone(this.#to, bytes, bytes.length) : 'EINVAL';
    this.#socket.limitHops(undefined);
    if (code !== undefined) this.#receiver?.sendFailed?.(to, code);
  }

  sendPacked(to: PackedEndpoint, bytes: Uint8Array, length: number): void {
    if (!this.#isOpen) return;
    const isLong = length > ROOM_BYTES;
    if (isLong || this.#outgoing.isBatch) this.#flush();
    const code = isLong
      ? this.#outgoing.sendAlone(to, bytes, length)
      : this.#outgoing.push(to, bytes, length);
    if (code !== undefined) this.#receiver?.sendFailed?.(unpack(to), code);
    // What is read is answered together; what comes from elsewhere leaves when its turn of the event loop is over.
    if (this.#isFlushing || this.#outgoing.isEmpty) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.#flushInTurn());
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#flush();
    this.#overflows = this.#socket.overflows;
    this.#isOpen = false;
    this.#watch.close();
    this.#socket.close();
  }

  /** The event loop calls this outside of any turn of JavaScript: nothing may throw here, and promises would wait. */
  #ready(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    inNextTurn(this.#readInTurn);
  }

  #read(): void {
    this.#isFlushing = true;
    try {
      if (this.#outgoing.isBlocked) this.#flush();
      for (let reads = 0; this.#isOpen && reads < READS_AT_ONCE; reads += 1) {
        if (this.#incoming.isEmpty) this.#readMore();
        const isAll = this.#deliver() < BATCH;
        this.#flush();
        if (isAll) break;
      }
    } finally {
      this.#isReading = false;
      this.#isFlushing = false;
      // A receiver that has thrown has lost its own datagram only.
      if (this.#isOpen && !this.#incoming.isEmpty) this.#ready();
    }
  }

  #readMore(): void {
    const isFull = this.#incoming.read() === BATCH;
    this.isBehind = isFull && this.#socket.waitingBytes >= BATCH * WAITING_BYTES;
  }

  /** Returns how many there were. */
  #deliver(): number {
    const incoming = this.#incoming;
    let count = 0;
    while (this.#isOpen && incoming.take()) {
      count += 1;
      // Port 0 means that no answer is wanted (RFC 768), and nobody that we could answer is there.
      if (incoming.from.port !== 0) this.#receiver?.datagram(incoming.from, incoming.bytes, incoming.length);
    }
    return count;
  }

  #flushInTurn(): void {
    this.#isFlushing = false;
    this.#flush();
  }

  #flush(): void {
    if (!this.#isOpen || this.#outgoing.isEmpty) return;
    const wasBlocked = this.#outgoing.isBlocked;
    this.#outgoing.flush();
    if (this.#outgoing.isBlocked !== wasBlocked) this.#watch.alsoWritable(this.#outgoing.isBlocked);
  }
}

function nowhere(): PackedEndpoint {
  return { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
}
