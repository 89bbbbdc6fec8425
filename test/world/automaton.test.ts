import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { step } from '../../machines/step.ts';
import * as timing from '../../machines/timing.ts';
import { nameOf, transitionsOf } from '../../runtime/exploration/anatomy.ts';
import { type Automaton, type CompileOptions, compile, wayTo } from '../../runtime/exploration/automaton.ts';
import { type Chart, protocolOf } from '../../runtime/exploration/chart.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { keyOf, type Stimulus } from '../../runtime/exploration/situation.ts';
import { deadTransitionsOf, ignoredBy } from '../../runtime/exploration/world/ignored.ts';
import { rehearse } from '../charts/rehearsal.ts';
import { ignored } from './ignored.ts';

const ladder = [50, 2000] as const;
const waits: CompileOptions['waits'] = {
  retry: ladder,
  askRetry: [40, 6000],
  requestRetry: ladder,
  greetingRetry: ladder,
  probeRetry: [33, 2000],
  startIn: [0, 1000],
};
const keepalive = [timing.KEEPALIVE_MIN_MS, timing.KEEPALIVE_MAX_MS] as const;

const options: Readonly<Record<string, CompileOptions>> = {
  client: { waits: { ...waits, keepalive } },
};

const compiled: Readonly<Record<string, Automaton>> = Object.fromEntries(
  chartNames.map((name) => [name, compile(charts[name], options[name] ?? { waits })]),
);

for (const [name, automaton] of Object.entries(compiled)) {
  describe(`the tables of the chart ${name}`, () => {
    it('agree with step and with live actors on every transition', () => {
      for (let situation = 0; situation < automaton.situations.length; situation += 1)
        for (let stimulus = 0; stimulus < automaton.stimuli.length; stimulus += 1)
          compareCell(automaton, situation, stimulus);
    });

    it('leave no transition of the definition untaken', () => {
      const all = transitionsOf(automaton.chart.machine).map(nameOf);
      assert.deepEqual(deadTransitionsOf(automaton, all), []);
    });

    it('arm no timer twice, and leave none armed', () => {
      assert.deepEqual(automaton.timerFaults, []);
    });
  });
}

for (const [life, expected] of Object.entries(ignored)) {
  it(`${life} ignores what the table of ignored events says, for the reasons it gives`, () => {
    const [name = '', protocol = '1'] = life.split(' of protocol ');
    const { chart } = compiled[name] as Automaton;
    const ofProtocol = ([, input]: [string, unknown]) => protocolOf(input) === Number(protocol);
    const beginnings = Object.fromEntries(Object.entries(chart.beginnings).filter(ofProtocol));
    const phases = Object.entries(expected).map(([type, { in: phases }]) => [type, phases]);
    const found = ignoredBy(compile({ ...chart, beginnings }, options[name] ?? { waits }));
    assert.deepEqual(found, Object.fromEntries(phases));
  });
}

describe('a chart that has no finite tables', () => {
  it('is refused by name when it counts without end', () => {
    const machine = setup({
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    }).createMachine({
      id: 'counter',
      context: { n: 0 },
      on: { tick: { actions: 'count' } },
    });
    assert.throws(
      () => compile(chartOf(machine, { tick: { type: 'tick' } }), { waits: {} }),
      /"counter" counts/,
    );
  });

  it('is refused by name when a delay varies and nobody says how', () => {
    const machine = setup({
      actions: { count: assign({ n: 1 }) },
      delays: { pause: ({ context }) => 10 + context.n },
    }).createMachine({
      id: 'varying',
      context: { n: 0 },
      initial: 'on',
      states: { on: { after: { pause: { target: 'on', reenter: true, actions: 'count' } } } },
    });
    assert.throws(() => compile(chartOf(machine, {}), { waits: {} }), /waits 10 or 11 ms: declare its range/);
  });
});

function compareCell(automaton: Automaton, situation: number, stimulus: number): void {
  const { chart, situations, stimuli, eventCount, timers, next, output, outputs, change, changes } =
    automaton;
  const cell = situation * stimuli.length + stimulus;
  const target = next[cell] ?? -1;
  const before = situations[situation];
  if (target < 0 || before === undefined || before.snapshot.status !== 'active') return;
  const stimulusAt = (index: number): Stimulus => {
    const type = stimuli[index] ?? '';
    const timer = timers[index - eventCount];
    if (timer !== undefined && index >= eventCount) return { type, event: { type: timer }, timer };
    return { type, event: { ...chart.events, ...chart.strangers }[type] ?? { type } };
  };
  const way = wayTo(automaton, situation);
  const path = { beginning: way.beginning, stimuli: [...way.stimuli, stimulus].map(stimulusAt) };
  const { live, trail } = rehearse(chart, path);
  const expected = situations[target];
  assert(expected !== undefined);
  const last = trail.steps.at(-1)?.stop;
  assert.equal(last?.key, keyOf(chart, expected), `${stimuli[stimulus]} in ${keyOf(chart, before)}`);
  assert.deepEqual(last?.taken, changes[change[cell] ?? 0]);
  assert.deepEqual(live.snapshot().value, expected.snapshot.value);
  const [, effects] = step(chart.machine, before.snapshot, stimulusAt(stimulus).event);
  assert.deepEqual(
    effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : [])),
    outputs[output[cell] ?? 0],
  );
}

function chartOf(machine: unknown, events: Chart['events']): Chart {
  return {
    machine: machine as AnyStateMachine,
    beginnings: { life: undefined },
    events,
    strangers: {},
    pacing: [],
    resting: [],
  };
}
