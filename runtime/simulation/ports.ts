import type { Endpoint } from '../../machines/endpoint.ts';
import type { Random } from '../ambient.ts';
import type { NatBehaviour } from './behaviour.ts';

/** Which external endpoint a NAT's new mapping gets. */
export class Ports {
  readonly #behaviour: NatBehaviour;
  readonly #addresses: readonly string[];
  readonly #random: Random;
  /** The external address of each inner one. */
  readonly #homes = new Map<string, string>();
  /** For each external address, the number of the block that an inner address has there. */
  readonly #blocks = new Map<string, Map<string, number>>();
  #counted = 0;

  constructor(behaviour: NatBehaviour, addresses: readonly string[], random: Random) {
    this.#behaviour = behaviour;
    this.#addresses = addresses;
    this.#random = random;
  }

  /** A free endpoint for a mapping of `inner`, or undefined if there is none. */
  allocate(inner: Endpoint, isFree: (outer: Endpoint) => boolean): Endpoint | undefined {
    const address = this.#addressFor(inner.address);
    const isFreePort = (port: number) => isFree({ address, port });
    const port = this.#portFor(inner, address, isFreePort);
    return port === undefined ? undefined : { address, port };
  }

  /** Any free port at all of an address: what a NAT resorts to when the one it wants is taken. */
  elsewhere(address: string, isFree: (outer: Endpoint) => boolean): Endpoint | undefined {
    const port = this.#anyOf(anyPort, (candidate) => isFree({ address, port: candidate }));
    return port === undefined ? undefined : { address, port };
  }

  #portFor(inner: Endpoint, address: string, isFree: (port: number) => boolean): number | undefined {
    switch (this.#behaviour.allocation) {
      case 'preserving':
        return isFree(inner.port) ? inner.port : this.#anyOf(anyPort, isFree);
      case 'range':
        return this.#anyOf(portsNoHostUses, isFree);
      case 'random':
        return this.#anyOf(anyPort, isFree);
      case 'sequential':
        return this.#nextOf(countedPorts, isFree);
      case 'block':
        return this.#anyOf(this.#blockOf(inner.address, address), isFree);
    }
  }

  #addressFor(inner: string): string {
    const [first = '', second] = this.#addresses;
    if (second === undefined) return first;
    if (this.#behaviour.pooling === 'arbitrary') return this.#pick();
    const home = this.#homes.get(inner) ?? this.#pick();
    this.#homes.set(inner, home);
    return home;
  }

  #pick(): string {
    return this.#addresses[Math.floor(this.#random() * this.#addresses.length)] ?? '';
  }

  #blockOf(inner: string, address: string): Range {
    const taken = this.#blocks.get(address) ?? new Map<string, number>();
    this.#blocks.set(address, taken);
    const number = taken.get(inner) ?? taken.size;
    taken.set(inner, number);
    const size = this.#behaviour.blockSize ?? BLOCK_SIZE;
    const first = anyPort.first + number * size;
    return { first, last: Math.min(first + size - 1, anyPort.last) };
  }

  #anyOf({ first, last }: Range, isFree: (port: number) => boolean): number | undefined {
    const count = last - first + 1;
    if (count < 1) return undefined;
    const start = Math.floor(this.#random() * count);
    for (let step = 0; step < count; step += 1) {
      const port = first + ((start + step) % count);
      if (isFree(port)) return port;
    }
    return undefined;
  }

  #nextOf({ first, last }: Range, isFree: (port: number) => boolean): number | undefined {
    const count = last - first + 1;
    for (let step = 0; step < count; step += 1) {
      const port = first + (this.#counted % count);
      this.#counted += 1;
      if (isFree(port)) return port;
    }
    return undefined;
  }
}

type Range = { readonly first: number; readonly last: number };

/** Unprivileged ports (RFC 6335 6). */
const anyPort: Range = { first: 1024, last: 65_535 };
const portsNoHostUses: Range = { first: 10_000, last: 29_999 };
const countedPorts: Range = { first: 20_000, last: 24_095 };

const BLOCK_SIZE = 512;
