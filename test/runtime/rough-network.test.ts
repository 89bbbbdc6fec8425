import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Access, access } from '../support/memory-network.ts';
import { ALICE, BOB, Scene, settled } from './scene.ts';

const ATTEMPTS = 200;
const STEP_MS = 10;

describe('from the request until both sides are connected', () => {
  test('takes at most 250 ms with a round trip of 50 ms on each access', async () => {
    const { slowestMs, failed } = await attempt(access({ delayMs: 25 }), 1);
    assert.deepEqual(failed, []);
    assert.ok(slowestMs <= 250, `${slowestMs} ms`);
  });

  const networks: [how: string, through: Access][] = [
    ['20 % loss and 25 ms each way on each access', access({ delayMs: 25, loss: 0.2 })],
    ['datagrams that come twice and out of order', access({ delayMs: 5, jitterMs: 200, duplication: 0.3 })],
    [
      'loss, doubles and disorder together',
      access({ delayMs: 25, jitterMs: 100, loss: 0.2, duplication: 0.2 }),
    ],
  ];
  for (const [how, through] of networks) {
    test(`takes at most 10 s with ${how}, in ${ATTEMPTS} of ${ATTEMPTS} attempts`, async (t) => {
      const { slowestMs, medianMs, failed } = await attempt(through, ATTEMPTS);
      t.diagnostic(`median ${medianMs} ms, slowest ${slowestMs} ms`);
      assert.deepEqual(failed, [], 'seeds that did not connect');
    });
  }
});

/** Runs one attempt for each seed from 1. Clients have registered before, as most have when somebody calls them. */
async function attempt(through: Access, attempts: number) {
  const failed: string[] = [];
  const times: number[] = [];
  for (let seed = 1; seed <= attempts; seed += 1) {
    const scene = new Scene({ seed, access: through });
    const alice = scene.peer('alice', ALICE);
    const bob = scene.peer('bob', BOB);
    while (alice.state !== 'registered' || bob.state !== 'registered') scene.advance(100);
    const asked = alice.link('bob');
    const called = firstOf(bob.links);
    let elapsedMs = 0;
    const isConnected = () => asked.state === 'connected' && called.item?.state === 'connected';
    while (!isConnected() && elapsedMs < 10_000) {
      scene.advance(STEP_MS);
      elapsedMs += STEP_MS;
      await settled();
    }
    if (isConnected()) times.push(elapsedMs);
    else failed.push(`seed ${seed}: asking side ${asked.state}, called side ${called.item?.state}`);
  }
  times.sort((a, b) => a - b);
  return { failed, slowestMs: times.at(-1) ?? 0, medianMs: times[times.length >> 1] ?? 0 };
}

/** The first item of a feed, once it is there. */
function firstOf<Item>(feed: AsyncIterable<Item>): { item: Item | undefined } {
  const first: { item: Item | undefined } = { item: undefined };
  const read = async () => {
    for await (const item of feed) {
      first.item = item;
      return;
    }
  };
  void read();
  return first;
}
