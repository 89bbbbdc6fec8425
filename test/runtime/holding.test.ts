import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PeerHost } from '../../runtime/peer.ts';
import { access } from '../support/memory-network.ts';
import { ALICE, BOB, punchError, readNow, Scene } from './scene.ts';

const HOUR_MS = 3_600_000;

describe('a connected link', () => {
  for (const [how, delays] of [
    ['equal', [10, 10]],
    ['unequal', [3, 280]],
    ['slow', [400, 400]],
  ] as const) {
    test(`says something at least every 15 s on accesses that are ${how}`, () => {
      const { scene } = connected(delays);
      scene.advance(HOUR_MS);
      for (const [from, to] of [
        [ALICE, BOB],
        [BOB, ALICE],
      ] as const) {
        const times = scene.between(from, to).map(({ atMs }) => atMs);
        const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
        assert.ok(Math.max(...pauses) <= 15_000, `${from} was silent for ${Math.max(...pauses)} ms`);
      }
    });

    test(`lives through an idle hour with few datagrams on accesses that are ${how}`, () => {
      const { scene, asked, called } = connected(delays);
      const before = scene.network.sent('message').length;
      scene.advance(HOUR_MS);
      assert.equal(asked.state, 'connected');
      assert.equal(called.state, 'connected');
      const sent = scene.network.sent('message').length - before;
      // Every 15 s a greeting of each, and at most one answer to each.
      assert.ok(sent >= 2 * 239 && sent <= 4 * 240, `${sent} datagrams`);
    });
  }

  test('does not begin an endless exchange when both have something to say', () => {
    const { scene, asked, called } = connected();
    const before = scene.network.sent('message').length;
    for (let second = 0; second < 600; second += 1) {
      asked.send('a');
      called.send('b');
      scene.advance(1000);
    }
    const sent = scene.network.sent('message').length - before;
    // 1200 texts; a greeting each at most every 5 s in answer, and every 15 s by itself.
    assert.ok(sent <= 1200 + 2 * (600 / 5 + 600 / 15), `${sent} datagrams`);
  });

  test('survives the loss of every datagram for 29 s', () => {
    const { scene, asked, called } = connected();
    scene.advance(20_000);
    scene.network.withholds = () => true;
    scene.advance(29_000);
    scene.network.withholds = () => false;
    scene.advance(120_000);
    assert.equal(asked.state, 'connected');
    assert.equal(called.state, 'connected');
  });

  test('outlives the server', () => {
    const { scene, asked, called } = connected();
    scene.stopServer();
    scene.advance(HOUR_MS);
    assert.equal(asked.state, 'connected');
    asked.send('still there');
    scene.advance(1000);
    assert.equal(called.state, 'connected');
  });
});

describe('a link that is lost', () => {
  test('has heard nothing for 60 s', async () => {
    const { scene, asked, bob } = connected();
    scene.advance(20_000);
    await bob.close();
    const last = scene.between(BOB, ALICE).at(-1)?.atMs ?? 0;
    const untilMs = last + 20 + 60_000;
    scene.advance(untilMs - 1 - scene.network.clock.now());
    assert.equal(asked.state, 'connected');
    scene.advance(1);
    assert.equal(asked.state, 'lost');
    assert.ok(punchError('linkLost', /60 s.*connect again/)(await asked.ended));
    assert.throws(() => asked.send('hi'), punchError('notConnected'));
    const [state] = (await readNow(asked.states)).slice(-1);
    assert.ok(state?.state === 'lost' && punchError('linkLost')(state.error));
  });

  test('says nothing more', async () => {
    const { scene, bob } = connected();
    await bob.close();
    scene.advance(70_000);
    const before = scene.network.sent('message').length;
    scene.advance(HOUR_MS);
    assert.equal(scene.network.sent('message').length, before);
  });

  test('can be asked for again', async () => {
    const { scene, alice, asked, bob } = connected();
    await bob.close();
    scene.advance(100_000);
    const bobAgain = scene.peer('bob', BOB);
    scene.advance(1000);
    const again = alice.link('bob');
    assert.notEqual(again, asked);
    scene.advance(1000);
    assert.equal(again.state, 'connected');
    assert.equal(bobAgain.link('alice').state, 'connected');
  });
});

describe('a peer that restarts', () => {
  test('on another port while we are connected is followed there', () => {
    const { scene, asked, bob } = connected();
    scene.advance(20_000);
    void bob.close();
    const bobAgain = scene.peer('bob', '203.0.113.20:6001');
    scene.advance(100);
    const link = bobAgain.link('alice');
    scene.advance(100);
    assert.equal(link.state, 'connected');
    assert.equal(asked.state, 'connected');
    const before = scene.between(ALICE, BOB).length;
    scene.advance(60_000);
    assert.equal(scene.between(ALICE, BOB).length, before);
    assert.ok(scene.between(ALICE, '203.0.113.20:6001').length > 0);
    assert.equal(asked.state, 'connected');
  });

  test('on the same port while we are connected connects with us as we are', () => {
    const { scene, asked, bob } = connected();
    scene.advance(20_000);
    void bob.close();
    const bobAgain = scene.peer('bob', BOB);
    scene.advance(100);
    const link = bobAgain.link('alice');
    scene.advance(6000);
    assert.equal(link.state, 'connected');
    assert.equal(asked.state, 'connected');
  });

  test('tells its messages to the link that there was', async () => {
    const { scene, asked, bob } = connected();
    void bob.close();
    const bobAgain = scene.peer('bob', '203.0.113.20:6001');
    scene.advance(100);
    bobAgain.link('alice');
    scene.advance(1000);
    bobAgain.link('alice').send('back again');
    scene.advance(1000);
    assert.deepEqual(await readNow(asked.messages), ['back again']);
  });
});

function connected(delays: readonly [number, number] = [10, 10]) {
  const scene = new Scene();
  const [alice, bob] = (
    [
      ['alice', ALICE],
      ['bob', BOB],
    ] as const
  ).map(([name, where], index) =>
    scene.peer(name, where, { access: access({ delayMs: delays[index] ?? 0 }) }),
  ) as [PeerHost, PeerHost];
  scene.advance(5000);
  const asked = alice.link('bob');
  scene.advance(2500);
  const called = bob.link('alice');
  assert.deepEqual([asked.state, called.state], ['connected', 'connected']);
  return { scene, alice, bob, asked, called };
}
