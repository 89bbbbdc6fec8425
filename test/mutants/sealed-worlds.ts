/** For {@link killers}: walks worlds of protocol 2, and tells the first promise that is broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSealed } from '../../runtime/exploration/sealed-world/check.ts';
import { properties } from '../../runtime/exploration/sealed-world/properties.ts';
import { sealedScenarios } from '../../runtime/exploration/sealed-world/scenarios.ts';

/** Those that take little time, one of each sort; `npm test` walks them all on the code as it is. */
const walked: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'a client registers': {},
  'a client registers, and is meddled with twice': { forgeries: 1, sessions: 2 },
  'a client moves, and is meddled with': { brisk: 1 },
  'one asks, without knowing the other’s key': {},
  'port-restricted NATs': {},
  'a path in one direction': {},
  'a client leaves': {},
  'a server that lies': { forgeries: 2 },
};

for (const [name, bounds] of Object.entries(walked)) {
  test(`the world "${name}"`, () => {
    const scenario = sealedScenarios.find((one) => one.name === name);
    assert(scenario !== undefined);
    const { verdicts, isCutOff } = checkSealed(scenario, { bounds });
    assert(!isCutOff, 'there are more states than the bounds allow');
    const broken = verdicts.find(({ holds }) => !holds);
    if (broken === undefined) return;
    const sentence = `"${properties[broken.property]}"`;
    assert.fail(`${sentence} is broken after ${broken.run?.steps.length ?? 0} moves`);
  });
}
