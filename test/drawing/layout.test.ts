import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { transitionIds } from '../../runtime/drawing/drawing.ts';
import { type Layout, layOut } from '../../runtime/drawing/layout.ts';
import { pictureOf } from '../../runtime/drawing/picture.ts';
import { svgOf } from '../../runtime/drawing/svg.ts';
import { stateNodesOf } from '../../runtime/exploration/anatomy.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { arbitraryChart } from './arbitrary-chart.ts';
import { faultsOf, struckHeaders } from './geometry.ts';

for (const name of chartNames) {
  const { machine } = charts[name];

  test(`the drawing of ${name} is whole, nothing in it overlaps, and no line runs through a text`, async () => {
    const layout = await layOut(pictureOf(machine));
    assert.deepEqual([...faultsOf(layout), ...struckHeaders(layout)], []);
    assertIsWhole(layout, machine);
  });
}

test('the drawing of any chart is whole, and nothing in it overlaps', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryChart, async (machine) => {
      const layout = await layOut(pictureOf(machine));
      assert.deepEqual(faultsOf(layout), []);
      assertIsWhole(layout, machine);
    }),
    { numRuns: 60 },
  );
});

/** Every state and every transition is drawn once. */
function assertIsWhole(layout: Layout, machine: AnyStateMachine): void {
  const svg = svgOf(layout, undefined);
  const states = stateNodesOf(machine).map(({ id }) => id);
  assert.deepEqual(valuesOf('data-state', svg), states.sort());
  assert.deepEqual(valuesOf('data-transition', svg), [...transitionIds(machine).values()].sort());
}

function valuesOf(attribute: string, svg: string): readonly string[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value).sort();
}
