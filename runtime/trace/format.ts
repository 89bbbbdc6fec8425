/**
 * A trace: what happened to the charts of one process, as lines of JSON. The first line says what recorded it; then
 * each actor's begin and each event that it took, with the state after it; the last line says that it is whole.
 *
 *     {"format":"punch-trace","version":1,"program":"udp-hole-punch@0.1.0",…,"label":"client alice","sum":"…"}
 *     {"at":0,"actor":"alice/client","begin":"client","input":{…},"state":{…},"emits":[],"effects":"…","sum":"…"}
 *     {"at":1.2,"actor":"alice/client","event":{…},"state":{…},"emits":["transmit"],"effects":"…","sum":"…"}
 *     {"end":true,"records":2,"sum":"…"}
 *
 * Each line's `sum` is made of the sum before it and of the line itself, so that what is missing or was changed is
 * noticed at its line. It protects against accidents, not against forgers.
 */
import { createHash } from 'node:crypto';
import type { AnyStateMachine, EventObject, StateValue } from 'xstate';
import type { Effect } from '../../machines/step.ts';

export const TRACE_FORMAT = 'punch-trace';
export const TRACE_VERSION = 1;

/** What is asked of the host, by any chart. */
export type AnyEffect = Effect<AnyStateMachine>;

export type TraceHeader = {
  readonly format: typeof TRACE_FORMAT;
  readonly version: typeof TRACE_VERSION;
  readonly program: string;
  readonly xstate: string;
  readonly node: string;
  readonly platform: string;
  /** Role and name, such as `client alice`. */
  readonly label: string;
  /** Of the chance that the run was made with, where that was not the machine's own. */
  readonly seed?: number;
  /** The command that makes the same run again. */
  readonly command?: string;
  /** What `at` counts where it is not real time: milliseconds of a virtual clock, or moves, of which each takes no time. */
  readonly times?: 'virtual' | 'moves';
};

/** What an actor made of its input or of an event. */
export type Reaction = {
  /** Milliseconds since the recording began, unless the header says otherwise. */
  readonly at: number;
  readonly actor: string;
  /** After it. Missing if the chart threw. */
  readonly state?: StateValue;
  /** The types of what it emitted. */
  readonly emits: readonly string[];
  /** Of all it asked for, timers included: {@link effectsSum}. */
  readonly effects?: string;
  /** What the chart threw. */
  readonly error?: string;
};

export type TraceRecord = Reaction &
  (
    | {
        /** The chart's name. */
        readonly begin: string;
        readonly input: unknown;
      }
    | { readonly event: EventObject }
  );

/** The last line: `end` for a whole trace, `cut` for one that has reached its greatest size. */
export type TraceEnd = { readonly records: number } & ({ readonly end: true } | { readonly cut: true });

/** A line of a trace, line end included, and the sum that the next one builds on. */
export function sealed(
  content: object,
  previousSum: string,
): { readonly line: string; readonly sum: string } {
  const body = JSON.stringify(content).slice(0, -1);
  const sum = chainedSum(previousSum, body);
  return { line: `${body}${SUM_KEY}${sum}"}\n`, sum };
}

/** The parts of a line without its end: what was summed up, and the sum. Undefined if it has none. */
export function unsealed(line: Buffer): { readonly body: Buffer; readonly sum: string } | undefined {
  const body = line.subarray(0, Math.max(0, line.length - SEAL_BYTES));
  const match = SEAL.exec(line.toString('latin1', body.length));
  return match?.[1] === undefined ? undefined : { body, sum: match[1] };
}

export function chainedSum(previousSum: string, body: string | Buffer): string {
  return shortened(createHash('sha256').update(previousSum).update(body));
}

/** Equal for equal effects, whatever the order of their fields. */
export function effectsSum(effects: readonly AnyEffect[]): string {
  return effects.length === 0 ? NO_EFFECTS : shortened(createHash('sha256').update(canonicalJson(effects)));
}

/** JSON with the fields of each object in the order of their names. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function emittedTypes(effects: readonly AnyEffect[]): string[] {
  return effects.flatMap((effect) => (effect.type === 'emit' ? [String(effect.event.type)] : []));
}

const NO_EFFECTS = 'none';
const SUM_KEY = ',"sum":"';
const SUM_DIGITS = 12;
const SEAL_BYTES = SUM_KEY.length + SUM_DIGITS + 2;
const SEAL = /^,"sum":"([0-9a-f]{12})"\}$/;

function shortened(hash: ReturnType<typeof createHash>): string {
  return hash.digest('hex').slice(0, SUM_DIGITS);
}
