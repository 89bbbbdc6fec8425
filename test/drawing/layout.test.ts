import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawChart, transitionIds } from '../../runtime/drawing/drawing.ts';
import { layOut } from '../../runtime/drawing/layout.ts';
import { pictureOf } from '../../runtime/drawing/picture.ts';
import { svgOf } from '../../runtime/drawing/svg.ts';
import { stateNodesOf } from '../../runtime/exploration/anatomy.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { arbitraryChart } from './arbitrary-chart.ts';
import { faultsOf, struckHeaders } from './geometry.ts';

for (const name of chartNames) {
  const { machine } = charts[name];

  test(`in the drawing of ${name} nothing overlaps, nothing is cut off, and no line runs through a text`, async () => {
    const layout = await layOut(pictureOf(machine));
    assert.deepEqual([...faultsOf(layout), ...struckHeaders(layout)], []);
  });

  test(`the drawing of ${name} has every state and every transition once`, async () => {
    const { svg } = await drawChart(machine);
    assert.deepEqual(
      valuesOf('data-state', svg),
      stateNodesOf(machine)
        .map(({ id }) => id)
        .sort(),
    );
    assert.deepEqual(valuesOf('data-transition', svg), [...transitionIds(machine).values()].sort());
  });
}

test('so it is with any chart', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryChart, async (machine) => {
      const layout = await layOut(pictureOf(machine));
      assert.deepEqual(faultsOf(layout), []);
      const svg = svgOf(layout, undefined);
      assert.deepEqual(
        valuesOf('data-state', svg),
        stateNodesOf(machine)
          .map(({ id }) => id)
          .sort(),
      );
      assert.deepEqual(valuesOf('data-transition', svg), [...transitionIds(machine).values()].sort());
    }),
    { numRuns: 60 },
  );
});

function valuesOf(attribute: string, svg: string): readonly string[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value).sort();
}
