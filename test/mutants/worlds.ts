/** For {@link killers}: walks worlds of `punch check`, and tells the first surprise in a sentence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, isAsExpected, type JudgedVerdict } from '../../runtime/exploration/world/check.ts';
import { properties } from '../../runtime/exploration/world/properties.ts';
import { briefly, scenarios } from '../../runtime/exploration/world/scenarios.ts';

/** Those that take little time, one of each sort; `npm test` walks them all on the code as it is. */
const walked: readonly string[] = [
  ...['both ask', 'a symmetric NAT and a full cone', 'symmetric NATs', 'the server is restarted'],
  ...['a client leaves', 'a full server', 'symmetric NATs that let everything in'],
];

for (const name of walked) {
  test(`the world "${name}"`, () => {
    const scenario = scenarios.find((one) => one.name === name);
    assert(scenario !== undefined);
    const finding = check(scenario, { bounds: briefly });
    const surprise = finding.verdicts.find(({ isExpected }) => !isExpected);
    if (surprise !== undefined) assert.fail(sentenceOf(surprise));
    assert(isAsExpected(finding), 'there are more states than the bounds allow');
  });
}

function sentenceOf({ property, holds, run }: JudgedVerdict): string {
  const sentence = `"${properties[property]}"`;
  if (holds) return `${sentence} holds, though it is said not to`;
  return `${sentence} is broken${run === undefined ? '' : ` after ${run.steps.length} moves`}`;
}
