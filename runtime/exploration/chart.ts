import type { AnyStateMachine, ContextFrom, EventFrom, InputFrom } from 'xstate';

/** A chart as exploration sees it: how its life may begin, and everything that may happen to it. */
export type Chart<Machine extends AnyStateMachine = AnyStateMachine> = {
  readonly machine: Machine;
  /** The lives it may begin, by a name for people. */
  readonly beginnings: Readonly<Record<string, InputFrom<Machine>>>;
  /** What may happen at any time, by what people call it. Timers are not listed: they happen where they are armed. */
  readonly events: Readonly<Record<string, EventFrom<Machine>>>;
  /** Likewise, from those with whom the chart has no business, whatever it is doing. */
  readonly strangers: Readonly<Record<string, EventFrom<Machine>>>;
  /** Those of the events and strangers, by name, that are known to lives of one protocol only. */
  readonly protocols?: Readonly<Record<string, 1 | 2>>;
  /** The fields of the context that choose how long delays are and nothing else. They are no part of a situation. */
  readonly pacing: readonly (keyof ContextFrom<Machine> & string)[];
  /** The states in which the chart may stay for ever if nothing but time happens to it. */
  readonly resting: readonly string[];
};

/** Says of events that only lives of this protocol know them. */
export function knownTo(
  protocol: 1 | 2,
  events: Readonly<Record<string, unknown>>,
): Readonly<Record<string, 1 | 2>> {
  return Object.fromEntries(Object.keys(events).map((type) => [type, protocol]));
}

/** The protocol that a life speaks, by its input or its context. */
export function protocolOf(life: unknown): 1 | 2 {
  return (life as { readonly protocol?: 1 | 2 } | undefined)?.protocol ?? 1;
}
