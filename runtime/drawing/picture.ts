/** What a drawing of a chart shows, before anything has a place: boxes with rows of text, and arrows between them. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { nameOfImplementation, outgoing, transitionsOf } from '../exploration/anatomy.ts';
import { delayOf, LINE_WIDTH, type Line, lineOf, linesOfActions, linesOfTransition } from './lines.ts';

export type Picture = { readonly root: Box; readonly arrows: readonly Arrow[] };

export type Box = {
  /** The id of the state. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Whether it is one of several that are active at once. */
  readonly isRegion: boolean;
  /** What happens without leaving the box, or with a return to it. */
  readonly rows: readonly Row[];
  readonly children: readonly Box[];
  /** The ids of the states in which it begins. */
  readonly begins: readonly string[];
};

export type Row = {
  readonly lines: readonly Line[];
  /** Undefined for what is not a transition. */
  readonly transition?: Label['id'];
  readonly hasTimer: boolean;
  /** Whether the state is left and entered again. */
  readonly isLoop: boolean;
};

/** From one state to another, for one transition or several. One that leads to several states has several arrows. */
export type Arrow = {
  readonly from: string;
  readonly to: string;
  readonly labels: readonly Label[];
};

export type Label = {
  /** The id of the transition. */
  readonly id: string;
  /** None where the text is at another arrow of the transition. */
  readonly lines: readonly Line[];
  readonly hasTimer: boolean;
};

export function pictureOf(machine: AnyStateMachine): Picture {
  const ids = transitionIds(machine);
  return { root: boxOf(machine.root, ids), arrows: arrowsOf(machine, ids) };
}

/** A box and all boxes in it, each before its children. */
export function boxesIn(box: Box): readonly Box[] {
  return [box, ...box.children.flatMap(boxesIn)];
}

/**
 * The id of each transition in drawings: `<source state id>|<event type, always, or after and the delay>|<index>`, where
 * the index counts those of one state that wait for the same thing. It goes by the identity of the definitions, of
 * which a machine that `provide` has made has its own.
 */
export function transitionIds(machine: AnyStateMachine): ReadonlyMap<AnyTransitionDefinition, string> {
  const counts = new Map<string, number>();
  return new Map(
    transitionsOf(machine).map((transition) => {
      const delay = delayOf(transition);
      const trigger = delay === undefined ? transition.eventType || 'always' : `after ${delay}`;
      const prefix = `${transition.source.id}|${trigger}`;
      const index = counts.get(prefix) ?? 0;
      counts.set(prefix, index + 1);
      return [transition, `${prefix}|${index}`];
    }),
  );
}

type Ids = ReadonlyMap<AnyTransitionDefinition, string>;

function boxOf(node: AnyStateNode, ids: Ids): Box {
  const widthMax = Object.keys(node.states).length === 0 ? LINE_WIDTH.box : LINE_WIDTH.nest;
  const atMoments = [
    ...linesAt('entry', node.config.entry, widthMax),
    ...linesAt('exit', node.config.exit, widthMax),
    ...node.invoke.map(({ src }) => [lineOf('word', `invoke ${nameOfImplementation(src)}`)]),
  ];
  return {
    id: node.id,
    name: node.key,
    kind: node.type,
    isRegion: node.parent?.type === 'parallel',
    rows: [
      ...atMoments.map((lines) => ({ lines, hasTimer: false, isLoop: false })),
      ...outgoing(node)
        .filter(isRow)
        .map((transition) => ({
          ...labelOf(transition, ids, widthMax),
          transition: ids.get(transition) ?? '',
          isLoop: transition.target !== undefined,
        })),
    ],
    children: Object.values(node.states).map((child) => boxOf(child, ids)),
    begins: node.type === 'compound' ? node.initial.target.map(({ id }) => id) : [],
  };
}

/** What the definition says is done at a moment; XState's own lists have the starting and stopping of timers in them. */
function linesAt(when: string, actions: unknown, widthMax: number): readonly (readonly Line[])[] {
  const list = actions === undefined ? [] : [actions].flat();
  return list.length === 0 ? [] : [linesOfActions(when, list, widthMax)];
}

function arrowsOf(machine: AnyStateMachine, ids: Ids): readonly Arrow[] {
  const arrows = new Map<string, { from: string; to: string; labels: Label[] }>();
  for (const transition of transitionsOf(machine)) {
    if (isRow(transition)) continue;
    for (const [index, target] of (transition.target ?? []).entries()) {
      const ends = JSON.stringify([transition.source.id, target.id]);
      const arrow = arrows.get(ends) ?? { from: transition.source.id, to: target.id, labels: [] };
      const label = labelOf(transition, ids, LINE_WIDTH.chip);
      arrow.labels.push(index === 0 ? label : { ...label, lines: [] });
      arrows.set(ends, arrow);
    }
  }
  return [...arrows.values()];
}

/** Whether a transition is drawn in its state's box: it goes nowhere else. */
function isRow({ source, target }: AnyTransitionDefinition): boolean {
  return target === undefined || target.every((node) => node === source);
}

function labelOf(transition: AnyTransitionDefinition, ids: Ids, widthMax: number): Label {
  return {
    id: ids.get(transition) ?? '',
    lines: linesOfTransition(transition, widthMax),
    hasTimer: delayOf(transition) !== undefined,
  };
}
