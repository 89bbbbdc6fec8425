import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import {
  isTransient,
  isWithin,
  nameOfImplementation,
  outgoing,
  transitionsOf,
  triggerOf,
} from './anatomy.ts';

/**
 * A chart as a Mermaid `stateDiagram-v2`. A transition from a state into itself is drawn from each of the states within
 * that it may leave, since Mermaid cannot draw a line from a box into the same box. One that goes nowhere is a note.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  return ['stateDiagram-v2', ...indented(insideOf(machine.root, edgesOf(machine))), ''].join('\n');
}

/** What is drawn from each state to which others, and the labels of it. */
type Edges = ReadonlyMap<AnyStateNode, ReadonlyMap<AnyStateNode, readonly string[]>>;

function insideOf(box: AnyStateNode, edges: Edges): readonly string[] {
  const children = Object.values(box.states);
  if (box.type === 'parallel') {
    const regions = children.map((child) => [...boxLines(child, edges), ...linesFrom(child, edges)]);
    return regions.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines]));
  }
  return [
    ...children.flatMap((child) => boxLines(child, edges)),
    ...box.initial.target.map((target) => `[*] --> ${idOf(target)}`),
    ...children.flatMap((child) => linesFrom(child, edges)),
  ];
}

function boxLines(node: AnyStateNode, edges: Edges): readonly string[] {
  const declaration = `state "${node.key}" as ${idOf(node)}`;
  if (Object.keys(node.states).length === 0) return [declaration];
  return [`${declaration} {`, ...indented(insideOf(node, edges)), '}'];
}

function linesFrom(node: AnyStateNode, edges: Edges): readonly string[] {
  const targets = [...(edges.get(node) ?? [])];
  return [
    // Two lines between the same states would be drawn one over the other.
    ...targets.map(([target, labels]) => `${idOf(node)} --> ${idOf(target)} : ${labels.join('<br/>')}`),
    ...noteLines(node),
    ...(node.type === 'final' ? [`${idOf(node)} --> [*]`] : []),
  ];
}

function edgesOf(machine: AnyStateMachine): Edges {
  const edges = new Map<AnyStateNode, Map<AnyStateNode, string[]>>();
  for (const transition of transitionsOf(machine)) {
    for (const target of transition.target ?? []) {
      for (const source of sourcesOf(transition, transition.source, target)) {
        const box = boxAround(source, target);
        const from = childTowards(box, source);
        const to = childTowards(box, target);
        const there = edges.get(from) ?? new Map<AnyStateNode, string[]>();
        there.set(to, [...(there.get(to) ?? []), labelOf(transition, box, source, target)]);
        edges.set(from, there);
      }
    }
  }
  return edges;
}

/** Mermaid joins only what is directly in one box. The names of the real ends, if they are deeper, are in the label. */
function labelOf(
  transition: AnyTransitionDefinition,
  box: AnyStateNode,
  source: AnyStateNode,
  target: AnyStateNode,
): string {
  const depth = box.path.length + 1;
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

/** The smallest box round both ends. Mermaid cannot draw from one parallel region to another, only round them. */
function boxAround(source: AnyStateNode, target: AnyStateNode): AnyStateNode {
  const isRoundBoth = (box: AnyStateNode) =>
    box !== target &&
    isWithin(target, box) &&
    (box.type !== 'parallel' || childTowards(box, source) === childTowards(box, target));
  let box = source.parent ?? source;
  while (box.parent !== undefined && !isRoundBoth(box)) box = box.parent;
  return box;
}

function childTowards(box: AnyStateNode, node: AnyStateNode): AnyStateNode {
  return Object.values(box.states).find((child) => isWithin(node, child)) ?? node;
}

function idOf(node: AnyStateNode): string {
  return node.path.join('_');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
