import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Layout, layOut, type Rectangle } from '../../runtime/drawing/layout.ts';
import { pictureOf } from '../../runtime/drawing/picture.ts';
import { sessionChart } from '../../runtime/exploration/session-chart.ts';
import { faultsOf, struckHeaders } from './geometry.ts';

const layout = await layOut(pictureOf(sessionChart.machine));

const [first, second] = layout.arrows.filter(({ place }) => place !== undefined);
const proven = layout.boxes.find(({ box }) => box.name === 'proven');
const root = layout.boxes[0];
assert(
  first?.place !== undefined && second?.place !== undefined && proven !== undefined && root !== undefined,
);
const { place: label } = first;

const spoilt: readonly (readonly [string, Layout, RegExp])[] = [
  [
    'labels that overlap',
    withArrow({ place: { ...label, ...cornerOf(second.place) } }),
    /the label .* overlap/,
  ],
  [
    'a label on a state',
    withArrow({ place: { ...label, ...cornerOf(proven.place) } }),
    /overlaps session\.proven/,
  ],
  ['a label far from its line', withArrow({ place: { ...label, x: 0, y: 0 } }), /is not at its line/],
  ['a label that is cut off', withArrow({ place: { ...label, width: 9 } }), /too small for its texts/],
  ['a line through a state', withArrow({ path: middleLineOf(proven.place) }), /runs through session\.proven/],
  ['a line through another label', withArrow({ path: middleLineOf(second.place) }), /runs through the label/],
  ['a line that ends nowhere', withArrow({ path: first.path.slice(0, -1) }), /does not end at/],
  ['a line that begins nowhere', withArrow({ path: first.path.slice(1) }), /does not begin at/],
  ['a line that is missing', withArrow({ path: [] }), /is missing/],
  [
    'a line that is slanted',
    withArrow({ path: first.path.slice(0, 1).concat(first.path.slice(-1)) }),
    /slanted/,
  ],
  ['boxes that overlap', withBox({ ...proven.place, x: proven.place.x + 250 }), /overlap/],
  ['a box that has left its parent', withBox({ ...proven.place, x: 5000 }), /not where it belongs/],
  ['a box that is too small', withBox({ ...proven.place, width: 50 }), /no room for its texts/],
  ['a drawing that is too small', { ...layout, width: 300 }, /is outside/],
];

for (const [what, spoiltLayout, fault] of spoilt) {
  test(`the geometry of a drawing notices ${what}`, () => {
    assert.match(faultsOf(spoiltLayout).join('\n'), fault);
  });
}

test('the geometry of a drawing notices a line through the name of a state', () => {
  assert.equal(struckHeaders(layout).length, 0);
  assert.match(struckHeaders(withArrow({ path: middleLineOf(root.header) })).join(), /the name of session$/);
});

function withArrow(change: Partial<Layout['arrows'][number]>): Layout {
  return {
    ...layout,
    arrows: layout.arrows.map((arrow) => (arrow === first ? { ...arrow, ...change } : arrow)),
  };
}

function withBox(place: Rectangle): Layout {
  return {
    ...layout,
    boxes: layout.boxes.map((box) => (box === proven ? { ...box, place, header: place } : box)),
  };
}

function cornerOf({ x, y }: Rectangle) {
  return { x, y };
}

function middleLineOf({ x, y, width, height }: Rectangle) {
  return [
    { x, y: y + height / 2 },
    { x: x + width, y: y + height / 2 },
  ];
}
