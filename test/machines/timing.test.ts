import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as timing from '../../machines/timing.ts';

describe('ladders', () => {
  const deadlines = [0, 50, 100, 200, 400, 800, 1600, 3200, 5200, 7200, 9200];

  for (const [name, ladder] of [
    ['requests', timing.REQUEST_LADDER_MS],
    ['greetings', timing.PUNCH_LADDER_MS],
  ] as const) {
    test(`${name} are sent ${deadlines.join(', ')} ms after the first, and so on every 2 s`, () => {
      assert.deepEqual(transmissions(ladder, deadlines.length), deadlines);
    });
  }

  test('the number of the attempt stops growing at the last step', () => {
    assert.equal(timing.climb([1, 2, 3], 0), 1);
    assert.equal(timing.climb([1, 2, 3], 1), 2);
    assert.equal(timing.climb([1, 2, 3], 2), 2);
    assert.equal(timing.climb([1], 0), 0);
  });

  test('a step past the end waits as long as the last', () => {
    assert.equal(timing.rung([10, 20], 1), 20);
    assert.equal(timing.rung([10, 20], 99), 20);
  });
});

describe('intervals that depend on each other', () => {
  const orders: [because: string, isSo: boolean][] = [
    ['a refresh comes before a NAT forgets after 30 s', timing.KEEPALIVE_MAX_MS < 30_000],
    ['refreshes are spread', timing.KEEPALIVE_MIN_MS < timing.KEEPALIVE_MAX_MS],
    ['a session outlives three refreshes', timing.SESSION_TTL_MS > 3 * timing.KEEPALIVE_MAX_MS],
    ['a link survives the loss of three keepalives', timing.LINK_SILENCE_MS >= 4 * timing.LINK_KEEPALIVE_MS],
    [
      'a keepalive is answered, not only the second of two',
      timing.ANSWER_PAUSE_MS < timing.LINK_KEEPALIVE_MS,
    ],
    [
      'greetings start before the budget of punching ends',
      timing.OPENER_HEAD_START_MS < timing.PUNCH_BUDGET_MS,
    ],
    ['an opener dies on the way', timing.OPENER_HOPS < 4],
  ];
  for (const [because, isSo] of orders) test(because, () => assert.ok(isSo));
});

function transmissions(ladder: readonly number[], count: number): number[] {
  const times = [0];
  for (let attempt = 0; times.length < count; attempt = timing.climb(ladder, attempt)) {
    times.push((times.at(-1) ?? 0) + timing.rung(ladder, attempt));
  }
  return times;
}
