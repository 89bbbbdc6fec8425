import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnyStateMachine, assign, createActor, emit, log, not, setup } from 'xstate';
import { type Automaton, BEGIN, compile, NOTHING } from '../../machines/automaton.ts';
import { introductionMachine } from '../../machines/introduction.ts';
import { sessionMachine } from '../../machines/session.ts';
import { begin, step } from '../../machines/step.ts';

/** The charts that run as tables. */
const compiled: readonly AnyStateMachine[] = [sessionMachine];

/** What a chart does at one event: the state after, the actions by name, the delays that are disarmed and armed. */
type Outcome = {
  readonly state: string;
  readonly actions: readonly string[];
  readonly disarmed: readonly string[];
  readonly armed: readonly string[];
};

for (const machine of compiled) {
  describe(`the tables of the chart "${machine.id}"`, () => {
    const automaton = compile(machine);

    it('do what `step` does, in every state, at every event, for every outcome of the guards', () => {
      let heeded = 0;
      for (const situation of situationsOf(automaton)) {
        const expected = byStep(machine, automaton, situation);
        assert.deepEqual(byTables(automaton, situation), expected, describeSituation(situation));
        if (expected !== undefined) heeded += 1;
      }
      assert.ok(heeded > automaton.states.length, `${heeded} situations in which an event is heeded`);
    });

    it('do what live actors do', () => {
      for (const situation of situationsOf(automaton))
        assert.deepEqual(
          byTables(automaton, situation),
          byActor(machine, automaton, situation),
          describeSituation(situation),
        );
    });

    it('ask for no guard that decides nothing, and have every event that the chart knows', () => {
      const types = machine.events.filter((type) => !type.startsWith('xstate.'));
      assert.deepEqual(automaton.events.filter((event) => types.includes(event)).sort(), [...types].sort());
      for (const [row, asked] of automaton.asked.entries())
        for (let guard = 0; guard < automaton.guards.length; guard += 1)
          assert.equal((asked & (1 << guard)) !== 0, decides(automaton, row, guard), `row ${row}`);
    });

    it('are found out by this test if anything in them differs', () => {
      const agrees = (tables: Automaton) => {
        for (const situation of situationsOf(tables))
          assert.deepEqual(byTables(tables, situation), byStep(machine, automaton, situation));
      };
      agrees(automaton);
      const tables = ['next', 'program', 'armed', 'disarmed'] as const;
      for (const table of tables) {
        let planted = 0;
        for (const [cell, value] of automaton[table].entries()) {
          if (automaton.next[cell] === NOTHING || !isAsked(automaton, cell)) continue;
          const changed = Uint8Array.from(automaton[table]);
          changed[cell] = value === 0 ? 1 : 0;
          assert.throws(() => agrees({ ...automaton, [table]: changed }), `${table} ${cell}`);
          planted += 1;
        }
        assert.ok(planted > 10, table);
      }
    });
  });
}

