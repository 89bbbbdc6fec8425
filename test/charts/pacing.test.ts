import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { explore } from '../../runtime/exploration/graph.ts';
import { follow, keyOf, type Situation, stimuliIn } from '../../runtime/exploration/situation.ts';

/** Numbers of attempts (the ladders have 7 and 8 rungs), and waits in ms. */
const VALUES = [0, 3, 7, 26_000];

for (const name of chartNames) {
  const chart = charts[name];
  for (const field of chart.pacing) {
    test(`the ${field} of a ${name} decides how long delays are, and nothing else`, () => {
      for (const beginning of Object.keys(chart.beginnings)) {
        for (const situation of explore(chart, beginning).situations.values()) {
          for (const stimulus of stimuliIn(chart, situation)) {
            const results = VALUES.map((value) =>
              follow(chart, withField(chart, situation, field, value), stimulus),
            );
            const outcomes = results.map((result) => outcomeOf(chart, result));
            assert.deepEqual(outcomes, Array(VALUES.length).fill(outcomes[0]), stimulus.type);
          }
        }
      }
    });
  }
}

function withField(chart: Chart, situation: Situation, field: string, value: number): Situation {
  const { value: state, context } = situation.snapshot;
  return {
    ...situation,
    snapshot: chart.machine.resolveState({ value: state, context: { ...context, [field]: value } }),
  };
}

function outcomeOf(chart: Chart, result: Situation) {
  const emitted = result.effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []));
  return { key: keyOf(chart, result), taken: result.taken.map(nameOf), emitted };
}
