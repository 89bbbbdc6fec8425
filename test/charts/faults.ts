import { isDeepStrictEqual } from 'node:util';
import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import type { Endpoint } from '../../machines/endpoint.ts';
import { nameOf, outgoing, placeOf, timersOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { type Graph, type Move, shortestWays } from '../../runtime/exploration/graph.ts';
import type { Situation } from '../../runtime/exploration/situation.ts';

/** What is wrong anywhere in a graph, whatever the chart is about: each fault once, with the shortest way to it. */
export function faultsOf(graph: Graph): readonly string[] {
  const { chart, beginning, start, situations, moves } = graph;
  const ways = shortestWays(graph);
  const wayTo = (key: string) => [beginning, ...(ways.get(key) ?? []).map(({ type }) => type)].join(' > ');
  const first = situations.get(start);
  return [
    ...(first === undefined ? [] : reportFaults(first).map((fault) => `${beginning}: ${fault}`)),
    ...[...situations].flatMap(([key, situation]) =>
      situationFaults(chart, situation).map((fault) => `${wayTo(key)}: ${fault}`),
    ),
    ...moves.flatMap((move) =>
      moveFaults(graph, move).map((fault) => `${wayTo(move.from)} > ${move.stimulus.type}: ${fault}`),
    ),
  ];
}

/** The timers that have fired for good, though the state that they belong to goes on. */
export function spentTimers(chart: Chart, { snapshot, armed }: Situation): readonly string[] {
  const running = new Set(armed.map(({ timer }) => timer));
  const names = timersOf(chart.machine);
  return [...timersIn(snapshot)].filter((id) => !running.has(id)).map((id) => names.get(id) ?? id);
}

export function emittedBy({ result }: Move): readonly AnyEventObject[] {
  return result.effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []));
}

function situationFaults(chart: Chart, { snapshot, armed }: Situation): readonly string[] {
  const names = timersOf(chart.machine);
  const possible = timersIn(snapshot);
  const ids = armed.map(({ timer }) => timer);
  const isActive = snapshot.status === 'active';
  return [
    ...(snapshot.tags.size === 1 ? [] : [`has ${snapshot.tags.size} tags`]),
    ...(isActive && ids.length === 0 ? [`there is no way out of ${placeOf(snapshot.value)} in time`] : []),
    ...ids.flatMap((id, index) => (ids.indexOf(id) < index ? [`"${names.get(id)}" is armed twice`] : [])),
    ...ids.flatMap((id) => (possible.has(id) ? [] : [`"${names.get(id)}" is still armed`])),
    ...(isPlain(snapshot.context) ? [] : ['the context is not plain JSON']),
  ];
}

function moveFaults({ chart, situations }: Graph, move: Move): readonly string[] {
  const { from, stimulus, result } = move;
  const before = situations.get(from);
  const emitted = emittedBy(move);
  const given = endpointsIn([before?.snapshot.context, stimulus.event]);
  const used = endpointsIn([result.snapshot.context, ...emitted]);
  return [
    ...used.filter((endpoint) => !given.includes(endpoint)).map((endpoint) => `nobody gave it ${endpoint}`),
    ...result.preempted.map((transition) => `"${nameOf(transition)}" is preempted`),
    ...reportFaults(result),
    ...(Object.hasOwn(chart.strangers, stimulus.type) ? strangerFaults(move, before) : []),
  ];
}

/** Who fails says so once, and why. */
function reportFaults({ snapshot, effects }: Situation): readonly string[] {
  const failures = effects.flatMap((effect) =>
    effect.type === 'emit' && effect.event.type === 'failed' ? [effect.event.reason] : [],
  );
  const hasReasons = failures.every((reason) => typeof reason === 'string' && reason !== '');
  return [
    ...(failures.length === (snapshot.hasTag('failed') ? 1 : 0)
      ? []
      : [`${failures.length} reports of failure`]),
    ...(hasReasons ? [] : ['a failure without a reason']),
  ];
}

/** A stranger may be refused, and that is all. */
function strangerFaults(
  { stimulus, to, from, result }: Move,
  before: Situation | undefined,
): readonly string[] {
  const unexpected = result.effects.filter(
    (effect) =>
      effect.type !== 'emit' || !isDeepStrictEqual(effect.event, { type: 'refuse', to: stimulus.event.from }),
  );
  return [
    ...(to === from && isDeepStrictEqual(result.snapshot.context, before?.snapshot.context)
      ? []
      : ['a stranger changes it']),
    ...unexpected.map(({ type }) => `a stranger makes it ${type}`),
  ];
}

function timersIn(snapshot: AnyMachineSnapshot): ReadonlySet<string> {
  const waits = snapshot.status === 'active' ? snapshot._nodes.flatMap(outgoing) : [];
  return new Set(waits.map(({ eventType }) => eventType).filter((type) => type.startsWith('xstate.after.')));
}

function endpointsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { address, port } = value as Partial<Endpoint>;
  if (address !== undefined && port !== undefined) return [`${address} ${port}`];
  return Object.values(value).flatMap(endpointsIn);
}

function isPlain(value: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
}
