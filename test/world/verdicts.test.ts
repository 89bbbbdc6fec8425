import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBounds } from '../../runtime/exploration/world/bounds.ts';
import { check, isAsExpected } from '../../runtime/exploration/world/check.ts';
import { properties } from '../../runtime/exploration/world/properties.ts';
import { traceText } from '../../runtime/exploration/world/run.ts';
import { briefly, scenarios } from '../../runtime/exploration/world/scenarios.ts';
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
  it('is told as a trace of every chart that took part', () => {
    const scenario = scenarios.find(({ name }) => name === 'a full server');
    assert(scenario !== undefined);
    const { verdicts } = check(scenario, { bounds: briefly });
    const run = verdicts.find(({ run }) => run !== undefined)?.run;
    assert(run !== undefined);
    const lines = traceText(run)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines[0].format, 'punch-trace');
    assert.deepEqual(lines.at(-1).end, true);
    assert(lines.some(({ actor }) => actor === 'server/bob'));
    assert(run.happenings.some(({ type }) => type === 'datagram'));
  });
});

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
