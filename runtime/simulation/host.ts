import { type Endpoint, isIpv6 } from '../../machines/endpoint.ts';
import type { Receiver, Transport } from '../transport.ts';
import type { Household } from './household.ts';

/** What a host is plugged into. */
export type Wire = {
  send(host: Host, to: Endpoint, bytes: Uint8Array, hops: number | undefined): void;
  unplug(host: Host): void;
};

/** A socket in a simulated network, on a host of its own. */
export class Host implements Transport {
  readonly name: string;
  #household: Household | undefined;
  #locals: readonly [Endpoint, ...Endpoint[]];
  readonly #wire: Wire;
  #receiver: Receiver | undefined;
  #isOpen = true;

  constructor(
    name: string,
    household: Household | undefined,
    locals: readonly [Endpoint, ...Endpoint[]],
    wire: Wire,
  ) {
    this.name = name;
    this.#household = household;
    this.#locals = locals;
    this.#wire = wire;
  }

  get household(): Household | undefined {
    return this.#household;
  }

  /** One for each version of IP it has. */
  get locals(): readonly [Endpoint, ...Endpoint[]] {
    return this.#locals;
  }

  get local(): Endpoint {
    return this.locals[0];
  }

  /** The address it sends from. */
  localFor(to: Endpoint): Endpoint {
    const sameVersion = ({ address }: Endpoint) => isIpv6(address) === isIpv6(to.address);
    return this.locals.find(sameVersion) ?? this.local;
  }

  send(to: Endpoint, bytes: Uint8Array, hops?: number): void {
    if (this.#isOpen) this.#wire.send(this, to, bytes, hops);
  }

  /** The machine comes to another network, and its socket with it. */
  carryTo(household: Household, local: Endpoint): void {
    this.#household = household;
    this.#locals = [local];
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#wire.unplug(this);
  }

  /** Spoils the bytes afterwards, as a socket that reuses its buffer does. */
  deliver(from: Endpoint, bytes: Uint8Array): void {
    this.#receiver?.datagram(from, bytes);
    bytes.fill(0xff);
  }
}
