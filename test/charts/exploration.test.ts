import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { nameOf, placesOf, transitionsOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { explore } from '../../runtime/exploration/graph.ts';
import { generatePaths } from '../../runtime/exploration/paths.ts';
import { faultsOf } from './faults.ts';
import { rehearse } from './rehearsal.ts';

test('a delay that does not start again is found as a state with no way out in time', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      initial: 'waiting',
      states: { waiting: { tags: 'waiting', after: { 100: { target: 'waiting' } } } },
    }),
  );
  assert.deepEqual(faultsOf(explore(chart, 'a life')), [
    'a life > after 100 in waiting: there is no way out of waiting in time',
  ]);
});

test('a timer happens only where it is armed', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      initial: 'waiting',
      states: { waiting: { after: { 100: { target: 'waiting' } }, on: { go: { target: 'waiting' } } } },
    }),
    ['go'],
  );
  assert.deepEqual(
    explore(chart, 'a life').moves.map(({ stimulus }) => stimulus.type),
    ['go', 'after 100 in waiting', 'go'],
  );
});

test('a transition whose guard never holds and a state that nothing leads to are left over', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      initial: 'first',
      states: {
        first: { on: { go: [{ guard: () => false, target: 'second' }, { target: 'third' }] } },
        second: {},
        third: { type: 'final' },
      },
    }),
    ['go'],
  );
  const { states, transitions } = generatePaths(chart).coverage;
  assert.deepEqual(states.unreached, ['second']);
  assert.deepEqual(transitions.unreached, ['first: go [guard] -> second']);
});

test('an event that two regions heed takes both transitions, and `always` counts wherever it is', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      type: 'parallel',
      states: {
        left: { initial: 'a', states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: {} } },
        right: { initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } },
      },
    }),
    ['go'],
  );
  const [move] = explore(chart, 'a life').moves;
  assert.deepEqual(move?.result.taken.map(nameOf), [
    'left.a: go -> left.b',
    'right.a: go -> right.b',
    'left.b: always -> left.c',
  ]);
  assert.deepEqual(placesOf(chart.machine), [
    'left.a + right.a',
    'left.a + right.b',
    'left.c + right.a',
    'left.c + right.b',
  ]);
});

test('a region that enters itself anew preempts the others or is preempted by them, which is a fault', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      type: 'parallel',
      tags: 'on',
      states: {
        left: { initial: 'a', after: { 100: { target: '.b' } }, states: { a: { on: { go: 'b' } }, b: {} } },
        right: { on: { go: { target: 'right', reenter: true } } },
      },
    }),
    ['go'],
  );
  const graph = explore(chart, 'a life');
  assert.deepEqual(graph.moves[0]?.result.taken.map(nameOf), ['left.a: go -> left.b']);
  const fault = 'a life > go: "right: go -> right" is preempted';
  assert(faultsOf(graph).includes(fault));
});

test('a sequence of transitions that the context forbids is no simple path', () => {
  const chart = chartOf(
    createMachine({
      id: 'm',
      context: { isOpen: false },
      initial: 'start',
      states: {
        start: { on: { open: { target: 'middle', actions: assign({ isOpen: true }) }, pass: 'middle' } },
        middle: { on: { enter: { guard: ({ context }) => context.isOpen, target: 'end' } } },
        end: { type: 'final' },
      },
    }),
    ['open', 'pass', 'enter'],
  );
  assert.deepEqual([...generatePaths(chart).goals.simplePaths].sort(), [
    'start',
    'start => (start: open -> middle) middle',
    'start => (start: open -> middle) middle => (middle: enter [guard] -> end) end',
    'start => (start: pass -> middle) middle',
  ]);
});

test('a stranger who changes something is a fault', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'first',
    states: {
      first: { tags: 'first', on: { go: 'second' }, after: { 100: 'second' } },
      second: { tags: 'second', type: 'final' },
    },
  });
  const chart = { ...chartOf(machine), strangers: { 'a stranger goes': { type: 'go' } } };
  assert.deepEqual(faultsOf(explore(chart, 'a life')), [
    'a life > a stranger goes: a stranger changes it',
    'a life > a stranger goes: a stranger makes it disarm',
  ]);
});

test('a rehearsal fails where a live actor is not what the model says', () => {
  const lives: string[] = [];
  const chart = chartOf(createMachine({ id: 'm', context: () => ({ life: lives.push('another') }) }));
  assert.throws(() => rehearse(chart, { beginning: 'a life', stimuli: [] }), /strictly deep-equal/);
});

for (const name of chartNames) {
  test(`the transitions of ${name} have names of their own, and no path is how another begins`, () => {
    const names = transitionsOf(charts[name].machine).map(nameOf);
    assert.deepEqual(new Set(names).size, names.length);

    const ways = generatePaths(charts[name]).paths.map(({ beginning, stimuli }) =>
      [beginning, ...stimuli.map(({ type }) => type), ''].join('\n'),
    );
    const sorted = [...new Set(ways)].sort();
    assert.deepEqual(sorted.length, ways.length);
    // In this order, what begins as another does comes right after it.
    const prefixes = sorted.filter((way, index) => sorted[index + 1]?.startsWith(way));
    assert.deepEqual(prefixes, []);
  });
}

function chartOf(machine: AnyStateMachine, events: readonly string[] = []): Chart {
  return {
    machine,
    beginnings: { 'a life': undefined },
    events: Object.fromEntries(events.map((type) => [type, { type }])),
    strangers: {},
    pacing: [],
    resting: [],
  };
}