describe('a chart that has no tables is refused, with what it has none for:', () => {
  const lamp = setup({
    types: { events: {} as { type: 'press' }, emitted: {} as { type: 'click' } },
    actions: { click: emit({ type: 'click' }), shout: log('x'), own: () => {} },
    guards: { isDark: () => true, isLight: not('isDark') },
    delays: { while: 10, longer: 20 },
  });
  const charts: Readonly<Record<string, () => AnyStateMachine>> = {
    'states within states ("open")': () => introductionMachine,
    'parallel states': () => lamp.createMachine({ type: 'parallel', states: { on: {}, off: {} } }),
    'invoke ("on")': () =>
      setup({ actors: { child: lamp.createMachine({}) } }).createMachine({
        initial: 'on',
        states: { on: { invoke: { src: 'child' } } },
      }),
    'history ("on")': () =>
      lamp.createMachine({ initial: 'off', states: { on: { type: 'history' }, off: {} } }),
    '"on" for the whole of it': () =>
      lamp.createMachine({ initial: 'on', on: { press: '.on' }, states: { on: {} } }),
    '"entry" for the whole of it': () =>
      lamp.createMachine({ initial: 'on', entry: 'click', states: { on: {} } }),
    'several delays in one state ("on")': () =>
      lamp.createMachine({
        initial: 'on',
        states: { on: { after: { while: 'off', longer: 'off' } }, off: {} },
      }),
    'delays without a name (after 5 in "on")': () =>
      lamp.createMachine({ initial: 'on', states: { on: { after: { 5: 'off' } }, off: {} } }),
    'always, but in the initial state ("off")': () =>
      lamp.createMachine({ initial: 'on', states: { on: { on: { press: 'off' } }, off: { always: 'on' } } }),
    'wildcards ("*")': () => lamp.createMachine({ initial: 'on', states: { on: { on: { '*': 'on' } } } }),
    'actions without a name (a function)': () =>
      lamp.createMachine({ initial: 'on', states: { on: { on: { press: { actions: () => {} } } } } }),
    'actions without a name (xstate.assign)': () =>
      lamp.createMachine({ initial: 'on', states: { on: { entry: assign({}) } } }),
    'actions that neither assign nor emit ("own", a function)': () =>
      lamp.createMachine({ initial: 'on', states: { on: { entry: 'own' } } }),
    'actions that neither assign nor emit ("shout", xstate.log)': () =>
      lamp.createMachine({ initial: 'on', states: { on: { entry: 'shout' } } }),
    'guards without a name': () =>
      lamp.createMachine({
        initial: 'on',
        states: { on: { on: { press: { guard: () => true, target: 'on' } } } },
      }),
    'guards made of guards ("isLight")': () =>
      lamp.createMachine({
        initial: 'on',
        states: { on: { on: { press: { guard: 'isLight', target: 'on' } } } },
      }),
  };
  for (const [feature, chart] of Object.entries(charts))
    it(feature, () => {
      assert.throws(
        () => compile(chart()),
        (error: Error) => error.message.endsWith(`has ${feature}, which has no table`),
      );
    });
});

type Situation = { readonly state: string; readonly event: string; readonly outcomes: number };

/** Every state with every event, as far as a life has it: it begins once, and in the first state. */
function* situationsOf(automaton: Automaton): Generator<Situation> {
  const [initial] = automaton.states;
  for (const state of automaton.states)
    for (const event of automaton.events) {
      if ((event === BEGIN) !== (state === initial)) continue;
      for (let outcomes = 0; outcomes < 1 << automaton.guards.length; outcomes += 1)
        yield { state, event, outcomes };
    }
}

function byTables(automaton: Automaton, { state, event, outcomes }: Situation): Outcome | undefined {
  const row = automaton.states.indexOf(state) * automaton.events.length + automaton.events.indexOf(event);
  const cell = (row << automaton.guards.length) + (outcomes & (automaton.asked[row] ?? 0));
  const next = automaton.next[cell] ?? NOTHING;
  if (next === NOTHING) return undefined;
  const delay = (number: number | undefined) =>
    number === NOTHING ? [] : [automaton.delays[number ?? 0] ?? ''];
  return {
    state: automaton.states[next] ?? '',
    actions: [...(automaton.programs[automaton.program[cell] ?? 0] ?? [])].map(
      (action) => automaton.actions[action] ?? '',
    ),
    disarmed: delay(automaton.disarmed[cell]),
    armed: delay(automaton.armed[cell]),
  };
}

function byStep(machine: AnyStateMachine, automaton: Automaton, situation: Situation): Outcome | undefined {
  const stubbed = stub(machine, automaton, situation.outcomes);
  if (situation.event === BEGIN) {
    const [snapshot, effects] = begin(stubbed, CONTEXT);
    return outcomeOf(snapshot.value, effects);
  }
  const before = stubbed.resolveState({ value: situation.state, context: CONTEXT });
  const [after, effects] = step(stubbed, before, eventOf(machine, situation));
  return after.value === before.value && effects.length === 0 ? undefined : outcomeOf(after.value, effects);
}

