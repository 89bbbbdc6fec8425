/** Takes the charts of a run through what happens to them once more, in full, as records of a trace. */
import type { AnyMachineSnapshot } from 'xstate';
import { begin, step } from '../../../machines/step.ts';
import type { Happening as Recorded } from '../../trace/writer.ts';
import type { Automaton } from '../automaton.ts';

/** The chart that plays in a field, and what a trace calls it. */
export type TracedPlayer = { readonly automaton: Automaton; readonly actor: string; readonly chart: string };

export class Tracer {
  /** Their times are the numbers of the moves. */
  readonly records: Recorded[] = [];
  at = 0;
  readonly #playerIn: (field: number) => TracedPlayer;
  readonly #snapshots = new Map<number, AnyMachineSnapshot>();

  constructor(playerIn: (field: number) => TracedPlayer) {
    this.#playerIn = playerIn;
  }

  began(field: number, beginning: string): void {
    const { automaton, actor, chart } = this.#playerIn(field);
    const { machine, beginnings } = automaton.chart;
    const input = beginnings[beginning];
    const [snapshot, effects] = begin(machine, input);
    this.#snapshots.set(field, snapshot);
    const [kind = chart] = chart.split(':', 1);
    this.records.push({ at: this.at, actor, begin: kind, input, state: snapshot.value, effects });
  }

  happened(field: number, stimulus: number): void {
    const { automaton, actor } = this.#playerIn(field);
    const { eventCount, timers, stimuli, chart } = automaton;
    const event = { ...chart.events, ...chart.strangers }[stimuli[stimulus] ?? ''] ?? {
      type: timers[stimulus - eventCount] ?? '',
    };
    const [snapshot, effects] = step(chart.machine, this.#snapshots.get(field) as AnyMachineSnapshot, event);
    this.#snapshots.set(field, snapshot);
    this.records.push({ at: this.at, actor, event, state: snapshot.value, effects });
  }

  /** The charts in two fields change places. */
  swapped(one: number, other: number): void {
    const [first, second] = [this.#snapshots.get(one), this.#snapshots.get(other)];
    if (second !== undefined) this.#snapshots.set(one, second);
    if (first !== undefined) this.#snapshots.set(other, first);
  }
}
