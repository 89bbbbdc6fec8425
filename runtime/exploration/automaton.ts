/**
 * A chart as integer tables: what it does in each situation at each event of a finite alphabet, looked up instead of
 * computed. A situation is the state, the context without what only sets the pace, the timers that are armed, and what
 * is certain about the order in which they fall due. (What a server runs on, context apart, is in machines/automaton.)
 */
import type { AnyEventObject } from 'xstate';
import { nameOf, outgoing, timersOf } from './anatomy.ts';
import type { Chart } from './chart.ts';
import { follow, isKnown, opening, type Situation, type Stimulus } from './situation.ts';

export type Automaton = {
  readonly chart: Chart;
  /** The alphabet: what may happen, then the timers. */
  readonly stimuli: readonly string[];
  /** How many of the stimuli are events; the rest are timers. */
  readonly eventCount: number;
  /** The ids of the timers, in the order of the alphabet. */
  readonly timers: readonly string[];
  readonly beginnings: Readonly<Record<string, Cell>>;
  /** By number. The pace, such as the number of an attempt, is one of many. */
  readonly situations: readonly Situation[];
  /** How each situation is first reached: null for a beginning. */
  readonly origins: readonly Origin[];
  /** By `situation * stimuli.length + stimulus`: the situation after, or -1 where this cannot happen. */
  readonly next: Int32Array;
  /** Likewise: which of the `outputs` the chart asks for. */
  readonly output: Int32Array;
  /** Likewise: which of the `changes` it takes. */
  readonly change: Int32Array;
  /** Every list of emitted events there is, the empty one first. */
  readonly outputs: readonly (readonly AnyEventObject[])[];
  /** Every list of transitions taken together, by name, the empty one first; those at the beginnings too. */
  readonly changes: readonly (readonly string[])[];
  /** By situation: the timers that may fire, as bits. Those that another armed one surely precedes are not among them. */
  readonly firable: Int32Array;
  /** What is wrong with timers anywhere: armed twice, or armed though their state was left. */
  readonly timerFaults: readonly string[];
};

export type Cell = { readonly situation: number; readonly output: number };

export type Origin = { readonly beginning: string } | { readonly from: number; readonly stimulus: number };

export type CompileOptions = {
  /** How long timers wait whose delay is not always the same, by the name of the delay. */
  readonly waits: Readonly<Record<string, readonly [number, number]>>;
  /** The context without differences that make none, such as the order of a set. */
  readonly canonical?: (context: Record<string, unknown>) => Record<string, unknown>;
  /** Whether timers keep the order that their delays give them. Otherwise any armed one may fire first. */
  readonly isOrdered?: boolean;
};

/** More situations than this, and something in the context counts without end. */
const SITUATIONS_MAX = 20_000;
const TIMERS_MAX = 31;

/** Walks a chart exhaustively. Throws, with its name, on a chart that has no finite tables. */
export function compile(chart: Chart, options: CompileOptions): Automaton {
  const names = timersOf(chart.machine);
  const timers = [...names.keys()];
  const id = chart.machine.id;
  if (timers.length > TIMERS_MAX) throw new Error(`the chart "${id}" has more than ${TIMERS_MAX} timers`);
  const events = Object.entries({ ...chart.events, ...chart.strangers });
  const stimuli = [...events.map(([type]) => type), ...timers.map((timer) => names.get(timer) ?? timer)];
  const given = (index: number): Stimulus => {
    const event = events[index];
    if (event !== undefined) return { type: event[0], event: event[1] };
    const timer = timers[index - events.length] ?? '';
    return { type: stimuli[index] ?? '', event: { type: timer }, timer };
  };

  const waits = waitsIn(chart, options, names);
  const numbers = new Map<string, number>();
  const found: Found[] = [];
  const origins: Origin[] = [];
  const outputs = interned<readonly AnyEventObject[]>([]);
  const changes = interned<readonly string[]>([]);
  const timerFaults = new Set<string>();

  const enter = (situation: Situation, before: Found | undefined, origin: Origin): Cell => {
    for (const timer of situation.armed) waits(timer);
    const order = options.isOrdered === false ? [] : orderAfter(situation, before?.order ?? [], waits);
    const key = keyOf(chart, options, situation, order);
    let number = numbers.get(key);
    if (number === undefined) {
      number = found.length;
      if (number >= SITUATIONS_MAX) throw new Error(`the chart "${id}" counts without end: ${key}`);
      numbers.set(key, number);
      found.push({ situation, order });
      origins.push(origin);
      for (const fault of timerFaultsIn(situation, names)) timerFaults.add(fault);
    }
    const emitted = situation.effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []));
    return { situation: number, output: outputs.numberOf(emitted as AnyEventObject[]) };
  };

  const beginnings = Object.fromEntries(
    Object.keys(chart.beginnings).map((beginning) => {
      const first = opening(chart, beginning);
      changes.numberOf(first.taken.map(nameOf));
      return [beginning, enter(first, undefined, { beginning })];
    }),
  );
  const rows: { next: number[]; output: number[]; change: number[]; firable: number }[] = [];
  for (let number = 0; number < found.length; number += 1) {
    const here = found[number] as Found;
    const row = { next: [] as number[], output: [] as number[], change: [] as number[], firable: 0 };
    const firable = new Set(firableIn(here));
    for (const [index] of stimuli.entries()) {
      const stimulus = given(index);
      const canHappen =
        stimulus.timer === undefined
          ? isKnown(chart, here.situation.snapshot, stimulus)
          : firable.has(stimulus.timer);
      if (!canHappen) {
        row.next.push(-1);
        row.output.push(0);
        row.change.push(0);
        continue;
      }
      if (stimulus.timer !== undefined) row.firable |= 1 << (index - events.length);
      const after = follow(chart, here.situation, stimulus);
      const cell = enter(after, here, { from: number, stimulus: index });
      row.next.push(cell.situation);
      row.output.push(cell.output);
      row.change.push(changes.numberOf(after.taken.map(nameOf)));
    }
    rows.push(row);
  }

  return {
    ...{ chart, stimuli, eventCount: events.length, timers, beginnings, origins },
    situations: found.map(({ situation }) => situation),
    next: Int32Array.from(rows.flatMap(({ next }) => next)),
    output: Int32Array.from(rows.flatMap(({ output }) => output)),
    change: Int32Array.from(rows.flatMap(({ change }) => change)),
    outputs: outputs.values,
    changes: changes.values,
    firable: Int32Array.from(rows.map(({ firable }) => firable)),
    timerFaults: [...timerFaults],
  };
}

