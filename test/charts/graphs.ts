import type { AnyMachineSnapshot } from 'xstate';
import { placeOf } from '../../runtime/exploration/anatomy.ts';
import { protocolOf } from '../../runtime/exploration/chart.ts';
import { type ChartName, charts } from '../../runtime/exploration/charts.ts';
import { explore, type Graph, type Move } from '../../runtime/exploration/graph.ts';
import { emittedBy } from './faults.ts';

/** Every life of every chart, explored. */
export const graphs: Readonly<Record<ChartName, readonly Graph[]>> = {
  client: explored('client'),
  link: explored('link'),
  session: explored('session'),
  introduction: explored('introduction'),
};

/** The lives of a chart that speak one protocol. */
export function livesOf(name: ChartName, protocol: 1 | 2): readonly Graph[] {
  return graphs[name].filter(({ chart, beginning }) => protocolOf(chart.beginnings[beginning]) === protocol);
}

export function snapshotsOf(lives: readonly Graph[]): readonly AnyMachineSnapshot[] {
  return lives.flatMap(({ situations }) => [...situations.values()].map(({ snapshot }) => snapshot));
}

/** A move, and the snapshot that it starts from. */
export function movesOf(
  lives: readonly Graph[],
): readonly { readonly before: AnyMachineSnapshot; readonly move: Move }[] {
  return lives.flatMap(({ situations, moves }) =>
    moves.flatMap((move) => {
      const before = situations.get(move.from)?.snapshot;
      return before === undefined ? [] : [{ before, move }];
    }),
  );
}

/** What a chart asks for on each event in each state, as sorted lines, without what it ignores. */
export function requestsOf(lives: readonly Graph[]): readonly string[] {
  const lines = movesOf(lives).flatMap(({ before, move }) => {
    const requests = emittedBy(move).map(({ type, message }) => message?.type ?? type);
    const where = move.stimulus.timer === undefined ? ` in ${placeOf(before.value)}` : '';
    return requests.length === 0 ? [] : [`${move.stimulus.type}${where}: ${requests.join(', ')}`];
  });
  return [...new Set(lines)].sort();
}

function explored(name: ChartName): readonly Graph[] {
  return Object.keys(charts[name].beginnings).map((beginning) => explore(charts[name], beginning));
}
