import type { EventObject, StateValue } from 'xstate';
import { type Endpoint, formatEndpoint } from '../machines/endpoint.ts';
import { wordsForTimer } from '../runtime/simulation/wording.ts';
import type { AnyEffect, TraceHeader } from '../runtime/trace/format.ts';
import type { ReplayStep } from '../runtime/trace/replay.ts';
import { escapeText, milliseconds } from './render.ts';

/** A step of a replay as lines for people: when and who, what happened, what came of it. */
export function stepLines(step: ReplayStep, times?: TraceHeader['times']): string[] {
  const head = [
    `#${step.index}`.padEnd(5),
    (times === 'moves' ? `move ${step.at}` : milliseconds(step.at)).padStart(9),
    ` ${step.actor}:`,
    eventText(step),
  ];
  return [
    head.join(' '),
    `${INDENT}${changeText(step)}`,
    ...step.effects.map((effect) => `${INDENT}${effectText(effect)}`),
    ...differenceLines(step).map((line) => `${INDENT}${line}`),
  ].map((line) => escapeText(line.trimEnd()));
}

/** `connected(saying.holding.resting, hearing.alive)`. */
export function stateText(state: StateValue | undefined): string {
  if (state === undefined) return '(none)';
  if (typeof state === 'string') return state;
  const parts = Object.entries(state).map(([name, child]) => name + childText(child));
  return parts.join(', ');
}

/** What is not as recorded, in words; nothing where all is. */
function differenceLines({ difference, recorded, after, effects, error }: ReplayStep): string[] {
  switch (difference) {
    case 'state':
      return [`DIFFERS: the state was ${stateText(recorded.state)}, and is ${stateText(after)}`];
    case 'emits': {
      const now = effects.flatMap((effect) => (effect.type === 'emit' ? [String(effect.event.type)] : []));
      return [`DIFFERS: it emitted ${list(recorded.emits)}, and emits ${list(now)}`];
    }
    case 'effects':
      return ['DIFFERS: the state is the same, but not the contents of what it emits, or its timers'];
    case 'error':
      return [`DIFFERS: it ${thrown(recorded.error, 'threw')}, and ${thrown(error, 'throws')}`];
    default:
      return [];
  }
}

const INDENT = ' '.repeat(17);

function childText(child: StateValue | undefined): string {
  if (child === undefined) return '';
  const isParallel = typeof child === 'object' && Object.keys(child).length !== 1;
  return isParallel ? `(${stateText(child)})` : `.${stateText(child)}`;
}

function eventText({ event, chart }: ReplayStep): string {
  const { type, ...fields } = event;
  if (type === 'xstate.init')
    return `begins as ${chart} ${fieldsText((fields as { input?: unknown }).input)}`;
  if (type === 'xstate.stop') return 'is stopped';
  return type.startsWith(TIMER) ? `timer ${wordsForTimer(type)} is due` : `${type} ${fieldsText(fields)}`;
}

function changeText({ before, after, error }: ReplayStep): string {
  if (error !== undefined) return `throws: ${error}`;
  if (before === undefined) return `→ ${stateText(after)}`;
  const [from, to] = [stateText(before), stateText(after)];
  return from === to ? `stays ${to}` : `${from} → ${to}`;
}

function effectText(effect: AnyEffect): string {
  switch (effect.type) {
    case 'arm':
      return `arms timer ${wordsForTimer(effect.timer)}: ${milliseconds(effect.delayMs)}`;
    case 'disarm':
      return `disarms timer ${wordsForTimer(effect.timer)}`;
    case 'emit':
      return emittedText(effect.event as EventObject);
  }
}

function emittedText({ type, ...fields }: EventObject): string {
  const { to, message, ...rest } = fields as { to?: unknown; message?: unknown };
  if (type !== 'transmit' || !isEndpoint(to) || !isEvent(message))
    return `asks: ${type} ${fieldsText(fields)}`;
  const { type: kind, ...contents } = message;
  return `sends ${kind} ${fieldsText(contents)} to ${formatEndpoint(to)} ${fieldsText(rest)}`.replace(
    / +/g,
    ' ',
  );
}

const TIMER = 'xstate.after.';

function fieldsText(fields: unknown): string {
  if (fields === null || typeof fields !== 'object') return valueText(fields);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ');
}

function valueText(value: unknown): string {
  return isEndpoint(value) ? formatEndpoint(value) : (JSON.stringify(value) ?? '');
}

function isEndpoint(value: unknown): value is Endpoint {
  const { address, port } = (value ?? {}) as { address?: unknown; port?: unknown };
  return typeof address === 'string' && typeof port === 'number';
}

function isEvent(value: unknown): value is EventObject {
  return typeof (value as { type?: unknown } | null | undefined)?.type === 'string';
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function thrown(error: string | undefined, verb: string): string {
  return error === undefined ? `${verb} nothing` : `${verb} "${error}"`;
}
