import { LINKS_MAX } from '../links.ts';
import type { SealedLink } from './sealed-link.ts';

/**
 * The links of one client of protocol 2, by the names of their peers and by their keys. A peer that has a link and
 * calls again has a second one beside it, until that is connected: who can only replay old calls harms no link.
 */
export class LinkTable implements Iterable<SealedLink> {
  readonly #links = new Map<string, SealedLink>();
  readonly #beside = new Map<string, SealedLink>();
  readonly #paired = new Map<string, SealedLink>();

  get isFull(): boolean {
    return this.#links.size + this.#beside.size >= LINKS_MAX;
  }

  named(peer: string): SealedLink | undefined {
    return this.#links.get(peer);
  }

  beside(peer: string): SealedLink | undefined {
    return this.#beside.get(peer);
  }

  paired(pair: string): SealedLink | undefined {
    return this.#paired.get(pair);
  }

  enter(link: SealedLink): void {
    this.#links.set(link.peer, link);
  }

  enterBeside(link: SealedLink): void {
    this.#beside.set(link.peer, link);
  }

  /** Whose the datagrams of these keys are from now on. */
  pairUp(pair: string, link: SealedLink): void {
    this.#paired.set(pair, link);
  }

  unpair({ pair }: SealedLink): void {
    if (pair !== undefined) this.#paired.delete(pair);
  }

  /** Gives a link beside another that one's place. */
  promote(link: SealedLink): void {
    this.#beside.delete(link.peer);
    this.#links.set(link.peer, link);
  }

  remove(link: SealedLink): void {
    this.unpair(link);
    for (const table of [this.#links, this.#beside]) {
      if (table.get(link.peer) === link) table.delete(link.peer);
    }
  }

  [Symbol.iterator](): Iterator<SealedLink> {
    return [...this.#links.values(), ...this.#beside.values()].values();
  }
}
