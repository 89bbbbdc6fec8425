/** How often one thing happened: for what happens with every datagram. */
export type Counter = { count: number };

/** How often each thing happened. The keys come from the program's own words, never from the network. */
export class Counters {
  readonly #counters = new Map<string, Counter>();

  count(reason: string): void {
    this.counter(reason).count += 1;
  }

  /** The counter of one thing, to hold on to. */
  counter(reason: string): Counter {
    let counter = this.#counters.get(reason);
    if (counter === undefined) {
      counter = { count: 0 };
      this.#counters.set(reason, counter);
    }
    return counter;
  }

  of(reason: string): number {
    return this.#counters.get(reason)?.count ?? 0;
  }

  /** All counts under `prefix.` of what has happened, by what follows it. */
  under(prefix: string): Record<string, number> {
    return Object.fromEntries(
      [...this.#counters]
        .filter(([reason, { count }]) => count > 0 && reason.startsWith(`${prefix}.`))
        .map(([reason, { count }]) => [reason.slice(prefix.length + 1), count]),
    );
  }
}
