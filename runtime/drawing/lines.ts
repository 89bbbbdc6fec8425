/** The lines of text that a drawing has, each of pieces that look different. */
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { nameOfImplementation } from '../exploration/anatomy.ts';
import { widthOf } from './text-width.ts';

export type Piece = { readonly kind: 'event' | 'delay' | 'guard' | 'action' | 'word'; readonly text: string };

export type Line = { readonly pieces: readonly Piece[]; readonly width: number };

export const FONT_SIZE = 11;

/** Lines are broken where they would be wider than this, in px, but never within a name. */
export const LINE_WIDTH = { chip: 180, box: 180, nest: 300 } as const;

/** What a transition waits for, on what condition, and what it does: `after keepalive 15 s [hasKeys] / sendProbe`. */
export function linesOfTransition(transition: AnyTransitionDefinition, widthMax: number): readonly Line[] {
  const { guard } = transition;
  const actions = actionsOf(transition.actions);
  const condition: readonly Piece[] = [
    ...triggerOf(transition),
    ...(guard === undefined ? [] : [{ kind: 'guard', text: `[${nameOfImplementation(guard)}]` } as const]),
  ];
  const inOne = broken([...condition, ...actions], widthMax);
  const inTwo = [...broken(condition, widthMax), ...broken(actions, widthMax)];
  return inTwo.length > inOne.length ? inOne : inTwo;
}

/** What is done at the entry to a state or the exit from it: `entry / startOver, sendRegister`. */
export function linesOfActions(when: string, actions: readonly unknown[], widthMax: number): readonly Line[] {
  return broken([{ kind: 'word', text: when }, ...actionsOf(actions)], widthMax);
}

/** A line of one piece. */
export function lineOf(kind: Piece['kind'], text: string): Line {
  return { pieces: [{ kind, text }], width: widthOf(text, FONT_SIZE) };
}

/** The name of the delay that a transition waits for, or undefined if it waits for something else. */
export function delayOf({ eventType, source }: AnyTransitionDefinition): string | undefined {
  const prefix = 'xstate.after.';
  if (!eventType.startsWith(prefix)) return undefined;
  return eventType.slice(prefix.length, -`.${source.id}`.length);
}

function triggerOf(transition: AnyTransitionDefinition): readonly Piece[] {
  const delay = delayOf(transition);
  if (delay !== undefined) return delayPieces(transition.source.machine, delay);
  if (transition.eventType === '') return [{ kind: 'word', text: 'always' }];
  return [{ kind: 'event', text: transition.eventType }];
}

/** A delay by its name, and how long it is where that is always the same. */
function delayPieces(machine: AnyStateMachine, delay: string): readonly Piece[] {
  const after: Piece = { kind: 'word', text: 'after' };
  if (/^\d+$/.test(delay)) return [after, { kind: 'delay', text: durationOf(Number(delay)) }];
  const value: unknown = machine.implementations.delays[delay];
  const name: Piece = { kind: 'event', text: delay };
  if (typeof value !== 'number') return [after, name];
  return [after, name, { kind: 'delay', text: durationOf(value) }];
}

function durationOf(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function actionsOf(actions: readonly unknown[]): readonly Piece[] {
  return actions.map((action, index) => ({
    kind: 'action',
    text: `${index === 0 ? '/ ' : ''}${nameOfImplementation(action)}${index < actions.length - 1 ? ',' : ''}`,
  }));
}

function broken(pieces: readonly Piece[], widthMax: number): readonly Line[] {
  const lines: { pieces: Piece[]; width: number }[] = [];
  for (const piece of pieces) {
    const width = widthOf(piece.text, FONT_SIZE);
    const last = lines.at(-1);
    const together = (last?.width ?? 0) + widthOf(' ', FONT_SIZE) + width;
    if (last === undefined || together > widthMax) lines.push({ pieces: [piece], width });
    else {
      last.pieces.push(piece);
      last.width = together;
    }
  }
  return lines;
}
