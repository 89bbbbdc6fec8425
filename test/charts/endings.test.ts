import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../runtime/exploration/anatomy.ts';
import type { Chart } from '../../runtime/exploration/chart.ts';
import { type ChartName, chartNames } from '../../runtime/exploration/charts.ts';
import { shortestWays } from '../../runtime/exploration/graph.ts';
import type { Path } from '../../runtime/exploration/paths.ts';
import { phaseOf } from '../../runtime/stage.ts';
import { graphs, livesOf } from './graphs.ts';
import { rehearse } from './rehearsal.ts';

/** Before as many timers have fired, a chart has ended, or it never will. */
const TIMERS_MAX = 200;

/** What becomes of a chart in each of its phases if nothing but time happens to it. */
const endings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client of protocol 1': {
    registering: 'failed',
    awaitingAck: 'failed',
    refused: 'failed',
    registered: 'unregistered',
    unregistered: 'unregistered',
  },
  'client of protocol 2': {
    registering: 'failed',
    knocking: 'failed',
    awaitingAck: 'failed',
    refused: 'failed',
    registered: 'unregistered',
    unregistered: 'unregistered',
  },
  'link of protocol 1': { requesting: 'failed', absent: 'failed', punching: 'failed', connected: 'lost' },
  'link of protocol 2': {
    requesting: 'failed',
    absent: 'failed',
    // Lost is what has been connected.
    punching: 'failed or lost',
    connected: 'lost',
  },
  'session of protocol 1': { registered: 'expired' },
  'session of protocol 2': { proving: 'expired', registered: 'expired' },
  'introduction of protocol 2': {
    offering: 'forgotten',
    withheld: 'forgotten',
    declined: 'forgotten',
    answered: 'forgotten',
  },
};

for (const [who, expected] of Object.entries(endings)) {
  test(`time alone brings ${who} from every situation to an end, or to a state that is named as resting`, () => {
    const found = new Map<string, Set<string>>();
    for (const graph of livesCalled(who)) {
      const { chart, beginning } = graph;
      const ways = shortestWays(graph);
      for (const [key, { snapshot }] of graph.situations) {
        if (snapshot.status !== 'active') continue;
        const phase = phaseOf(snapshot);
        const end = endOf(chart, { beginning, stimuli: ways.get(key) ?? [] });
        found.set(phase, (found.get(phase) ?? new Set()).add(end));
      }
    }
    assert.deepEqual(
      Object.fromEntries([...found].map(([phase, ends]) => [phase, [...ends].sort().join(' or ')])),
      expected,
    );
  });
}

test('every life is among them', () => {
  const lives = Object.keys(endings).reduce((sum, who) => sum + livesCalled(who).length, 0);
  assert.equal(
    lives,
    chartNames.reduce((sum, name) => sum + graphs[name].length, 0),
  );
});

function livesCalled(who: string) {
  const [name, protocol] = who.split(' of protocol ') as [ChartName, string];
  return name === 'introduction' ? graphs.introduction : livesOf(name, protocol === '2' ? 2 : 1);
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
