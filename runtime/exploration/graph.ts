import { fromTransition } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import type { Chart } from './chart.ts';
import { follow, keyOf, opening, type Situation, type Stimulus, stimuliIn } from './situation.ts';

/** Everything that can become of a life: the situations it can be in, by their keys, and the moves between them. */
export type Graph = {
  readonly chart: Chart;
  readonly beginning: string;
  readonly start: string;
  /** In the order of their distance from the start. */
  readonly situations: ReadonlyMap<string, Situation>;
  readonly moves: readonly Move[];
};

export type Move = {
  readonly from: string;
  readonly stimulus: Stimulus;
  readonly to: string;
  /** What came of it. Its pacing is one of many: situations of one key may differ in how long delays are. */
  readonly result: Situation;
};

/** More situations than this, and something in the context counts without end. */
export const TRAVERSAL_LIMIT = 100_000;

/** Walks a chart exhaustively. */
export function explore(chart: Chart, beginning: string): Graph {
  const first = opening(chart, beginning);
  const life = fromTransition(
    (situation: Situation, stimulus: Stimulus) => follow(chart, situation, stimulus),
    first,
  );
  const adjacency = getAdjacencyMap(life, {
    events: ({ context }) => stimuliIn(chart, context),
    serializeState: ({ context }) => keyOf(chart, context),
    serializeEvent: ({ type }) => type,
    limit: TRAVERSAL_LIMIT,
  });
  const moves = adjacencyMapToArray(adjacency).map(({ state, event, nextState }) => ({
    from: keyOf(chart, state.context),
    stimulus: event,
    to: keyOf(chart, nextState.context),
    result: nextState.context,
  }));
  const situations = new Map([[keyOf(chart, first), first]]);
  for (const { to, result } of moves) if (!situations.has(to)) situations.set(to, result);
  return { chart, beginning, start: keyOf(chart, first), situations, moves };
}

/** The moves of a graph by the situation they leave. A situation that is an end has none, and an empty list. */
export function departures({ situations, moves }: Graph): (from: string) => readonly Move[] {
  const lists = new Map<string, Move[]>([...situations.keys()].map((key) => [key, []]));
  for (const move of moves) lists.get(move.from)?.push(move);
  return (from) => lists.get(from) ?? [];
}

/** The shortest way from the start to each situation. */
export function shortestWays(graph: Graph): ReadonlyMap<string, readonly Stimulus[]> {
  const leaving = departures(graph);
  const walk = fromTransition((_: string, { move }: Walked) => move.to, graph.start);
  const paths = getShortestPaths(walk, {
    events: ({ context }) => leaving(context).map((move) => ({ type: move.stimulus.type, move })),
    serializeState: ({ context }) => context,
    serializeEvent: ({ type }) => type,
    limit: TRAVERSAL_LIMIT,
  });
  // The first step of a path is XState's own `xstate.init`.
  return new Map(
    paths.map(({ state, steps }) => [state.context, steps.slice(1).map(({ event }) => event.move.stimulus)]),
  );
}

type Walked = { readonly type: string; readonly move: Move };
