import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import {
  isTransient,
  nameOfImplementation,
  outgoing,
  stateNodesOf,
  transitionsOf,
  triggerOf,
} from './anatomy.ts';

/**
 * A chart as a Mermaid `stateDiagram-v2`. A transition from a state into itself is drawn from each of the states within
 * that it may leave, since Mermaid cannot draw a line from a box into the same box. One that goes nowhere is a note.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const lines = scopeLines(machine.root, linesByScope(machine));
  return ['stateDiagram-v2', ...indented(lines), ''].join('\n');
}

type LinesByScope = ReadonlyMap<AnyStateNode, readonly string[]>;

function scopeLines(scope: AnyStateNode, extra: LinesByScope): readonly string[] {
  const children = Object.values(scope.states).map((child) => stateLines(child, extra));
  if (scope.type === 'parallel') {
    return [
      ...children.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines])),
      ...(extra.get(scope) ?? []),
    ];
  }
  const start = scope.initial.target.map((target) => `[*] --> ${idOf(target)}`);
  return [...children.flat(), ...start, ...(extra.get(scope) ?? [])];
}

function stateLines(node: AnyStateNode, extra: LinesByScope): readonly string[] {
  const declaration = `state "${node.key}" as ${idOf(node)}`;
  if (Object.keys(node.states).length === 0) return [declaration];
  return [`${declaration} {`, ...indented(scopeLines(node, extra)), '}'];
}

/** Every line between states, under the state in whose box it is drawn. */
function linesByScope(machine: AnyStateMachine): LinesByScope {
  const labels = new Map<AnyStateNode, Map<string, string[]>>();
  for (const transition of transitionsOf(machine)) {
    for (const target of transition.target ?? []) {
      for (const source of sourcesOf(transition, transition.source, target)) {
        const scope = scopeAround(source, target);
        const there = labels.get(scope) ?? new Map<string, string[]>();
        const line = `${idOf(childTowards(scope, source))} --> ${idOf(childTowards(scope, target))}`;
        there.set(line, [...(there.get(line) ?? []), labelOf(transition, scope, source, target)]);
        labels.set(scope, there);
      }
    }
  }
  return new Map(
    stateNodesOf(machine).map((scope) => [
      scope,
      [
        // Two lines between the same states would be drawn one over the other.
        ...[...(labels.get(scope) ?? [])].map(([line, texts]) => `${line} : ${texts.join('<br/>')}`),
        ...Object.values(scope.states).flatMap(noteLines),
        ...Object.values(scope.states).flatMap((node) =>
          node.type === 'final' ? [`${idOf(node)} --> [*]`] : [],
        ),
      ],
    ]),
  );
}

/** Mermaid joins only what is directly in one box. The names of the real ends, if they are deeper, are in the label. */
function labelOf(
  transition: AnyTransitionDefinition,
  scope: AnyStateNode,
  source: AnyStateNode,
  target: AnyStateNode,
): string {
  const depth = scope.path.length + 1;
  const from = source.path.slice(depth).join('.');
  const to = target.path.slice(depth).join('.');
  return `${from === '' ? '' : `${from}, `}${triggerOf(transition)}${to === '' ? '' : `, to ${to}`}`;
}

function noteLines(node: AnyStateNode): readonly string[] {
  const texts = outgoing(node)
    .filter(({ target }) => target === undefined)
    .map((transition) => `${triggerOf(transition)} / ${actionsOf(transition)}`);
  return texts.length === 0 ? [] : [`note right of ${idOf(node)}`, ...indented(texts), 'end note'];
}

function actionsOf({ actions }: AnyTransitionDefinition): string {
  return actions.map(nameOfImplementation).join(', ');
}

/** The states that a transition is drawn from: its source, or where it leads into that, those in it that it may leave. */
function sourcesOf(
  transition: AnyTransitionDefinition,
  source: AnyStateNode,
  target: AnyStateNode,
): readonly AnyStateNode[] {
  if (source === target || !isWithin(target, source)) return [source];
  const children = Object.values(source.states);
  const leaving =
    source.type === 'parallel'
      ? children.filter((child) => isWithin(target, child))
      : children.filter((child) => child.type !== 'final' && !isTransient(child));
  return leaving
    .filter((child) => child !== target || !isSpentIn(transition, target))
    .flatMap((child) => sourcesOf(transition, child, target));
}

/** Whether a delay is over for good in a state, because it is the only way there and does not start again. */
function isSpentIn(transition: AnyTransitionDefinition, target: AnyStateNode): boolean {
  const { source, eventType, reenter } = transition;
  const isOnlyWay = transitionsOf(source.machine).every(
    (other) =>
      other === transition ||
      other.source === target ||
      !other.target?.some((node) => isWithin(node, target)),
  );
  return (
    eventType.startsWith('xstate.after.') && !reenter && isOnlyWay && source.initial.target[0] !== target
  );
}

/** The smallest box, but not one of parallel regions, that has both ends in it. */
function scopeAround(source: AnyStateNode, target: AnyStateNode): AnyStateNode {
  let scope = source.parent ?? source;
  while (scope.parent !== undefined && (scope.type === 'parallel' || !isWithin(target, scope)))
    scope = scope.parent;
  return scope;
}

function childTowards(scope: AnyStateNode, node: AnyStateNode): AnyStateNode {
  return Object.values(scope.states).find((child) => isWithin(node, child)) ?? node;
}

function isWithin(node: AnyStateNode, ancestor: AnyStateNode): boolean {
  return node === ancestor || (node.parent !== undefined && isWithin(node.parent, ancestor));
}

function idOf(node: AnyStateNode): string {
  return node.path.join('_');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
