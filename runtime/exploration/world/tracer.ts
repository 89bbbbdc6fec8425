/** Takes the charts of a run through what happens to them once more, in full, as records of a trace. */
import type { AnyMachineSnapshot } from 'xstate';
import { begin, step } from '../../../machines/step.ts';
import type { Happening as Recorded } from '../../trace/writer.ts';
import { playerIn } from './cast.ts';
import type { Setting } from './setting.ts';
import type { Witness } from './signs.ts';

export class Tracer implements Pick<Witness, 'began' | 'happened'> {
  /** Their times are the numbers of the moves. */
  readonly records: Recorded[] = [];
  at = 0;
  readonly #setting: Setting;
  readonly #snapshots = new Map<number, AnyMachineSnapshot>();

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  began(field: number, beginning: string): void {
    const { role, actor, chart } = playerIn(this.#setting, field);
    const { machine, beginnings } = role.part.automaton.chart;
    const input = beginnings[beginning];
    const [snapshot, effects] = begin(machine, input);
    this.#snapshots.set(field, snapshot);
    const [kind = chart] = chart.split(':', 1);
    this.records.push({ at: this.at, actor, begin: kind, input, state: snapshot.value, effects });
  }

  happened(field: number, stimulus: number): void {
    const { role, actor } = playerIn(this.#setting, field);
    const { eventCount, timers, stimuli, chart } = role.part.automaton;
    const event = { ...chart.events, ...chart.strangers }[stimuli[stimulus] ?? ''] ?? {
      type: timers[stimulus - eventCount] ?? '',
    };
    const [snapshot, effects] = step(chart.machine, this.#snapshots.get(field) as AnyMachineSnapshot, event);
    this.#snapshots.set(field, snapshot);
    this.records.push({ at: this.at, actor, event, state: snapshot.value, effects });
  }
}
