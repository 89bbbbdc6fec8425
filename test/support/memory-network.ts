/**
 * A network in memory and in virtual time: sockets behind accesses that delay, lose, double and reorder what passes.
 * Equal seeds give equal runs, packet for packet.
 */
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../machines/endpoint.ts';
import { decode, type Malformed, type Message } from '../../machines/wire.ts';
import type { Random } from '../../runtime/ambient.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** What happens to a datagram in one direction of an access. */
export type Direction = {
  readonly delayMs: number;
  /** Added at random from 0 to below this, which reorders what is sent closer together. */
  readonly jitterMs: number;
  /** From 0 to 1. */
  readonly loss: number;
  /** From 0 to 1: how many datagrams come twice. */
  readonly duplication: number;
};

/** How a socket hangs on the network. */
export type Access = {
  readonly up: Direction;
  readonly down: Direction;
  /** Between the socket and the middle of the network; each costs a datagram one hop. */
  readonly routers: number;
};

/** A datagram as the network saw it being sent. */
export type Passage = {
  readonly atMs: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly message: Message | Malformed;
  readonly hops: number;
  /** `dead` means that its hops were used up, `lost` that chance or {@link MemoryNetwork.withholds} took it. */
  readonly fate: 'carried' | 'lost' | 'dead';
};

/** An access that treats both directions alike. */
export function access({ routers = 1, ...options }: Partial<Direction> & { routers?: number } = {}): Access {
  const direction = { delayMs: 0, jitterMs: 0, loss: 0, duplication: 0, ...options };
  return { up: direction, down: direction, routers };
}

/** An endpoint for a test, which has spelled it well. */
export function endpoint(text: string): Endpoint {
  const parsed = parseEndpoint(text);
  if (parsed === undefined) throw new Error(`${text} is not an endpoint`);
  return parsed;
}

export class MemoryNetwork {
  readonly clock = createVirtualClock();
  readonly random: Random;
  /** Every datagram that was sent, in order. */
  readonly log: Passage[] = [];
  /** Takes a datagram away, whatever chance says. */
  withholds: (passage: Passage) => boolean = () => false;
  /** Hears of every datagram that is sent, and its bytes, which are valid during the call only. */
  overhears: (passage: Passage, bytes: Uint8Array) => void = () => {};
  readonly #sockets = new Map<string, MemorySocket>();

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  /** A socket at an address and port, which must be free. */
  open(where: string, through: Access = access()): Transport {
    if (this.#sockets.has(where)) throw new Error(`${where} is in use`);
    const socket = new MemorySocket(endpoint(where), through, this);
    this.#sockets.set(where, socket);
    return socket;
  }

  /** The messages of one type that were sent, or all. */
  sent(type?: Message['type']): readonly Passage[] {
    return this.log.filter(
      ({ message }) => typeof message !== 'string' && message.type === (type ?? message.type),
    );
  }

  carry(from: MemorySocket, to: Endpoint, bytes: Uint8Array, hops: number): void {
    const target = this.#sockets.get(formatEndpoint(to));
    const routers = from.access.routers + (target?.access.routers ?? 0);
    const seen = { atMs: this.clock.now(), from: from.local, to, message: decode(bytes), hops };
    const fate = hops <= routers ? 'dead' : this.#isLost(from, target) ? 'lost' : 'carried';
    const attempt: Passage = { ...seen, fate };
    const passage: Passage =
      fate === 'carried' && this.withholds(attempt) ? { ...attempt, fate: 'lost' } : attempt;
    this.log.push(passage);
    this.overhears(passage, bytes);
    if (passage.fate !== 'carried' || target === undefined) return;
    const copies =
      this.#chance(from.access.up.duplication) || this.#chance(target.access.down.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = this.#delayOf(from.access.up) + this.#delayOf(target.access.down);
      const carried = bytes.slice();
      this.clock.setTimeout(
        () => this.#sockets.get(formatEndpoint(to))?.deliver(from.local, carried),
        delayMs,
      );
    }
  }

  /** Delivers a datagram at once, in the name of whoever. False if there is no socket to get it. */
  forge(from: Endpoint, to: Endpoint, bytes: Uint8Array): boolean {
    const target = this.#sockets.get(formatEndpoint(to));
    target?.deliver(from, bytes.slice());
    return target !== undefined;
  }

  leave(socket: MemorySocket): void {
    this.#sockets.delete(formatEndpoint(socket.local));
  }

  #isLost(from: MemorySocket, target: MemorySocket | undefined): boolean {
    return this.#chance(from.access.up.loss) || this.#chance(target?.access.down.loss ?? 0);
  }

  #delayOf({ delayMs, jitterMs }: Direction): number {
    return jitterMs === 0 ? delayMs : delayMs + jitterMs * this.random();
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }
}

class MemorySocket implements Transport {
  readonly local: Endpoint;
  readonly access: Access;
  readonly #network: MemoryNetwork;
  #receiver: Receiver | undefined;
  #isOpen = true;

  constructor(local: Endpoint, through: Access, network: MemoryNetwork) {
    this.local = local;
    this.access = through;
    this.#network = network;
  }

  send(to: Endpoint, bytes: Uint8Array, hops = 64): void {
    if (this.#isOpen) this.#network.carry(this, to, bytes, hops);
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#network.leave(this);
  }

  /** Spoils the bytes afterwards, as a socket that reuses its buffer does. */
  deliver(from: Endpoint, bytes: Uint8Array): void {
    this.#receiver?.datagram(from, bytes);
    bytes.fill(0xff);
  }
}
