/**
 * Test paths out of a chart. What there is to reach is counted twice, on purpose in two ways: states and transitions
 * from the chart's definition, so that a dead one is missed; pairs, moves and simple paths from its graph.
 */
import { nameOf, placesOf, transitionsOf } from './anatomy.ts';
import type { Chart } from './chart.ts';
import { byMeasure, type Coverage, coverageOf, measures, type Names } from './coverage.ts';
import { footprintOf, type Trail } from './footprint.ts';
import { explore } from './graph.ts';
import { follow, opening, type Situation, type Stimulus } from './situation.ts';
import { survey } from './survey.ts';

/** A life to be lived by a test: how it begins, and what happens, in this order. */
export type Path = { readonly beginning: string; readonly stimuli: readonly Stimulus[] };

export type Generated = {
  /** None of them is how another begins. */
  readonly paths: readonly Path[];
  /** Everything there is to reach, whether or not there is a way to it. */
  readonly goals: Names;
  /** What the paths reach in the explored graph. A test counts again what live actors reach. */
  readonly coverage: Coverage;
};

/** Paths that together reach every goal to which there is a way. */
export function generatePaths(chart: Chart): Generated {
  const surveys = Object.keys(chart.beginnings).map((beginning) => ({
    beginning,
    ...survey(explore(chart, beginning)),
  }));
  const goals: Names = {
    states: new Set(placesOf(chart.machine)),
    transitions: new Set(transitionsOf(chart.machine).map(nameOf)),
    pairs: new Set(surveys.flatMap(({ pairs }) => pairs)),
    moves: new Set(surveys.flatMap(({ moves }) => moves)),
    simplePaths: new Set(surveys.flatMap(({ simplePaths }) => simplePaths)),
  };
  const { add, coverage } = tally(goals);
  const paths = surveys.flatMap(({ beginning, lives, trailOf }) =>
    lives.filter((stimuli) => add(trailOf(stimuli))).map((stimuli) => ({ beginning, stimuli })),
  );
  return { paths: withoutPrefixes(paths), goals, coverage: coverage() };
}

/** Counts what lives reach. `add` says whether a life reached anything that those before it did not. */
export function tally(goals: Names): { add(trail: Trail): boolean; coverage(): Coverage } {
  const reached = byMeasure(() => new Set<string>());
  const size = () => measures.reduce((sum, measure) => sum + reached[measure].size, 0);
  return {
    add: (trail) => {
      const before = size();
      const footprint = footprintOf(trail);
      for (const measure of measures) for (const name of footprint[measure]) reached[measure].add(name);
      return size() > before;
    },
    coverage: () => coverageOf(goals, reached),
  };
}

/** The situations of a path, each as it follows from the one before, the one it begins with first. */
export function walk(chart: Chart, { beginning, stimuli }: Path): readonly Situation[] {
  let situation = opening(chart, beginning);
  const situations = [situation];
  for (const stimulus of stimuli) {
    situation = follow(chart, situation, stimulus);
    situations.push(situation);
  }
  return situations;
}

function withoutPrefixes(paths: readonly Path[]): readonly Path[] {
  const texts = paths.map(({ beginning, stimuli }) =>
    JSON.stringify([beginning, ...stimuli.map(({ type }) => type)]).slice(0, -1),
  );
  const sorted = [...texts].sort();
  const prefixes = new Set(sorted.filter((text, index) => sorted[index + 1]?.startsWith(`${text},`)));
  return paths.filter((_, index) => !prefixes.has(texts[index] ?? ''));
}
