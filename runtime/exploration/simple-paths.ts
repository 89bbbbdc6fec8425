import { fromTransition } from 'xstate';
import { getSimplePaths } from 'xstate/graph';
import { hopName, simplePathName, stopOf } from './footprint.ts';
import { departures, type Graph, TRAVERSAL_LIMIT } from './graph.ts';
import type { Stimulus } from './situation.ts';

/**
 * A way through a chart that is at no place twice. A place is what the chart rests in, whatever its context; a hop
 * from one place to another is the transitions taken, whatever the event carried. So two events that take the same
 * transitions are one hop, two transitions between the same places are two hops, and what stays at a place is none.
 */
export type SimplePath = {
  /** Unique among the simple paths of a chart. */
  readonly name: string;
  /** A life that goes this way. */
  readonly stimuli: readonly Stimulus[];
};

/**
 * Every simple path from the start of a graph to every place, those that others begin with included. A sequence of hops
 * that no life can go, because a guard that looks at the context forbids it, is not a path.
 */
export function simplePathsOf(graph: Graph): readonly SimplePath[] {
  const outline = outlineOf(graph);
  const walk = fromTransition((_: string, { to }: Hop) => to, outline.start);
  const paths = getSimplePaths(walk, {
    events: ({ context }) => outline.hops.get(context) ?? [],
    serializeState: ({ context }) => context,
    serializeEvent: ({ type }) => type,
    limit: TRAVERSAL_LIMIT,
  });
  return paths.flatMap(({ steps }) => {
    // The first step of a path is XState's own `xstate.init`.
    const hops = steps.slice(1).map(({ event }) => event.type);
    const stimuli = outline.realise(hops);
    return stimuli === undefined ? [] : [{ name: simplePathName(outline.start, hops), stimuli }];
  });
}

/** What leads from one place to another. The name is the type, as xstate/graph calls its events. */
type Hop = { readonly type: string; readonly to: string };

type Outline = {
  readonly start: string;
  /** By the place they leave. */
  readonly hops: ReadonlyMap<string, readonly Hop[]>;
  realise(names: readonly string[]): readonly Stimulus[] | undefined;
};

function outlineOf(graph: Graph): Outline {
  const stops = new Map(
    [...graph.situations].map(([key, situation]) => [key, stopOf(graph.chart, situation)]),
  );
  const placeAt = (key: string) => stops.get(key)?.place ?? '';
  const leaving = departures(graph);
  const hopsFrom = (key: string) =>
    leaving(key)
      .filter(({ to }) => placeAt(to) !== placeAt(key))
      .map((move) => ({ ...move, hop: hopName(stopOf(graph.chart, move.result)) }));

  const hops = new Map<string, Map<string, Hop>>();
  for (const key of graph.situations.keys()) {
    const there = hops.get(placeAt(key)) ?? new Map<string, Hop>();
    for (const { hop, to } of hopsFrom(key)) there.set(hop, { type: hop, to: placeAt(to) });
    hops.set(placeAt(key), there);
  }

  const realise = (from: string, [name, ...rest]: readonly string[]): readonly Stimulus[] | undefined => {
    if (name === undefined) return [];
    for (const { hop, to, stimulus } of hopsFrom(from)) {
      const onwards = hop === name ? realise(to, rest) : undefined;
      if (onwards !== undefined) return [stimulus, ...onwards];
    }
    return undefined;
  };

  return {
    start: placeAt(graph.start),
    hops: new Map([...hops].map(([place, there]) => [place, [...there.values()]])),
    realise: (names) => realise(graph.start, names),
  };
}
