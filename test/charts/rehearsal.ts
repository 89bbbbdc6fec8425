import assert from 'node:assert/strict';
import type { AnyEventObject } from 'xstate';
import { nameOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { type Stop, stopOf, type Trail } from '../../runtime/exploration/footprint.ts';
import { type Path, walk } from '../../runtime/exploration/paths.ts';
import {
  inputOf,
  noting,
  type Situation,
  type Stimulus,
  type Witnessed,
} from '../../runtime/exploration/situation.ts';
import { enact, type Live } from '../../runtime/stage.ts';
import { createVirtualClock, type VirtualClock, type VirtualTimer } from '../support/virtual-clock.ts';

export type Rehearsal = {
  /** The path as the live actor went it. */
  readonly trail: Trail;
  /** The actor at the end of the path, alive unless the path ended its life. */
  readonly live: Live<Chart['machine']>;
  readonly clock: VirtualClock;
};

/**
 * Goes a path on a live actor in virtual time, and demands of each step what `step` says: the same value and context,
 * the same effects in the same order, the same transitions, the same timers armed for the same times.
 */
export function rehearse(chart: Chart, path: Path): Rehearsal {
  const clock = createVirtualClock();
  const performance = perform(chart, path.beginning, clock);
  const [first, ...rest] = walk(chart, path);
  assert(first !== undefined);
  const start = performance.compare(first, path.beginning);
  const steps = rest.map((expected, index) => {
    const stimulus = path.stimuli[index];
    assert(stimulus !== undefined);
    performance.face(stimulus);
    const way = path.stimuli.slice(0, index + 1).map(({ type }) => type);
    return { stimulus: stimulus.type, stop: performance.compare(expected, way.join(' > ')) };
  });
  return { trail: { start, steps }, live: performance.live, clock };
}

function perform(chart: Chart, beginning: string, clock: VirtualClock) {
  const emitted: AnyEventObject[] = [];
  const witnessed: Witnessed = { taken: [], preempted: [] };
  const set: VirtualTimer[] = [];
  const timers = new Map<string, VirtualTimer>();
  const setTimeout = (run: () => void, delayMs: number) => {
    const timer = clock.setTimeout(run, delayMs) as VirtualTimer;
    set.push(timer);
    return timer;
  };
  const live = enact(
    { clock: { ...clock, setTimeout }, random: () => 0, inspect: noting(witnessed) },
    chart.machine,
    'actor',
    inputOf(chart, beginning),
    { perform: (effect: AnyEventObject) => emitted.push(effect) },
  );

  /** Gives the timers that were set the names of those that the model armed, which are in the same order. */
  const nameTimers = ({ effects }: Situation) => {
    const names = effects.flatMap((effect) => (effect.type === 'arm' ? [effect.timer] : []));
    for (const [index, timer] of set.entries()) timers.set(names[index] ?? 'a timer too many', timer);
    const armed = new Set(clock.armed());
    for (const [name, timer] of timers) if (!armed.delete(timer)) timers.delete(name);
    return [...timers.keys(), ...[...armed].map(({ due }) => `an unknown timer for ${due} ms`)].sort();
  };

  const compare = (expected: Situation, way: string): Stop => {
    const snapshot = live.snapshot();
    assert.deepEqual(
      {
        way,
        ...{ value: snapshot.value, context: snapshot.context, status: snapshot.status },
        taken: witnessed.taken.map(nameOf),
        emitted,
        delays: set.map(({ delayMs }) => delayMs),
        armed: nameTimers(expected),
      },
      { way, ...expectationOf(expected) },
    );
    const stop = stopOf(chart, { ...expected, snapshot, taken: [...witnessed.taken] });
    for (const list of [emitted, set, witnessed.taken, witnessed.preempted]) list.length = 0;
    return stop;
  };

  const face = ({ event, timer }: Stimulus) => {
    if (timer === undefined) return live.send(event);
    const armed = timers.get(timer);
    assert(armed !== undefined, `${timer} is not armed`);
    clock.fire(armed);
  };

  return { live, face, compare };
}

function expectationOf({ snapshot, effects, taken, armed }: Situation) {
  return {
    ...{ value: snapshot.value, context: snapshot.context, status: snapshot.status },
    taken: taken.map(nameOf),
    emitted: effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : [])),
    delays: effects.flatMap((effect) => (effect.type === 'arm' ? [effect.delayMs] : [])),
    armed: armed.map(({ timer }) => timer).sort(),
  };
}
