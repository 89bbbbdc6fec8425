/**
 * One event through a chart, as data: the next snapshot and what the chart asks for. It calls the same
 * `machine.transition` that a live actor calls, and is the only place that touches XState's insides.
 */
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  type EmittedFrom,
  type EventFrom,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

/** What a chart asks its host for. A timer's `event` comes back to the chart when `delayMs` have passed. */
export type Effect<Machine extends AnyStateMachine> =
  | { readonly type: 'emit'; readonly event: EmittedFrom<Machine> }
  | {
      readonly type: 'arm';
      readonly timer: string;
      readonly delayMs: number;
      readonly event: EventFrom<Machine>;
    }
  | { readonly type: 'disarm'; readonly timer: string };

export type Step<Machine extends AnyStateMachine> = readonly [
  SnapshotFrom<Machine>,
  readonly Effect<Machine>[],
];

/** The chart at its start. Throws what its context factory throws. */
export function begin<Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
): Step<Machine> {
  const actions: Executed[] = [];
  const snapshot = machine.getInitialSnapshot(scopeInto(actions), input);
  if (snapshot.status === 'error') throw snapshot.error;
  return [snapshot as SnapshotFrom<Machine>, effectsOf<Machine>(actions)];
}

/**
 * The chart after one event. A chart that has ended stays as it is, and so does one that does not know the event.
 * Throws on anything that is not `assign`, `emit` or a named delay: such a chart could not be explored.
 */
export function step<Machine extends AnyStateMachine>(
  machine: Machine,
  snapshot: SnapshotFrom<Machine>,
  event: EventFrom<Machine>,
): Step<Machine> {
  const current: AnyMachineSnapshot = snapshot;
  if (current.status !== 'active') return [snapshot, []];
  const actions: Executed[] = [];
  const next = machine.transition(current, event, scopeInto(actions));
  return [next as SnapshotFrom<Machine>, effectsOf<Machine>(actions)];
}

type Given = {
  readonly id?: unknown;
  readonly delay?: unknown;
  readonly event?: unknown;
  readonly sendId?: unknown;
};

type Executed = { readonly type: string; readonly params: unknown };

function scopeInto(actions: Executed[]): AnyActorScope {
  const self = createEmptyActor();
  return {
    self,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    system: self.system,
    actionExecutor: (action) => actions.push(action),
  };
}

function effectsOf<Machine extends AnyStateMachine>(actions: readonly Executed[]): Effect<Machine>[] {
  return actions.map(({ type, params }) => {
    const given = params as Given;
    switch (type) {
      case 'xstate.emit':
        return { type: 'emit', event: given.event as EmittedFrom<Machine> };
      case 'xstate.raise':
        return armed<Machine>(given);
      case 'xstate.cancel':
        return { type: 'disarm', timer: String(given.sendId) };
      default:
        throw new Error(`a chart may only assign, emit and wait, but this one asks for "${type}"`);
    }
  });
}

function armed<Machine extends AnyStateMachine>(given: Given): Effect<Machine> {
  const { id, delay, event } = given;
  if (typeof delay !== 'number' || !(delay >= 0)) throw new Error(`timer "${String(id)}" has no delay in ms`);
  return { type: 'arm', timer: String(id), delayMs: delay, event: event as EventFrom<Machine> };
}
