/**
 * What a chart is made of, as its definition says, whether or not anything ever reaches it. All texts are for people,
 * and unique within a chart.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, StateValue } from 'xstate';

/** Every state, the root first, each before its children. */
export function stateNodesOf(machine: AnyStateMachine): readonly AnyStateNode[] {
  const withDescendants = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states).flatMap(withDescendants),
  ];
  return withDescendants(machine.root);
}

/** Every transition, `after` and `always` included, in the order of the states they leave. */
export function transitionsOf(machine: AnyStateMachine): readonly AnyTransitionDefinition[] {
  return stateNodesOf(machine).flatMap(outgoing);
}

/** The transitions that a state itself defines. */
export function outgoing(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

/** Every configuration that a chart can rest in: a leaf of each region that is active at once, as {@link placeOf} has it. */
export function placesOf(machine: AnyStateMachine): readonly string[] {
  return placesIn(machine.root).filter((place) => place !== '');
}

/** A state value as text: `joined.registered`, or `connected.saying.confirming + connected.hearing.alive`. */
export function placeOf(value: StateValue): string {
  return typeof value === 'string' ? value : leavesOf(value).join(' + ');
}

/** A transition as text: `joining: datagram.registerAck [isServer] -> joined`. */
export function nameOf(transition: AnyTransitionDefinition): string {
  const targets = transition.target?.map(pathOf).join(' + ');
  return `${pathOf(transition.source)}: ${triggerOf(transition)}${targets === undefined ? '' : ` -> ${targets}`}`;
}

/** What a transition waits for: `after retry`, `always [isInvited]`, `datagram.message [isRemote]`. */
export function triggerOf(transition: AnyTransitionDefinition): string {
  const guard = transition.guard === undefined ? '' : ` [${nameOfImplementation(transition.guard)}]`;
  return `${delayOf(transition) ?? (transition.eventType === '' ? 'always' : transition.eventType)}${guard}`;
}

/** The timer that a transition waits for, as text, by the id that XState gives it. */
export function timersOf(machine: AnyStateMachine): ReadonlyMap<string, string> {
  return new Map(
    transitionsOf(machine).flatMap((transition) => {
      const delay = delayOf(transition);
      return delay === undefined ? [] : [[transition.eventType, `${delay} in ${pathOf(transition.source)}`]];
    }),
  );
}

/** The name of an action or guard in a definition, where it is a string, an object with parameters, or a function. */
export function nameOfImplementation(implementation: unknown): string {
  if (typeof implementation === 'string') return implementation;
  const { type, name } = implementation as { type?: string; name?: string };
  return type ?? name ?? 'anonymous';
}

/** The names of the states that lead to a state, joined; the chart's own name for its root. */
export function pathOf(node: AnyStateNode): string {
  return node.path.length === 0 ? node.key : node.path.join('.');
}

/** Whether a state is another one or within it. */
export function isWithin(node: AnyStateNode, ancestor: AnyStateNode): boolean {
  return node === ancestor || (node.parent !== undefined && isWithin(node.parent, ancestor));
}

function delayOf({ eventType, source }: AnyTransitionDefinition): string | undefined {
  const prefix = 'xstate.after.';
  if (!eventType.startsWith(prefix)) return undefined;
  return `after ${eventType.slice(prefix.length, -`.${source.id}`.length)}`;
}

function placesIn(node: AnyStateNode): string[] {
  const children = Object.values(node.states);
  if (children.length === 0) return [node.path.join('.')];
  const choices = children.filter((child) => !isTransient(child)).map(placesIn);
  if (node.type !== 'parallel') return choices.flat();
  return choices.reduce((all, region) => all.flatMap((place) => region.map((leaf) => `${place} + ${leaf}`)));
}

/** A state that is left at once, whatever the context says. */
export function isTransient(node: AnyStateNode): boolean {
  return node.always?.some(({ guard }) => guard === undefined) ?? false;
}

function leavesOf(value: StateValue, above = ''): string[] {
  if (typeof value === 'string') return [above + value];
  return Object.entries(value).flatMap(([key, below]) => {
    const leaves = leavesOf(below ?? {}, `${above}${key}.`);
    return leaves.length === 0 ? [above + key] : leaves;
  });
}
