import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { enact, phaseOf } from '../../runtime/stage.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** What happens, and when, in ms. */
export type Script = readonly (readonly [number, AnyEventObject])[];

/** When a chart asked for what, in ms, and when it was in which phase. */
export function play(
  machine: AnyStateMachine,
  input: unknown,
  script: Script,
  untilMs: number,
): Readonly<Record<string, readonly (number | string)[]>> {
  const clock = createVirtualClock();
  const played: Record<string, number[]> = {};
  const phases: string[] = [];
  const live = enact({ clock, random: () => 0 }, machine, 'actor', input, {
    perform: (effect: AnyEventObject) => {
      const name = briefly(effect);
      played[name] = [...(played[name] ?? []), clock.now()];
    },
    observe: (snapshot) => {
      const phase = phaseOf(snapshot);
      if (phases.at(-1)?.startsWith(`${phase} `) !== true) phases.push(`${phase} at ${clock.now()}`);
    },
  });
  for (const [at, event] of script) {
    clock.advance(at - clock.now());
    live.send(event);
  }
  clock.advance(untilMs - clock.now());
  return { ...played, phases };
}

function briefly({ type, message, reason, hops, asks }: AnyEventObject): string {
  if (type === 'failed') return `failed ${reason}`;
  if (type === 'probe') return hops === undefined ? (asks ? 'probe' : 'answer') : `probe over ${hops} hops`;
  if (type !== 'transmit') return type;
  return hops === undefined ? message.type : `${message.type} over ${hops} hops`;
}

/** The multiples of a step after `from`, which is the first of them, before `until`. */
export function every(step: number, from: number, until: number): readonly number[] {
  return Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step);
}
