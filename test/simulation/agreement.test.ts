import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { simulate } from '../../runtime/simulation/run.ts';
import { DISAGREEMENT_MS_MAX, faultsOf, LINKS_MAX, SENT_BY_LINK_MAX } from './faults.ts';
import { faultsWithKeysOf } from './faults-with-keys.ts';
import { trialOf } from './trials.ts';

const TRIALS = 800;
const FIRST_SEED = 1;

describe('two of any kind, whatever befalls them, their NATs, their packets and the server', () => {
  const seeds = Array.from({ length: TRIALS }, (_, index) => FIRST_SEED + index);

  for (const [protocol, judge] of [
    [1, faultsOf],
    [2, faultsWithKeysOf],
  ] as const) {
    test(`agree again over protocol ${protocol}, are bounded in what they send, and cannot aim the server`, async (context) => {
      const wrong: string[] = [];
      let connected = 0;
      for (const seed of seeds) {
        const trial = trialOf(seed, protocol);
        const run = simulate(trial);
        await undefined;
        if (run.happenings.some((one) => one.type === 'state' && one.state === 'connected')) connected += 1;
        for (const fault of judge(trial, run)) {
          wrong.push(`${fault}: node --import tsx test/simulation/trial.ts ${seed} ${protocol}`);
        }
      }
      context.diagnostic(`${connected} of ${TRIALS} were connected for a while`);
      assert.deepEqual(wrong, []);
      assert.ok(connected > TRIALS / 3);
    });
  }

  test('meet with every mishap, and come out the same for the same seed', () => {
    const mishaps = new Set(seeds.flatMap((seed) => trialOf(seed).mishaps.map(({ type }) => type)));
    assert.deepEqual([...mishaps].sort(), ['calm', 'leave', 'outage', 'reboot']);
    assert.deepEqual(simulate(trialOf(7)), simulate(trialOf(7)));
  });
});

test('the bounds are a keepalive and the silence after it, a ladder of 30 s, and as many links as a caller has time for', () => {
  assert.equal(DISAGREEMENT_MS_MAX, 15_000 + 60_000 + 1_000);
  assert.deepEqual([SENT_BY_LINK_MAX, LINKS_MAX], [22, 4]);
});
