import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { createActor, createMachine, setup } from 'xstate';
import { drawChart, drawingStyle, transitionIds } from '../../runtime/drawing/drawing.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import '../../runtime/index.ts';
import '../../cli/diagram.ts';

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('elkjs'));
const loadedBefore = loaded();

const chart = setup({
  delays: { patience: 15_000, blink: 250, jitter: () => 5 },
  actions: { knock: () => {}, leave: () => {}, look: () => {} },
  guards: { isTired: () => true },
}).createMachine({
  id: 'door',
  initial: 'waiting',
  states: {
    waiting: {
      entry: ['knock', 'look'],
      exit: 'leave',
      after: {
        patience: [
          { guard: 'isTired', target: 'gone', actions: 'leave' },
          { target: 'waiting', reenter: true },
        ],
        jitter: { target: 'gone' },
        blink: { actions: 'look' },
        1500: { target: 'gone' },
      },
      on: { opened: { target: 'in' }, bell: { actions: 'look' } },
    },
    in: {
      type: 'parallel',
      states: {
        body: {},
        mind: { initial: 'busy', states: { busy: { always: { target: 'free' } }, free: {} } },
      },
    },
    gone: { type: 'final' },
  },
});

const { svg } = await drawChart(chart, { theme: 'none' });

test('what lays charts out is loaded only when one is drawn', () => {
  assert.deepEqual(loadedBefore, []);
  assert.notDeepEqual(loaded(), []);
});

test('a drawing says what happens in a state, when it is left, and what is waited for', () => {
  assert.deepEqual(textsIn(groupOf('data-state', 'door.waiting')).slice(0, 3), [
    'waiting',
    'entry / knock, look',
    'exit / leave',
  ]);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|after patience|0')), [
    'after patience 15 s [isTired] / leave',
  ]);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|after patience|1')), [
    'after patience 15 s',
  ]);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|after jitter|0')), ['after jitter']);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|after blink|0')), [
    'after blink 250 ms / look',
  ]);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|after 1500|0')), ['after 1.5 s']);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.waiting|bell|0')), ['bell / look']);
  assert.deepEqual(textsIn(groupOf('data-transition', 'door.in.mind.busy|always|0')), ['always']);
});

test('regions and final states look different from other states, and every box that begins somewhere has a dot', () => {
  assert.match(svg, /data-state="door\.in\.body" class="atomic region"/);
  assert.match(svg, /data-state="door\.in" class="parallel nest"/);
  assert.match(
    groupOf('data-state', 'door.gone'),
    /^<g data-state="door\.gone" class="final">.*class="inner"/,
  );
  assert.equal(svg.match(/class="dot"/g)?.length, 2);
});

test('a transition between states has a line, a head and a label; one into its own state has a sign', () => {
  const opened = groupOf('data-transition', 'door.waiting|opened|0');
  assert.match(opened, /class="edge".*class="head".*<text/s);
  const again = groupOf('data-transition', 'door.waiting|after patience|1');
  assert.match(again, /class="sign"/);
  assert.doesNotMatch(again, /class="edge"/);
});

test('a transition with a delay has a bar for what is left of it, and others have none', () => {
  const bars = [...svg.matchAll(/data-timer="([^"]*)"/g)].map(([, id]) => id);
  const delayed = [...transitionIds(chart).values()].filter((id) => id.includes('|after '));
  assert.deepEqual(bars.sort(), delayed.sort());
});

test('a transition that leads to several states at once is one group', async () => {
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: { on: { go: { target: ['#m.b.one.x', '#m.b.two.y'] } } },
      b: {
        type: 'parallel',
        states: { one: { initial: 'x', states: { x: {} } }, two: { initial: 'y', states: { y: {} } } },
      },
    },
  });
  const drawing = await drawChart(machine);
  assert.equal(drawing.svg.match(/data-transition=/g)?.length, 1);
  assert.equal(drawing.svg.match(/>go</g)?.length, 1);
});

test('the same chart is drawn in the same bytes', async () => {
  assert.deepEqual(await drawChart(chart), await drawChart(chart.provide({})));
});

test('whatever things are called, the drawing is well-formed', async () => {
  const name = `<&>"'|\u0000\ud800 ]]>`;
  const machine = createMachine({
    id: name,
    initial: name,
    states: { [name]: { on: { [name]: { target: name, reenter: true, actions: name } } } },
  });
  const drawing = await drawChart(machine);
  assert.deepEqual(unbalanced(drawing.svg), []);
  for (const character of ['\u0000', '\ud800']) assert(!drawing.svg.includes(character));
  assert.doesNotMatch(drawing.svg, /&(?!(amp|lt|gt|quot);)/);
});

for (const name of chartNames) {
  test(`the drawing of ${name} is well-formed and refers to nothing outside of it`, async () => {
    const drawing = await drawChart(charts[name].machine);
    assert.deepEqual(unbalanced(drawing.svg), []);
    assert.doesNotMatch(
      drawing.svg.replace('xmlns="http://www.w3.org/2000/svg"', ''),
      /https?:|href|url\(|@import|@font-face/,
    );
    assert.match(drawing.svg, /^<svg [^>]*role="img"[^>]*>\n<title>The statechart \w+<\/title>\n<desc>/);
  });
}

test('the colours are those that are asked for', async () => {
  const drawn = async (theme: 'auto' | 'light' | 'dark') => (await drawChart(chart, { theme })).svg;
  assert.match(await drawn('auto'), /prefers-color-scheme: dark/);
  for (const theme of ['light', 'dark'] as const)
    assert.doesNotMatch(await drawn(theme), /prefers-color-scheme/);
  assert.notEqual(await drawn('light'), await drawn('dark'));
  assert.doesNotMatch(svg, /<style>/);
  assert.match(drawingStyle(), /prefers-reduced-motion/);
});

test('the id of a transition is known to whoever watches it being taken', () => {
  const ids = transitionIds(chart);
  const taken: (string | undefined)[] = [];
  const actor = createActor(chart, {
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      taken.push(...event._transitions.map((transition) => ids.get(transition)));
    },
  });
  actor.start();
  for (const type of ['bell', 'opened']) actor.send({ type });
  actor.stop();
  assert.deepEqual(
    taken.filter((id) => id !== undefined),
    ['door.waiting|bell|0', 'door.waiting|opened|0', 'door.in.mind.busy|always|0'],
  );
});

/** The markup of a group, up to its end. */
function groupOf(attribute: string, value: string): string {
  const start = svg.indexOf(`<g ${attribute}="${value}"`);
  assert(start >= 0, value);
  let depth = 0;
  for (const match of svg.slice(start).matchAll(/<g[ >]|<\/g>/g)) {
    depth += match[0] === '</g>' ? -1 : 1;
    if (depth === 0) return svg.slice(start, start + match.index + match[0].length);
  }
  throw new Error(`${value} has no end`);
}

function textsIn(markup: string): readonly string[] {
  return [...markup.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
    text.replaceAll(/<[^>]*>/g, ''),
  );
}

/** The tags that have no partner. */
function unbalanced(markup: string): readonly string[] {
  const open: string[] = [];
  for (const [tag, closing, name = '', selfClosing] of markup.matchAll(
    /<(\/?)([a-z]+)(?: [a-zA-Z-]+="[^"<>]*")*(\/?)>|<[^>]*>?/g,
  )) {
    if (name === '') return [tag];
    if (selfClosing === '/') continue;
    if (closing !== '/') open.push(name);
    else if (open.pop() !== name) return [tag];
  }
  return open;
}
