import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { measures, summaryOf } from '../../runtime/exploration/coverage.ts';
import { generatePaths, tally } from '../../runtime/exploration/paths.ts';
import { rehearse } from './rehearsal.ts';

for (const name of chartNames) {
  test(`live actors of ${name} go every generated path as the model does, and leave nothing out`, (t) => {
    const { paths, goals } = generatePaths(charts[name]);
    const { add, coverage } = tally(goals);
    for (const path of paths) add(rehearse(charts[name], path).trail);

    const steps = paths.reduce((sum, { stimuli }) => sum + stimuli.length, 0);
    t.diagnostic(`${name}: ${summaryOf(coverage())} (${paths.length} paths, ${steps} steps)`);
    for (const measure of measures) assert.deepEqual(coverage()[measure].unreached, [], measure);
  });
}
