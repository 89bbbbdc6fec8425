/** What a benchmark has found out: one line of the table, and the numbers behind it. */
export type Figure = {
  readonly what: string;
  readonly measured: string;
  /** What the same run measured to compare with. */
  readonly reference: string;
  /** Empty where none was set. */
  readonly target: string;
  /** Undefined where there is no target. */
  readonly met?: boolean;
  readonly values: Readonly<Record<string, number>>;
};

/** Shows how far long work is; `done` from 0 to 1. */
export type Progress = (what: string, done: number) => void;

export type Benchmark = {
  /** Why it cannot run here, and what would help. */
  unavailable?(): string | undefined;
  run(progress: Progress): Promise<readonly Figure[]>;
};

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that `share` of all are at most. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  // Not a sum where the two are equal: infinity less infinity is no number.
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}

/** How much more than the median one round in ten takes, or more: one round that was disturbed proves nothing. */
export function noiseOf(rounds: readonly number[]): number {
  return quantile(rounds, 0.9) / median(rounds);
}

/** `1.234 ms (1.100 to 1.300)`: the median, and between which values the rounds were. */
export function withRange(values: readonly number[], unit: string): string {
  return `${brief(median(values))} ${unit} (${brief(Math.min(...values))} to ${brief(Math.max(...values))})`;
}

/** Three digits that matter; `never` for what did not come. */
export function brief(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'never';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** `items` in parts of `size`. */
export function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}
