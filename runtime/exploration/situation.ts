/**
 * A moment in a chart's life, from which everything that may come follows: the snapshot and the timers that are armed.
 * A timer can happen only where it is armed, and that is taken from what the chart asks for, not from what its
 * definition suggests: a delay that does not start again after it has fired is not armed again. Any timer that is armed
 * may be the next, however long its delay: this looks at more than can be, and never at less.
 */
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  createActor,
  type InspectionEvent,
} from 'xstate';
import { begin, type Effect, step } from '../../machines/step.ts';
import { placeOf, timersOf } from './anatomy.ts';
import { type Chart, protocolOf } from './chart.ts';
import { withoutPreempted } from './preemption.ts';

export type Situation = {
  readonly snapshot: AnyMachineSnapshot;
  /** In the order they were armed. One that is armed twice is here twice. */
  readonly armed: readonly Timer[];
  /** What the chart asked for on the way here from the situation before. */
  readonly effects: readonly Effect<AnyStateMachine>[];
  /** The transitions that it took on that way; several where regions are parallel, none if it ignored the event. */
  readonly taken: readonly AnyTransitionDefinition[];
  /** Those that it would have taken, had another region not left the same states. */
  readonly preempted: readonly AnyTransitionDefinition[];
};

export type Timer = Extract<Effect<AnyStateMachine>, { type: 'arm' }>;

/** Something that may happen: what people call it, and the event that it is to the chart. */
export type Stimulus = {
  readonly type: string;
  readonly event: AnyEventObject;
  /** The id of the timer that fires, if it is one. */
  readonly timer?: string;
};

/** The first situation of a life. */
export function opening(chart: Chart, beginning: string): Situation {
  const input = inputOf(chart, beginning);
  const [snapshot, effects] = begin(chart.machine, input);
  return { snapshot, armed: rearmed([], effects), effects, ...witness(chart.machine, { input }) };
}

/** The situation after something has happened. */
export function follow(chart: Chart, situation: Situation, { event, timer }: Stimulus): Situation {
  const [snapshot, effects] = step(chart.machine, situation.snapshot, event);
  const left =
    timer === undefined ? situation.armed : situation.armed.filter((armed) => armed.timer !== timer);
  return {
    snapshot,
    armed: rearmed(left, effects),
    effects,
    ...witness(chart.machine, { snapshot: situation.snapshot }, event),
  };
}

/** Everything that may happen in a situation; nothing where the chart has ended. */
export function stimuliIn(chart: Chart, { snapshot, armed }: Situation): readonly Stimulus[] {
  if (snapshot.status !== 'active') return [];
  const names = timersOf(chart.machine);
  return [
    ...Object.entries({ ...chart.events, ...chart.strangers })
      .map(([type, event]) => ({ type, event }))
      .filter((stimulus) => isKnown(chart, snapshot, stimulus)),
    ...armed.map(({ timer, event }) => ({ type: names.get(timer) ?? timer, event, timer })),
  ];
}

/** Whether an event may happen at all in the life that a snapshot is of. */
export function isKnown({ protocols }: Chart, { context }: AnyMachineSnapshot, { type }: Stimulus): boolean {
  const protocol = protocols?.[type];
  return protocol === undefined || protocol === protocolOf(context);
}

/** What two situations have in common if the same can happen from there on. */
export function keyOf({ pacing }: Chart, { snapshot, armed }: Situation): string {
  const context: Record<string, unknown> = { ...snapshot.context };
  for (const field of pacing) delete context[field];
  return JSON.stringify([placeOf(snapshot.value), context, armed.map(({ timer }) => timer).sort()]);
}

/** What a life begins with. */
export function inputOf(chart: Chart, beginning: string): unknown {
  if (!Object.hasOwn(chart.beginnings, beginning)) throw new Error(`no life begins as "${beginning}"`);
  return chart.beginnings[beginning];
}

/** The transitions that an actor takes, and those that are preempted. */
export type Witnessed = {
  readonly taken: AnyTransitionDefinition[];
  readonly preempted: AnyTransitionDefinition[];
};

/** Notes the transitions of an actor, out of what it tells its inspector. */
export function noting({ taken, preempted }: Witnessed): (inspected: InspectionEvent) => void {
  return (inspected) => {
    if (inspected.type !== '@xstate.microstep') return;
    const effective = withoutPreempted(inspected._transitions);
    taken.push(...effective);
    preempted.push(...inspected._transitions.filter((transition) => !effective.includes(transition)));
  };
}

function rearmed(before: readonly Timer[], effects: readonly Effect<AnyStateMachine>[]): readonly Timer[] {
  let armed = before;
  for (const effect of effects) {
    if (effect.type === 'disarm') armed = armed.filter(({ timer }) => timer !== effect.timer);
    if (effect.type === 'arm') armed = armed.concat(effect);
  }
  return armed;
}

/** Sees the transitions of all regions and all `always` steps, which `machine.getTransitionData` does not list. */
function witness(
  machine: AnyStateMachine,
  from: { input: unknown } | { snapshot: AnyMachineSnapshot },
  event?: AnyEventObject,
): Witnessed {
  const witnessed: Witnessed = { taken: [], preempted: [] };
  const clock = { setTimeout: () => 0, clearTimeout: () => {} };
  const actor = createActor(machine, { ...from, clock, inspect: noting(witnessed) });
  if (event === undefined) return witnessed;
  actor.start();
  actor.send(event);
  return witnessed;
}
