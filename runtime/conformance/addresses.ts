import { type Endpoint, formatEndpoint, withoutZone } from '../../machines/endpoint.ts';
import type { Role } from './cast.ts';

/**
 * Which part has which address. Behind a NAT the server sees other addresses than ours, which nobody but the server can
 * tell: then the first that it tells for a part is taken for right, and held against it from then on.
 */
export class Addresses {
  readonly #isBehindNat: boolean;
  readonly #ours = new Map<string, Role>();
  readonly #seen = new Map<string, Role>();

  constructor(isBehindNat: boolean) {
    this.#isBehindNat = isBehindNat;
  }

  enter(role: Role, local: Endpoint): void {
    this.#ours.set(textOf(local), role);
  }

  /** The part that has this address here. */
  at(local: Endpoint): Role | undefined {
    return this.#ours.get(textOf(local));
  }

  /** The part that the server means by an address. `expected` is the one that it should mean. */
  meant(address: Endpoint, expected: Role | undefined): Role | undefined {
    if (!this.#isBehindNat) return this.at(address);
    const known = this.#seen.get(textOf(address));
    const isExpectedKnown = [...this.#seen.values()].some((role) => role === expected);
    if (known !== undefined || expected === undefined || isExpectedKnown) return known;
    this.#seen.set(textOf(address), expected);
    return expected;
  }
}

function textOf(endpoint: Endpoint): string {
  return formatEndpoint(withoutZone(endpoint));
}
