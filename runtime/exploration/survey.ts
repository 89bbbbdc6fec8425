import { moveName, pairNames, type Stop, stopOf, type Trail } from './footprint.ts';
import { departures, type Graph, shortestWays } from './graph.ts';
import { simplePathsOf } from './simple-paths.ts';
import type { Stimulus } from './situation.ts';

/** What there is to reach in a graph, and how. */
export type Survey = {
  readonly pairs: readonly string[];
  readonly moves: readonly string[];
  readonly simplePaths: readonly string[];
  /** Lives that reach all of it. The first ones reach the most, and leave many of the others without a use. */
  readonly lives: readonly (readonly Stimulus[])[];
  trailOf(life: readonly Stimulus[]): Trail;
};

export function survey(graph: Graph): Survey {
  const ways = shortestWays(graph);
  const wayTo = (key: string) => ways.get(key) ?? [];
  const simplePaths = simplePathsOf(graph);
  const pairs = pairsOf(graph, wayTo);
  return {
    pairs: [...pairs.keys()],
    moves: graph.moves.map(({ from, stimulus }) => moveName(from, stimulus.type)),
    simplePaths: simplePaths.map(({ name }) => name),
    lives: [
      ...simplePaths.map(({ stimuli }) => stimuli).sort((a, b) => b.length - a.length),
      ...pairs.values(),
      ...staysOf(graph, wayTo),
      ...graph.moves.map(({ from, stimulus }) => [...wayTo(from), stimulus]),
    ],
    trailOf: trackerOf(graph),
  };
}

type WayTo = (key: string) => readonly Stimulus[];

/** A life for each pair of consecutive transitions, by the pair's name. */
function pairsOf(graph: Graph, wayTo: WayTo): ReadonlyMap<string, readonly Stimulus[]> {
  const { chart, start, situations, moves } = graph;
  const leaving = departures(graph);
  const first = situations.get(start);
  const arrivals = [
    ...(first === undefined ? [] : [{ key: start, way: [], result: first }]),
    ...moves.map(({ from, stimulus, to, result }) => ({
      key: to,
      way: [...wayTo(from), stimulus],
      result,
    })),
  ];
  const pairs = new Map<string, readonly Stimulus[]>();
  for (const { key, way, result } of arrivals) {
    const before = stopOf(chart, result).taken;
    for (const next of before.length === 0 ? [] : leaving(key)) {
      for (const name of pairNames(before, stopOf(chart, next.result).taken)) {
        if (!pairs.has(name)) pairs.set(name, [...way, next.stimulus]);
      }
    }
  }
  return pairs;
}

/** For each situation, a life that comes there and then meets everything that does not lead away from it. */
function staysOf(graph: Graph, wayTo: WayTo): readonly (readonly Stimulus[])[] {
  const leaving = departures(graph);
  return [...graph.situations.keys()].map((key) => [
    ...wayTo(key),
    ...leaving(key).flatMap(({ to, stimulus }) => (to === key ? [stimulus] : [])),
  ]);
}

function trackerOf(graph: Graph): (life: readonly Stimulus[]) => Trail {
  const { chart, start, situations, moves } = graph;
  const stops = new Map<string, Stop>(
    moves.map(({ from, stimulus, result }) => [moveName(from, stimulus.type), stopOf(chart, result)]),
  );
  const known = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('a life leaves the graph it was made from');
    return value;
  };
  return (life) => {
    const first = stopOf(chart, known(situations.get(start)));
    let { key } = first;
    const steps = life.map(({ type }) => {
      const stop = known(stops.get(moveName(key, type)));
      key = stop.key;
      return { stimulus: type, stop };
    });
    return { start: first, steps };
  };
}
