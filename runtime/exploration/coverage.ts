/**
 * - `states`: every place the chart can rest in, as its definition says; with parallel regions, every combination.
 * - `transitions`: every transition that its definition has.
 * - `pairs`: every two transitions of which the second can come next after the first.
 * - `moves`: every sample event and every armed timer in every situation, ignored events included.
 * - `simplePaths`: every way through the chart that is at no place twice.
 */
export const measures = ['states', 'transitions', 'pairs', 'moves', 'simplePaths'] as const;

export type Measure = (typeof measures)[number];

/** What there is to reach, or what has been reached, by name. */
export type Names = Readonly<Record<Measure, ReadonlySet<string>>>;

export type Coverage = Readonly<Record<Measure, Count>>;

export type Count = {
  readonly reached: number;
  readonly total: number;
  readonly unreached: readonly string[];
};

/** A record with an entry for each measure. */
export function byMeasure<Value>(make: (measure: Measure) => Value): Readonly<Record<Measure, Value>> {
  return Object.fromEntries(measures.map((measure) => [measure, make(measure)])) as Record<Measure, Value>;
}

/** How much of the goals has been reached. */
export function coverageOf(goals: Names, reached: Names): Coverage {
  return byMeasure((measure) => {
    const unreached = [...goals[measure]].filter((name) => !reached[measure].has(name));
    const total = goals[measure].size;
    return { reached: total - unreached.length, total, unreached };
  });
}

/** Whether nothing is left to reach. */
export function isComplete(coverage: Coverage): boolean {
  return measures.every((measure) => coverage[measure].unreached.length === 0);
}

/** The coverage as a line: `states 8 of 8, transitions 16 of 16, pairs 70 of 70, …`. */
export function summaryOf(coverage: Coverage): string {
  return measures
    .map((measure) => `${titles[measure]} ${coverage[measure].reached} of ${coverage[measure].total}`)
    .join(', ');
}

export const titles: Readonly<Record<Measure, string>> = {
  states: 'states',
  transitions: 'transitions',
  pairs: 'pairs',
  moves: 'moves',
  simplePaths: 'simple paths',
};
