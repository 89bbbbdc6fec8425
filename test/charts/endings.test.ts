import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { type ChartName, chartNames, charts } from '../../runtime/exploration/charts.ts';
import { explore, shortestWays } from '../../runtime/exploration/graph.ts';
import type { Path } from '../../runtime/exploration/paths.ts';
import { rehearse } from './rehearsal.ts';

/** Before as many timers have fired, a chart has ended, or it never will. */
const TIMERS_MAX = 200;

/** Where each state comes to if nothing but time happens to it. */
const endings: Readonly<Record<ChartName, Readonly<Record<string, string>>>> = {
  client: {
    'joining.registering': 'failed',
    'joining.awaitingAck': 'failed',
    'joining.refused': 'failed',
    'joined.registered': 'joined.rejoining.unregistered',
    'joined.rejoining.refreshing': 'joined.rejoining.unregistered',
    'joined.rejoining.unregistered': 'joined.rejoining.unregistered',
  },
  link: {
    'seeking.requesting': 'failed',
    'seeking.absent': 'failed',
    'punching.opening': 'failed',
    'punching.probing': 'failed',
    'connected.saying.confirming.greeting + connected.hearing.alive': 'lost',
    'connected.saying.holding.resting + connected.hearing.alive': 'lost',
    'connected.saying.holding.listening + connected.hearing.alive': 'lost',
  },
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
        const place = placeOf(snapshot.value);
        const end = endOf(chart, { beginning, stimuli: ways.get(key) ?? [] });
        assert.equal(end, endings[name][place], `${place} by ${key}`);
        found[place] = end;
      }
    }
    assert.deepEqual(Object.keys(found).sort(), Object.keys(endings[name]).sort());
  });
}

function endOf(chart: Chart, path: Path): string {
  const { live, clock } = rehearse(chart, path);
  const place = () => placeOf(live.snapshot().value);
  for (let fired = 0; fired < TIMERS_MAX; fired += 1) {
    if (live.snapshot().status !== 'active') return place();
    assert(clock.runNext(), `nothing ever happens in ${place()}`);
  }
  return chart.resting.includes(place()) ? place() : `no end, but ${place()}`;
}
