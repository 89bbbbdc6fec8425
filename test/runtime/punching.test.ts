import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADDRESSES_TRIED_MAX } from '../../machines/link.ts';
import type { Link } from '../../runtime/link.ts';
import type { PeerHost } from '../../runtime/peer.ts';
import { ALICE, BOB, type Puppet, punchError, Scene, SERVER } from './scene.ts';

describe('a peer that never answers', () => {
  test('fails the link at the budget of 30 s, after 22 datagrams', async () => {
    const { scene, link } = asksPuppet();
    scene.advance(20 + 29_999);
    assert.equal(link.state, 'punching');
    scene.advance(1);
    assert.equal(link.state, 'failed');
    await assert.rejects(link.connected, punchError('punchingFailed', /No packet of bob/));
    // An opener, then greetings 50, 100, 150, 250, 450, 850, 1650, 3250 ms after it and every 2 s from then on.
    assert.equal(scene.between(ALICE, BOB).length, 22);
    scene.advance(3_600_000);
    assert.equal(scene.between(ALICE, BOB).length, 22);
  });

  test('fails the link at the caller’s timeout if that is shorter', () => {
    const { scene, link } = asksPuppet(3_000);
    scene.advance(20 + 2_999);
    assert.equal(link.state, 'punching');
    scene.advance(1);
    assert.equal(link.state, 'failed');
    assert.equal(scene.between(ALICE, BOB).length, 8);
  });
});

describe('a NAT that gives every destination another port', () => {
  test('is followed to the port that the peer’s greeting comes from', () => {
    const { scene, link } = asksPuppet();
    scene.advance(100);
    const mapped = scene.stranger('203.0.113.20:61234');
    mapped.say(ALICE, { type: 'message', text: 'Hello from bob' });
    scene.advance(25);
    assert.equal(link.state, 'punching');
    assert.ok(scene.between(ALICE, '203.0.113.20:61234').length > 0);
    mapped.say(ALICE, { type: 'message', text: 'Hello from bob' });
    scene.advance(25);
    assert.equal(link.state, 'connected');
  });

  test('is followed there and still heard where the server said it is', () => {
    const { scene, bob, link } = asksPuppet();
    scene.advance(100);
    scene.stranger('203.0.113.20:61234').say(ALICE, { type: 'message', text: 'Hello from bob' });
    scene.advance(25);
    bob.say(ALICE, { type: 'message', text: 'Hello from bob' });
    scene.advance(25);
    assert.equal(link.state, 'connected');
    link.send('found you');
    assert.equal(scene.between(ALICE, BOB).at(-1)?.atMs, scene.network.clock.now());
  });

  test(`is followed to at most ${ADDRESSES_TRIED_MAX} ports, or a forger could aim us at all of them`, () => {
    const { scene, link } = asksPuppet();
    scene.advance(100);
    for (let port = 1; port <= 50; port += 1) {
      scene.stranger(`203.0.113.20:${port}`).say(ALICE, { type: 'message', text: 'Hello from bob' });
      scene.advance(25);
    }
    scene.advance(31_000);
    assert.equal(link.state, 'failed');
    const targets = new Set(
      scene.network
        .sent('message')
        .filter(({ from }) => from.port === 5000)
        .map(({ to }) => to.port),
    );
    assert.equal(targets.size, ADDRESSES_TRIED_MAX);
  });
});

/** Alice asks for Bob, who is registered and then says nothing. */
function asksPuppet(timeoutMs?: number): { scene: Scene; alice: PeerHost; bob: Puppet; link: Link } {
  const scene = new Scene();
  const alice = scene.peer('alice', ALICE, timeoutMs === undefined ? {} : { timeoutMs });
  const bob = scene.stranger(BOB);
  bob.say(SERVER, { type: 'register', name: 'bob' });
  scene.advance(1000);
  return { scene, alice, bob, link: alice.link('bob') };
}
