import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSealed, isKept } from '../../runtime/exploration/sealed-world/check.ts';
import { properties } from '../../runtime/exploration/sealed-world/properties.ts';
import { sealedScenarios } from '../../runtime/exploration/sealed-world/scenarios.ts';
import { plantedFaults } from './planted.ts';

/** Those that take long in full, made smaller for a test. `punch check` walks them as they are. */
const smaller = new Map<string, Readonly<Record<string, number>>>([
  ['a client registers, and is meddled with once', { flight: 1 }],
  ['a client registers, and is meddled with twice', { forgeries: 1, sessions: 2 }],
  ['a client moves, and is meddled with', { brisk: 1 }],
  ['both ask', { copies: 0, losses: 0 }],
  ['a client moves under a call', { losses: 0 }],
  ['an insider meddles with a call once', { flight: 1 }],
  ['an insider meddles with a call twice', { forgeries: 1, copies: 0 }],
  ['a server that lies', { forgeries: 2 }],
  ['a client comes back', { flight: 1 }],
  ['the server is restarted under a call', { copies: 0 }],
]);

describe('every promise of protocol 2', () => {
  for (const scenario of sealedScenarios) {
    it(`is kept: ${scenario.name}`, () => {
      const finding = checkSealed(scenario, { bounds: smaller.get(scenario.name) ?? {} });
      const broken = finding.verdicts.filter(({ holds }) => !holds);
      assert.deepEqual(
        broken.map(({ property, run }) => ({ property, run: run?.steps })),
        [],
      );
      assert(isKept(finding));
      assert(finding.states > 100);
    });
  }

  it('is judged somewhere', () => {
    const numbers = new Set(Object.values(properties).map((says) => says[0]));
    assert.deepEqual([...numbers].sort(), ['1', '2', '3', '4', '5', '6']);
  });
});

describe('a planted fault of protocol 2', () => {
  for (const { fault, scenario, bounds, breaks, within, ...planted } of plantedFaults) {
    it(`is found: ${fault}`, (test) => {
      const where = sealedScenarios.find(({ name }) => name === scenario);
      assert(where !== undefined);
      const { verdicts } = checkSealed(where, { ...planted, bounds: bounds ?? {} });
      for (const property of breaks) {
        const verdict = verdicts.find((one) => one.property === property);
        const length = verdict?.run?.steps.length ?? Number.POSITIVE_INFINITY;
        test.diagnostic(`${property} is broken after ${length} moves`);
        assert.equal(verdict?.holds, false);
        assert(length <= within, `the shortest run has ${length} moves`);
      }
    });
  }
});
