/** How long to wait for what should not come. Shared by all that talk to one server. */
export class Pace {
  #slowestMs: number | undefined;
  #roughMs = Number.POSITIVE_INFINITY;

  /** After an answer, in ms: two round trips of the slowest kind so far, which is when anything superfluous has come. */
  get quietMs(): number {
    const roundTripMs = this.#slowestMs ?? (Number.isFinite(this.#roughMs) ? this.#roughMs : 0);
    return Math.max(QUIET_MIN_MS, 2 * roundTripMs);
  }

  /**
   * A question that was sent so often was answered, so many ms after it was sent first. If it was sent more than once,
   * that is too long where the first was lost, and better than nothing where it was only slow.
   */
  observe(elapsedMs: number, transmissions: number): void {
    if (transmissions === 1) this.#slowestMs = Math.max(this.#slowestMs ?? 0, elapsedMs);
    else this.#roughMs = Math.min(this.#roughMs, elapsedMs);
  }
}

/** For a server that is busy for a moment. */
const QUIET_MIN_MS = 50;
