import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type BoundName, defaultBounds, parseBounds } from '../../runtime/exploration/world/bounds.ts';
import { check, isAsExpected } from '../../runtime/exploration/world/check.ts';
import { realMachines } from '../../runtime/exploration/world/parts.ts';
import { properties } from '../../runtime/exploration/world/properties.ts';
import { type Run, runTo } from '../../runtime/exploration/world/run.ts';
import { briefly, scenarios } from '../../runtime/exploration/world/scenarios.ts';
import { settingOf } from '../../runtime/exploration/world/setting.ts';
import { walk } from '../../runtime/exploration/world/walk.ts';
import { drawSequence } from '../../runtime/simulation/sequence.ts';
import { writeRecording } from '../../runtime/trace/recording.ts';
import { endingOf, replayed, stepsIn } from '../trace/run.ts';
import { plantedFaults } from './planted.ts';

describe('every system that two clients and a server can be', () => {
  for (const scenario of scenarios) {
    it(`is as the properties say: ${scenario.name}`, () => {
      const finding = check(scenario, { bounds: briefly });
      const surprises = finding.verdicts.filter(({ isExpected }) => !isExpected);
      assert.deepEqual(
        surprises.map(({ property, holds, run }) => ({ property, holds, run: run?.steps })),
        [],
      );
      assert(isAsExpected(finding));
      assert.equal(finding.verdicts.length, Object.keys(properties).length);
      assert(finding.states > 1000);
    });
  }
});

describe('a planted fault', () => {
  for (const { fault, machines, scenario, breaks, within } of plantedFaults) {
    it(`is found: ${fault}`, (test) => {
      const where = scenarios.find(({ name }) => name === scenario);
      assert(where !== undefined);
      const { verdicts } = check(where, { machines, bounds: briefly });
      const verdict = verdicts.find(({ property }) => property === breaks);
      const length = verdict?.run?.steps.length ?? Number.POSITIVE_INFINITY;
      test.diagnostic(`${breaks} is broken after ${length} moves`);
      assert.equal(verdict?.holds, false);
      assert(length <= within, `the shortest run has ${length} moves`);
    });
  }
});

describe('a run that breaks a property', () => {
  const folder = mkdtempSync(join(tmpdir(), 'punch-check-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is a trace of every chart that took part, which a replay finds the same', async () => {
    const file = join(folder, 'run.jsonl');
    await writeRecording(runIn('a full server').trace, { file, label: 'check', times: 'moves' });
    const items = await replayed(readFileSync(file));
    const steps = stepsIn(items);
    assert.equal(endingOf(items), 'end');
    assert(steps.some(({ actor }) => actor === 'server/bob'));
    assert.deepEqual(
      steps.filter(({ difference }) => difference !== undefined),
      [],
    );
  });

  it('is drawn as a simulated run is: who sent what to whom, timers, states, and what is left', () => {
    assert.equal(drawn(runIn('a full server')), drawing.slice(1, -1));
  });

  it('shows what each NAT does, and what a stranger makes up, on 100 columns', () => {
    const run = runIn('a stranger forges, port-restricted NATs', { forgeries: 1 });
    const text = drawn(run);
    assert.match(text, / alice's NAT maps alice to\n.* 198\.51\.100\.1:5001\n/);
    assert.match(
      text,
      / 1 {7}1 .*◀.*RegisterAck, as if from server\n| HolePunchInitiate\(bob,\n.*as if from/,
    );
    assert.equal(
      text.split('\n').find((line) => line.length > 100),
      undefined,
    );
  });
});

describe('a run of a world with NATs', () => {
  it('says which of them stopped a packet, and why', () => {
    const bounds = { ...defaultBounds, ...briefly };
    const walked = walk(
      settingOf({ machines: realMachines, bounds, nats: ['symmetric', 'symmetric'], asking: 'alice' }),
    );
    const fates = new Set<string>();
    for (let state = 0; state < walked.stateCount; state += 7) {
      for (const happening of runTo(walked, state).happenings) {
        if (happening.type !== 'datagram' || happening.fate.type !== 'dropped') continue;
        fates.add(`${happening.fate.by}: ${happening.fate.why}`);
      }
    }
    assert.deepEqual([...fates].sort(), [
      "alice's NAT: filtered, unexpected port",
      "bob's NAT: filtered, unexpected port",
      'bob: nobody listens at 203.0.113.2:6001',
      'core: hop limit used up',
      'network: one like it is on its way',
      'network: too many are on their way',
    ]);
  });
});

/** The first run that breaks something there. */
function runIn(name: string, bounds: Partial<Record<BoundName, number>> = {}): Run {
  const scenario = scenarios.find((one) => one.name === name);
  assert(scenario !== undefined);
  const { verdicts } = check(scenario, { bounds: { ...briefly, ...bounds } });
  const run = verdicts.find((verdict) => verdict.run !== undefined)?.run;
  assert(run !== undefined);
  return run;
}

function drawn({ happenings, lifelines }: Run): string {
  return drawSequence(happenings, { lifelines, times: 'moves' }).join('\n');
}

const drawing = `
    move arrived alice   server     bob
       0           ●        │        │  alice: registering, awaitingAck
       0           ├────✗   │        │  Register(alice) ✗ lost
       0           │        │        ●  bob: registering, awaitingAck
       0       1   │        │◀───────┤  Register(bob)
       1           │        ●        │  session of bob: registered
       1       2   │        ├───────▶│  RegisterAck
       2           │        │        ●  bob: registered
       4           │        │        ◷  bob: timer keepalive of joined.registered is due
       4           │        │    ✗───┤  Register(bob) ✗ lost
       6           │        │        ◷  bob: timer refreshPatience of joined.rejoining is due
       6           │        │        ●  bob: unregistered
       7           │        ◷        │  session of bob: timer ttl of registered is due
       7           │        ●        │  session of bob: expired
       8           ◷        │        │  alice: timer retry of joining.awaitingAck is due
       8       9   ├───────▶│        │  Register(alice)
       9           │        ●        │  session of alice: registered
       9      10   │◀───────┤        │  RegisterAck
      10           ●        │        │  alice: registered
      10           ●        │        │  alice to bob: requesting
      10           ├────…   │        │  HolePunchRequest(bob) … still on its way
`;

describe('bounds', () => {
  it('are read from a text', () => {
    assert.deepEqual(parseBounds('flight=3,restarts=1'), { flight: 3, restarts: 1 });
    assert.deepEqual(parseBounds(''), {});
  });

  it('are refused with a sentence', () => {
    assert.match(String(parseBounds('flights=3')), /no bound "flights"/);
    assert.match(String(parseBounds('flight=300')), /from 1 to 6/);
    assert.match(String(parseBounds('ports=1')), /from 2 to 4/);
  });
});
