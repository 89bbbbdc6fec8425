import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Message } from '../../machines/wire.ts';
import type { LinkState } from '../../runtime/link.ts';
import { ALICE, BOB, CONNECTING_MS, punchError, readNow, Scene, SERVER, settled } from './scene.ts';

describe('a request', () => {
  const cases: [lost: number, type: Message['type'], connectedMs: number][] = [
    [1, 'holePunchRequest', 50],
    [2, 'holePunchRequest', 100],
    [4, 'holePunchRequest', 400],
    [7, 'holePunchRequest', 3200],
    [2, 'holePunchInitiate', 50],
    [4, 'holePunchInitiate', 100],
  ];
  for (const [lost, type, laterMs] of cases) {
    test(`gets through ${laterMs} ms later when the first ${lost} of ${type} are lost`, () => {
      const scene = new Scene();
      const { alice, bob } = scene.pair();
      loseFirst(scene, lost, (message) => message === type);
      const link = alice.link('bob');
      scene.advance(laterMs + CONNECTING_MS - 1);
      assert.notEqual(link.state, 'connected');
      scene.advance(1);
      assert.equal(link.state, 'connected');
      assert.equal(bob.link('alice').state, 'connected');
    });
  }

  for (const [name, lostAt] of [
    ['asker', ALICE],
    ['called', BOB],
  ] as const) {
    test(`gets through when the introduction of the ${name} is lost, and the other’s is not`, () => {
      const scene = new Scene();
      const { alice, bob } = scene.pair();
      loseFirst(scene, 1, (message, to) => message === 'holePunchInitiate' && to === lostAt);
      const link = alice.link('bob');
      scene.advance(5000);
      assert.equal(bob.link('alice').state, 'connected');
      assert.equal(link.state, 'connected');
    });
  }

  test('that the server never answers fails at the timeout with noServer', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE, { timeoutMs: 8_000 });
    scene.advance(1000);
    scene.stopServer();
    const link = alice.link('bob');
    scene.advance(7_999);
    assert.equal(link.state, 'requesting');
    scene.advance(1);
    assert.equal(link.state, 'failed');
    await assert.rejects(link.connected, punchError('noServer', /bob.*try again/));
    const ended = await link.ended;
    assert.ok(punchError('noServer')(ended));
    // At 0, 50, 100, 200, 400, 800, 1600, 3200, 5200 and 7200 ms.
    assert.equal(scene.network.sent('holePunchRequest').length, 10);
  });

  test('reaches a server that was restarted once both clients have registered again', () => {
    const scene = new Scene();
    const { alice, bob } = scene.pair();
    scene.restartServer();
    const link = alice.link('bob');
    scene.advance(29_000);
    assert.equal(link.state, 'connected');
    assert.equal(bob.link('alice').state, 'connected');
    assert.equal(scene.server.status().clients, 2);
  });

  test('is what tells a client that its server was restarted', () => {
    const scene = new Scene();
    const { alice, bob } = scene.pair();
    scene.restartServer();
    alice.link('bob');
    bob.link('carol');
    scene.advance(40);
    assert.equal(scene.server.status().clients, 2);
    scene.advance(2020 + CONNECTING_MS);
    assert.equal(alice.link('bob').state, 'connected');
  });
});

describe('a peer that the server does not know', () => {
  test('is asked for every 2 s until the timeout, which ends in peerUnknown', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE, { timeoutMs: 10_000 });
    scene.advance(1000);
    const link = alice.link('bob');
    scene.advance(9_999);
    assert.equal(link.state, 'absent');
    scene.advance(1);
    await assert.rejects(link.connected, punchError('peerUnknown', /does not know bob/));
    const times = scene.network.sent('holePunchRequest').map(({ atMs }) => atMs - 1000);
    // Every 2 s, the answers travelling 20 ms.
    assert.deepEqual(times, [0, 2020, 4040, 6060, 8080]);
    assert.equal(alice.state, 'registered');
    const states = (await readNow(link.states as AsyncIterable<LinkState>)).map(({ state }) => state);
    assert.deepEqual(states, ['requesting', 'absent', 'failed']);
  });

  test('is found within 2 s when it comes', () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(1000);
    const link = alice.link('bob');
    scene.advance(15_500);
    assert.equal(link.state, 'absent');
    const bob = scene.peer('bob', BOB);
    scene.advance(2_100);
    assert.equal(link.state, 'connected');
    assert.equal(bob.link('alice').state, 'connected');
  });

  test('is still asked for when the answers get lost', () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(1000);
    const link = alice.link('bob');
    scene.advance(100);
    loseFirst(scene, 3, (message) => message === 'holePunchResponseUnknown');
    scene.advance(8_000);
    assert.equal(scene.network.sent('holePunchRequest').length, 5);
    assert.equal(link.state, 'absent');
  });

  test('does not keep a link to another from connecting within 2 s', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const [unknown, known] = [alice.link('nobody'), alice.link('bob')];
    scene.advance(2_100);
    assert.equal(known.state, 'connected');
    assert.equal(unknown.state, 'absent');
  });

  test('does not disturb links that are connected', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const known = alice.link('bob');
    scene.advance(1000);
    alice.link('nobody');
    scene.advance(30_000);
    assert.equal(known.state, 'connected');
    assert.equal(alice.state, 'registered');
  });
});

describe('a peer that cannot be asked for', () => {
  test('is oneself', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    assert.throws(() => alice.link('alice'), punchError('badName', /own name/));
  });

  for (const name of ['', 'x'.repeat(64), 'bo\u0007b']) {
    test(`is called ${JSON.stringify(name.slice(0, 9))}`, async () => {
      const scene = new Scene();
      const { alice } = scene.pair();
      assert.throws(() => alice.link(name), punchError('badName'));
      await assert.rejects(alice.connect(name), punchError('badName'));
    });
  }

  test('uses the other version of IP', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    const bob = scene.stranger('[2001:db8::b]:6000');
    bob.say(SERVER, { type: 'register', name: 'bob' });
    scene.advance(1000);
    const link = alice.link('bob');
    scene.advance(100);
    await assert.rejects(link.connected, punchError('otherFamily', /another version of IP/));
    assert.equal(scene.network.sent('message').length, 0);
  });

  test('cannot be asked for before the registration', async () => {
    const scene = new Scene();
    scene.stopServer();
    const alice = scene.peer('alice', ALICE);
    scene.advance(100);
    assert.throws(() => alice.link('bob'), punchError('notConnected', /Wait for/));
    await settled();
  });
});

describe('connect', () => {
  test('waits for the registration and for the connection', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.peer('bob', BOB);
    const connecting = alice.connect('bob');
    scene.advance(1000);
    await settled();
    scene.advance(1000);
    assert.equal((await connecting).state, 'connected');
  });

  test('fails as the registration fails', async () => {
    const scene = new Scene();
    scene.stopServer();
    const connecting = scene.peer('alice', ALICE, { timeoutMs: 1000 }).connect('bob');
    scene.advance(1000);
    await assert.rejects(connecting, punchError('noServer'));
  });

  test('fails as the link fails', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE, { timeoutMs: 5000 });
    scene.advance(1000);
    const connecting = alice.connect('bob');
    await settled();
    scene.advance(5000);
    await assert.rejects(connecting, punchError('peerUnknown'));
  });
});

function loseFirst(scene: Scene, count: number, which: (type: Message['type'], to: string) => boolean): void {
  let left = count;
  scene.network.withholds = ({ message, to }) => {
    if (typeof message === 'string' || left === 0 || !which(message.type, `${to.address}:${to.port}`))
      return false;
    left -= 1;
    return true;
  };
}