function outcomeOf(state: unknown, effects: readonly { readonly type: string }[]): Outcome {
  const timers = (type: string) =>
    effects
      .filter((effect) => effect.type === type)
      .map((effect) => delayOfTimer((effect as unknown as { timer: string }).timer));
  return {
    state: String(state),
    actions: effects.flatMap((effect) =>
      effect.type === 'emit' ? [(effect as unknown as { event: { type: string } }).event.type] : [],
    ),
    disarmed: timers('disarm'),
    armed: timers('arm'),
  };
}

function byActor(machine: AnyStateMachine, automaton: Automaton, situation: Situation): Outcome | undefined {
  const armed: string[] = [];
  const disarmed: string[] = [];
  const actions: string[] = [];
  const actor = createActor(stub(machine, automaton, situation.outcomes), {
    clock: { setTimeout: () => 0, clearTimeout: () => {} },
    ...(situation.event === BEGIN
      ? { input: CONTEXT }
      : {
          snapshot: stub(machine, automaton, 0).resolveState({
            value: situation.state,
            context: CONTEXT,
            status: automaton.isFinal[automaton.states.indexOf(situation.state)] === 1 ? 'done' : 'active',
          }),
        }),
    inspect: (event) => {
      if (event.type !== '@xstate.action') return;
      const { type, params } = event.action as { type: string; params: { id?: string; sendId?: string } };
      if (type === 'xstate.raise') armed.push(delayOfTimer(String(params.id)));
      if (type === 'xstate.cancel') disarmed.push(delayOfTimer(String(params.sendId)));
    },
  });
  actor.on('*', ({ type }) => actions.push(type));
  actor.start();
  if (situation.event !== BEGIN) actor.send(eventOf(machine, situation));
  const { value } = actor.getSnapshot();
  if (value === situation.state && armed.length + disarmed.length + actions.length === 0) return undefined;
  return { state: String(value), actions, disarmed, armed };
}

/** The chart with guards of these outcomes, and actions that only say their names. */
function stub(machine: AnyStateMachine, automaton: Automaton, outcomes: number): AnyStateMachine {
  const named = <Value>(names: readonly string[], make: (name: string, index: number) => Value) =>
    Object.fromEntries(names.map((name, index) => [name, make(name, index)]));
  return machine.provide({
    guards: named(automaton.guards, (_, guard) => () => (outcomes & (1 << guard)) !== 0),
    actions: named(automaton.actions, (type) => emit({ type })),
    delays: named(automaton.delays, () => 1),
  } as never);
}

function eventOf(machine: AnyStateMachine, { state, event }: Situation): { readonly type: string } {
  const delay = /^after (.*)$/.exec(event)?.[1];
  return { type: delay === undefined ? event : `xstate.after.${delay}.${machine.id}.${state}` };
}

function delayOfTimer(timer: string): string {
  return /^xstate\.after\.(.*)\.[^.]+\.[^.]+$/.exec(timer)?.[1] ?? timer;
}

/** Whether the outcome of a guard changes what is done. */
function decides(automaton: Automaton, row: number, guard: number): boolean {
  const at = (outcomes: number) => {
    const cell = (row << automaton.guards.length) + outcomes;
    return [automaton.next[cell], automaton.program[cell]].join();
  };
  const all = Array.from({ length: 1 << automaton.guards.length }, (_, outcomes) => outcomes);
  return all.some((outcomes) => at(outcomes) !== at(outcomes ^ (1 << guard)));
}

function isAsked(automaton: Automaton, cell: number): boolean {
  const outcomes = cell & ((1 << automaton.guards.length) - 1);
  return (outcomes & ~(automaton.asked[cell >> automaton.guards.length] ?? 0)) === 0;
}

function describeSituation({ state, event, outcomes }: Situation): string {
  return `${event} in ${state}, guards ${outcomes.toString(2)}`;
}

const CONTEXT = {};
