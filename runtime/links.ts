import type { LinkHost } from './link.ts';

/** Links at once, asked for by us or by others. */
export const LINKS_MAX = 256;

/** The links of one client of protocol 1, by the names of their peers. */
export class Links implements Iterable<LinkHost> {
  readonly #links = new Map<string, LinkHost>();

  get isFull(): boolean {
    return this.#links.size >= LINKS_MAX;
  }

  named(peer: string): LinkHost | undefined {
    return this.#links.get(peer);
  }

  enter(link: LinkHost): void {
    this.#links.set(link.peer, link);
  }

  remove(link: LinkHost): void {
    if (this.#links.get(link.peer) === link) this.#links.delete(link.peer);
  }

  [Symbol.iterator](): Iterator<LinkHost> {
    return [...this.#links.values()].values();
  }
}