/** What happens, in order, on the shortest way to a situation, and how the life begins that goes it. */
export function wayTo(automaton: Automaton, situation: number): { beginning: string; stimuli: number[] } {
  const stimuli: number[] = [];
  let origin = automaton.origins[situation];
  while (origin !== undefined && !('beginning' in origin)) {
    stimuli.unshift(origin.stimulus);
    origin = automaton.origins[origin.from];
  }
  if (origin === undefined) throw new Error(`there is no situation ${situation}`);
  return { beginning: origin.beginning, stimuli };
}

/** A pair of timers of which the first surely falls due before the second. */
type Precedence = readonly [string, string];
type Found = { readonly situation: Situation; readonly order: readonly Precedence[] };
type WaitOf = (timer: Situation['armed'][number]) => readonly [number, number];

/** Who is armed no later than another, and waits less at the most than the other at the least, falls due before it. */
function orderAfter(situation: Situation, before: readonly Precedence[], waits: WaitOf) {
  const fresh = new Set(situation.effects.flatMap((effect) => (effect.type === 'arm' ? [effect.timer] : [])));
  const armed = new Set(situation.armed.map(({ timer }) => timer));
  const kept = before.filter((pair) => pair.every((timer) => armed.has(timer) && !fresh.has(timer)));
  const added = situation.armed
    .filter(({ timer }) => fresh.has(timer))
    .flatMap((later) =>
      situation.armed
        .filter((sooner) => sooner !== later && waits(sooner)[1] < waits(later)[0])
        .map((sooner): Precedence => [sooner.timer, later.timer]),
    );
  return [...kept, ...added];
}

function firableIn({ situation, order }: Found): readonly string[] {
  if (situation.snapshot.status !== 'active') return [];
  const preceded = new Set(order.map(([, later]) => later));
  return situation.armed.map(({ timer }) => timer).filter((timer) => !preceded.has(timer));
}

/** Reads delays off what is armed, and demands that they are constant where no range is declared. */
function waitsIn({ machine }: Chart, { waits }: CompileOptions, names: ReadonlyMap<string, string>): WaitOf {
  const seen = new Map<string, number>();
  return ({ timer, delayMs }) => {
    const delay = (names.get(timer) ?? timer).replace(/^after (.*?) in .*$/, '$1');
    const declared = waits[delay];
    if (declared !== undefined) {
      if (delayMs >= declared[0] && delayMs <= declared[1]) return declared;
      throw new Error(
        `the timer "${names.get(timer)}" of "${machine.id}" waits ${delayMs} ms, out of its range`,
      );
    }
    const constant = seen.get(timer) ?? delayMs;
    if (constant !== delayMs) {
      const problem = `waits ${constant} or ${delayMs} ms: declare its range`;
      throw new Error(`the timer "${names.get(timer)}" of "${machine.id}" ${problem}`);
    }
    seen.set(timer, delayMs);
    return [delayMs, delayMs];
  };
}

function keyOf(
  chart: Chart,
  options: CompileOptions,
  { snapshot, armed }: Situation,
  order: readonly Precedence[],
) {
  const context: Record<string, unknown> = { ...snapshot.context };
  for (const field of chart.pacing) delete context[field];
  return JSON.stringify([
    snapshot.value,
    options.canonical?.(context) ?? context,
    armed.map(({ timer }) => timer).sort(),
    order.map((pair) => pair.join('<')).sort(),
  ]);
}

function timerFaultsIn(
  { snapshot, armed }: Situation,
  names: ReadonlyMap<string, string>,
): readonly string[] {
  const waiting = snapshot.status === 'active' ? snapshot._nodes.flatMap(outgoing) : [];
  const possible = new Set(waiting.map(({ eventType }) => eventType));
  const ids = armed.map(({ timer }) => timer);
  return ids.flatMap((timer, index) => [
    ...(ids.indexOf(timer) < index ? [`"${names.get(timer)}" is armed twice`] : []),
    ...(possible.has(timer) ? [] : [`"${names.get(timer)}" is left armed`]),
  ]);
}

function interned<Value>(first: Value): { values: Value[]; numberOf(value: Value): number } {
  const numbers = new Map([[JSON.stringify(first), 0]]);
  const values = [first];
  return {
    values,
    numberOf: (value) => {
      const key = JSON.stringify(value);
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, values.length);
      return values.push(value) - 1;
    },
  };
}
