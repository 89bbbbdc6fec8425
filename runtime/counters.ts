/** How often each thing happened. The keys come from the program's own words, never from the network. */
export class Counters {
  readonly #counts = new Map<string, number>();

  count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  of(reason: string): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** All counts under `prefix.`, by what follows it. */
  under(prefix: string): Record<string, number> {
    return Object.fromEntries(
      [...this.#counts]
        .filter(([reason]) => reason.startsWith(`${prefix}.`))
        .map(([reason, count]) => [reason.slice(prefix.length + 1), count]),
    );
  }
}
