import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachine } from 'xstate';
import { stateNodesOf, transitionsOf, triggerOf } from '../../runtime/exploration/anatomy.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { definitionOf } from '../../runtime/exploration/definition.ts';
import { mermaidOf } from '../../runtime/exploration/mermaid.ts';

test('a diagram has boxes in boxes, regions side by side, and where each begins and ends', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'on',
    states: {
      on: {
        type: 'parallel',
        on: { stop: { target: 'off' } },
        states: {
          left: { initial: 'a', states: { a: { on: { go: 'b' } }, b: { on: { leave: '#m.off' } } } },
          right: {
            initial: 'a',
            on: { again: { target: 'right', reenter: true } },
            states: { a: { on: { look: { actions: 'blink' }, restart: { target: '#m.on.right' } } } },
          },
        },
      },
      off: { type: 'final' },
    },
  });
  assert.equal(
    mermaidOf(machine),
    `stateDiagram-v2
  state "on" as on {
    state "left" as on_left {
      state "a" as on_left_a
      state "b" as on_left_b
      [*] --> on_left_a
      on_left_a --> on_left_b : go
    }
    --
    state "right" as on_right {
      state "a" as on_right_a
      [*] --> on_right_a
      note right of on_right_a
        look / blink
      end note
    }
    on_right --> on_right : again<br/>a, restart
  }
  state "off" as off
  [*] --> on
  on --> off : stop<br/>left.b, leave
  off --> [*]
`,
  );
});

test('a transition into its own source is drawn from each state within that it can happen in', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'first',
    on: { skip: { target: '.second' } },
    after: { 100: { target: '.third' } },
    states: { first: { always: { guard: 'isReady', target: 'second' } }, second: {}, third: {} },
  });
  assert.deepEqual(
    mermaidOf(machine)
      .split('\n')
      .filter((line) => line.includes('-->')),
    [
      '  [*] --> first',
      '  first --> second : skip<br/>always [isReady]',
      '  first --> third : after 100',
      '  second --> second : skip',
      '  second --> third : after 100',
      '  third --> second : skip',
    ],
  );
});

for (const name of chartNames) {
  const { machine } = charts[name];

  test(`the diagram of ${name} declares each state once, joins only neighbours, and shows every transition`, () => {
    const scopes = new Map<string, number>();
    const opened: number[] = [];
    const diagram = mermaidOf(machine);
    for (const line of diagram.split('\n')) {
      const [, declared] = / as (\w+)/.exec(line) ?? [];
      if (declared !== undefined) {
        assert(!scopes.has(declared), `${declared} is declared twice`);
        scopes.set(declared, opened.at(-1) ?? 0);
      }
      if (line.endsWith('{')) opened.push(scopes.size);
      if (line.endsWith('}')) opened.pop();
      const [, from = '', to = ''] = /(\S+) --> (\S+)/.exec(line) ?? [];
      for (const end of [from, to]) {
        if (end !== '' && end !== '[*]') assert.equal(scopes.get(end), opened.at(-1) ?? 0, line.trim());
      }
    }
    assert.equal(scopes.size, stateNodesOf(machine).length - 1);
    for (const transition of transitionsOf(machine)) assert(diagram.includes(triggerOf(transition)));
  });

  test(`the JSON of ${name} makes a machine of the same states and transitions`, () => {
    const copy = createMachine(JSON.parse(definitionOf(machine)));
    const outline = (original: typeof machine) => ({
      states: stateNodesOf(original).map(({ id, type, tags }) => ({ id, type, tags })),
      transitions: transitionsOf(original).map((transition) => [
        transition.source.id,
        triggerOf(transition),
        transition.target?.map(({ id }) => id),
        transition.reenter,
      ]),
    });
    assert.deepEqual(outline(copy), outline(machine));
  });
}
