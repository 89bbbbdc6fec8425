/** Enough that nobody outlives it who saw an address. */
const REMEMBERED_MAX = 10_000;

/** Tickets that have been used. Every process of the user hears of each, since any may be the next hub. */
export class UsedTickets {
  readonly #nonces = new Set<string>();

  /** Whether it is used for the first time. */
  use(nonce: string): boolean {
    if (this.#nonces.has(nonce)) return false;
    this.#nonces.add(nonce);
    const [oldest] = this.#nonces;
    if (this.#nonces.size > REMEMBERED_MAX && oldest !== undefined) this.#nonces.delete(oldest);
    return true;
  }
}
