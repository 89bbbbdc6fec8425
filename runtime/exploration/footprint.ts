import { nameOf, placeOf } from './anatomy.ts';
import type { Chart } from './chart.ts';
import type { Names } from './coverage.ts';
import { keyOf, type Situation } from './situation.ts';

/** Where a life was, and what had brought it there. */
export type Stop = {
  readonly place: string;
  readonly key: string;
  /** The names of the transitions taken on the way here from the stop before. */
  readonly taken: readonly string[];
};

/** A life as it went: where it began, then what happened and where that led. */
export type Trail = {
  readonly start: Stop;
  readonly steps: readonly { readonly stimulus: string; readonly stop: Stop }[];
};

/** A situation as a stop of a life. */
export function stopOf(chart: Chart, situation: Situation): Stop {
  return {
    place: placeOf(situation.snapshot.value),
    key: keyOf(chart, situation),
    taken: situation.taken.map(nameOf),
  };
}

/** Everything that one life reaches. */
export function footprintOf({ start, steps }: Trail): Names {
  const stops = [start, ...steps.map(({ stop }) => stop)];
  const changes = stops.filter(({ taken }) => taken.length > 0);
  return {
    states: new Set(stops.map(({ place }) => place)),
    transitions: new Set(changes.flatMap(({ taken }) => taken)),
    pairs: new Set(changes.flatMap(({ taken }, index) => pairNames(changes[index - 1]?.taken ?? [], taken))),
    moves: new Set(steps.map(({ stimulus }, index) => moveName(stops[index]?.key ?? '', stimulus))),
    simplePaths: new Set(simplePathNames(stops)),
  };
}

/** The pairs of consecutive transitions, if `first` are the ones taken before `second`. */
export function pairNames(first: readonly string[], second: readonly string[]): readonly string[] {
  return first.flatMap((one) => second.map((other) => `${one}, then ${other}`));
}

export function moveName(key: string, stimulus: string): string {
  return `${stimulus} at ${key}`;
}

/** One hop of a simple path: the transitions it takes, and the place it leads to. */
export function hopName({ taken, place }: Stop): string {
  return `(${taken.join(' & ')}) ${place}`;
}

/** A simple path: the place where it starts, then its hops. */
export function simplePathName(start: string, hops: readonly string[]): string {
  return [start, ...hops].join(' => ');
}

/** The simple paths that a life begins with: all that come before it stays at a place or returns to one. */
function simplePathNames(stops: readonly Stop[]): readonly string[] {
  const places = stops.map(({ place }) => place);
  const again = places.findIndex((place, index) => places.indexOf(place) < index);
  const simple = again < 0 ? stops : stops.slice(0, again);
  const hops = simple.slice(1).map(hopName);
  return simple.map((_, index) => simplePathName(places[0] ?? '', hops.slice(0, index)));
}
