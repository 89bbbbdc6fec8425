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
  /** The fields of the context that choose how long delays are and nothing else. They are no part of a situation. */
  readonly pacing: readonly (keyof ContextFrom<Machine> & string)[];
  /** The states in which the chart may stay for ever if nothing but time happens to it. */
  readonly resting: readonly string[];
};
