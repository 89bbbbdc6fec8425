import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { type ChartName, chartNames, charts } from '../../runtime/exploration/charts.ts';
import { explore, shortestWays } from '../../runtime/exploration/graph.ts';
import type { Path } from '../../runtime/exploration/paths.ts';
import { phaseOf } from '../../runtime/stage.ts';
import { rehearse } from './rehearsal.ts';

/** Before as many timers have fired, a chart has ended, or it never will. */
const TIMERS_MAX = 200;

/** What becomes of a chart in each of its phases if nothing but time happens to it. */
const endings: Readonly<Record<ChartName, Readonly<Record<string, string>>>> = {
  client: {
    registering: 'failed',
    awaitingAck: 'failed',
    refused: 'failed',
    registered: 'unregistered',
    unregistered: 'unregistered',
  },
  link: { requesting: 'failed', absent: 'failed', punching: 'failed', connected: 'lost' },
  session: { registered: 'expired' },
};

for (const name of chartNames) {
  test(`time alone brings ${name} from every situation to an end, or to a state that is named as resting`, () => {
    const chart = charts[name];
    const found: Record<string, string> = {};
    for (const beginning of Object.keys(chart.beginnings)) {
      const graph = explore(chart, beginning);
      const ways = shortestWays(graph);
      for (const [key, { snapshot }] of graph.situations) {
        if (snapshot.status !== 'active') continue;
        const phase = phaseOf(snapshot);
        const end = endOf(chart, { beginning, stimuli: ways.get(key) ?? [] });
        assert.equal(end, endings[name][phase], `${phase} by ${key}`);
        found[phase] = end;
      }
    }
    assert.deepEqual(Object.keys(found).sort(), Object.keys(endings[name]).sort());
  });
}

function endOf(chart: Chart, path: Path): string {
  const { live, clock } = rehearse(chart, path);
  for (let fired = 0; fired < TIMERS_MAX && live.snapshot().status === 'active'; fired += 1) {
    assert(clock.runNext(), `nothing ever happens in ${placeOf(live.snapshot().value)}`);
  }
  const { status, value } = live.snapshot();
  assert(status !== 'active' || chart.resting.includes(placeOf(value)), `no end, but ${placeOf(value)}`);
  return phaseOf(live.snapshot());
}
