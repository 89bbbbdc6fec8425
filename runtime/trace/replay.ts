import type { AnyMachineSnapshot, AnyStateMachine, EventObject, StateValue } from 'xstate';
import { clientMachine } from '../../machines/client.ts';
import { introductionMachine } from '../../machines/introduction.ts';
import { linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { begin, type Step, step } from '../../machines/step.ts';
import {
  type AnyEffect,
  canonicalJson,
  effectsSum,
  emittedTypes,
  type Reaction,
  type TraceHeader,
  type TraceRecord,
} from './format.ts';
import type { TraceFault, TraceItem } from './reader.ts';

/** The charts that a trace may name. */
export type Charts = Readonly<Record<string, AnyStateMachine>>;

export const protocolCharts: Charts = {
  client: clientMachine,
  link: linkMachine,
  session: sessionMachine,
  introduction: introductionMachine,
};

/** One event of a trace, taken once more. */
export type ReplayStep = {
  /** Counted from 1. */
  readonly index: number;
  /** In the trace. */
  readonly line: number;
  readonly at: number;
  readonly actor: string;
  readonly chart: string;
  /** `xstate.init` with the input for an actor's begin. */
  readonly event: EventObject;
  /** Undefined before an actor's begin, and once its chart has thrown. */
  readonly before: StateValue | undefined;
  readonly after: StateValue | undefined;
  readonly effects: readonly AnyEffect[];
  /** What the chart throws, in this version. */
  readonly error?: string;
  readonly recorded: Pick<Reaction, 'state' | 'emits' | 'error'>;
  /** What is not as recorded. */
  readonly difference?: 'state' | 'emits' | 'effects' | 'error';
};

export type ReplayItem =
  | { readonly type: 'header'; readonly header: TraceHeader }
  | ({ readonly type: 'step' } & ReplayStep)
  | { readonly type: 'end'; readonly isWhole: boolean }
  | { readonly type: 'fault'; readonly fault: TraceFault };

/** Runs the charts over what a trace says that happened to them. Never throws for what is in the trace. */
export async function* replay(
  trace: AsyncIterable<TraceItem>,
  charts: Charts = protocolCharts,
): AsyncGenerator<ReplayItem> {
  const stage = new ReplayStage(charts);
  for await (const item of trace) {
    if (item.type !== 'record') {
      yield item;
      continue;
    }
    const step = stage.take(item.record, item.line);
    if (typeof step !== 'string') {
      yield { type: 'step', ...step };
      continue;
    }
    const text = `Line ${item.line} cannot be replayed: ${step}.`;
    return yield { type: 'fault', fault: { code: 'badRecord', line: item.line, text } };
  }
}

type Actor = {
  readonly chart: string;
  readonly machine: AnyStateMachine;
  /** Undefined once the chart has thrown. */
  snapshot: AnyMachineSnapshot | undefined;
};

type Attempt = { readonly step: Step<AnyStateMachine> } | { readonly error: string };

class ReplayStage {
  readonly #charts: Charts;
  readonly #actors = new Map<string, Actor>();
  #index = 0;

  constructor(charts: Charts) {
    this.#charts = charts;
  }

  /** The record as a step, or why it is none. */
  take(record: TraceRecord, line: number): ReplayStep | string {
    const actor = 'begin' in record ? this.#meet(record.actor, record.begin) : this.#actors.get(record.actor);
    if (actor === undefined) {
      return 'begin' in record
        ? `this version has no chart ${JSON.stringify(record.begin)}`
        : `the actor ${JSON.stringify(record.actor)} has not begun`;
    }
    const before = actor.snapshot?.value;
    const attempt = attemptOf(actor, record);
    const [snapshot, effects] = 'step' in attempt ? attempt.step : [undefined, []];
    actor.snapshot = snapshot;
    const { at, state, emits, error } = record;
    this.#index += 1;
    const difference = differenceOf(record, attempt);
    return {
      index: this.#index,
      line,
      at,
      actor: record.actor,
      chart: actor.chart,
      event: 'begin' in record ? initOf(record.input) : record.event,
      before,
      after: actor.snapshot?.value,
      effects,
      ...('error' in attempt ? { error: attempt.error } : {}),
      recorded: {
        ...(state === undefined ? {} : { state }),
        emits,
        ...(error === undefined ? {} : { error }),
      },
      ...(difference === undefined ? {} : { difference }),
    };
  }

  #meet(id: string, chart: string): Actor | undefined {
    const machine = Object.hasOwn(this.#charts, chart) ? this.#charts[chart] : undefined;
    if (machine === undefined) return undefined;
    const actor: Actor = { chart, machine, snapshot: undefined };
    this.#actors.set(id, actor);
    return actor;
  }
}

function attemptOf({ machine, snapshot }: Actor, record: TraceRecord): Attempt {
  try {
    if ('begin' in record) return { step: begin(machine, record.input) };
    if (snapshot === undefined) return { error: 'the chart has thrown before' };
    return { step: step(machine, snapshot, record.event) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function differenceOf(record: TraceRecord, attempt: Attempt): ReplayStep['difference'] {
  if ('error' in attempt) return record.error === undefined ? 'error' : undefined;
  if (record.error !== undefined) return 'error';
  const [snapshot, effects] = attempt.step;
  const { value } = snapshot as AnyMachineSnapshot;
  if (canonicalJson(value) !== canonicalJson(record.state)) return 'state';
  if (emittedTypes(effects).join('\n') !== record.emits.join('\n')) return 'emits';
  return record.effects !== undefined && record.effects !== effectsSum(effects) ? 'effects' : undefined;
}

function initOf(input: unknown): EventObject & { readonly input: unknown } {
  return { type: 'xstate.init', input };
}
