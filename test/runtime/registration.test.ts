import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PunchError } from '../../runtime/errors.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { endpoint } from '../support/memory-network.ts';
import { ALICE, punchError, readNow, Scene, SERVER } from './scene.ts';

describe('a client registers', () => {
  test('with one datagram each way when nothing is lost', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(1000);
    await alice.registered;
    assert.equal(scene.network.log.length, 2);
    assert.deepEqual(await statesOf(alice), ['registering 0', 'awaitingAck 0', 'registered 20']);
    const { received, sent, ignored, malformed, unsent } = alice.status();
    assert.deepEqual(
      { received, sent, ignored, malformed, unsent },
      { received: 1, sent: 1, ignored: {}, malformed: {}, unsent: {} },
    );
  });

  for (const [lost, atMs] of [
    [1, 50],
    [2, 100],
    [3, 200],
    [5, 800],
    [7, 3200],
    [9, 7200],
  ] as const) {
    test(`after ${atMs} ms when the first ${lost} of its datagrams are lost`, () => {
      const scene = new Scene();
      loseFirst(scene, 'register', lost);
      const alice = scene.peer('alice', ALICE);
      scene.advance(atMs + 19);
      assert.equal(alice.state, 'awaitingAck');
      scene.advance(1);
      assert.equal(alice.state, 'registered');
    });
  }

  test('when the acknowledgement is lost', () => {
    const scene = new Scene();
    loseFirst(scene, 'registerAck', 2);
    const alice = scene.peer('alice', ALICE);
    scene.advance(120);
    assert.equal(alice.state, 'registered');
  });

  test('and stays registered for an hour by refreshing every 20 to 26 s', () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(3_600_000);
    assert.equal(alice.state, 'registered');
    assert.equal(scene.server.status().clients, 1);
    const times = scene.network.sent('register').map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    assert.ok(
      pauses.every((pause) => pause >= 20_000 && pause <= 26_020),
      pauses.join(),
    );
    assert.ok(Math.max(...pauses) - Math.min(...pauses) > 4000, 'refreshes are spread');
  });
});

describe('a client without a server', () => {
  test('fails at its timeout with noServer, after a bounded number of datagrams', async () => {
    const scene = new Scene();
    scene.stopServer();
    const alice = scene.peer('alice', ALICE, { timeoutMs: 10_000 });
    scene.advance(9_999);
    assert.equal(alice.state, 'awaitingAck');
    scene.advance(1);
    assert.equal(alice.state, 'failed');
    await assert.rejects(alice.registered, punchError('noServer', /192\.0\.2\.1:39738.*Check/));
    const [last] = (await readNow(alice.states)).slice(-1);
    assert.ok(last?.error instanceof PunchError && last.error.code === 'noServer');
    // At 0, 50, 100, 200, 400, 800, 1600, 3200, 5200, 7200 and 9200 ms.
    assert.equal(scene.network.log.length, 11);
    scene.advance(3_600_000);
    assert.equal(scene.network.log.length, 11);
    assert.deepEqual(scene.network.clock.armed(), []);
  });

  test('tries for 60 s unless it is told otherwise', () => {
    const scene = new Scene();
    scene.stopServer();
    const alice = scene.peer('alice', ALICE);
    scene.advance(59_999);
    assert.equal(alice.state, 'awaitingAck');
    scene.advance(1);
    assert.equal(alice.state, 'failed');
  });

  test('whose address was never found fails with noTransport', async () => {
    const scene = new Scene();
    const alice = new PeerHost(scene.stage, { name: 'alice', server: 'example.org', timeoutMs: 1000 });
    scene.advance(1000);
    await assert.rejects(alice.registered, punchError('noTransport', /example\.org/));
  });

  test('whose socket could not be opened fails with the reason', async () => {
    const scene = new Scene();
    const alice = new PeerHost(scene.stage, { name: 'alice', server: 'example.org' });
    alice.unopened(new PunchError('addressInUse', 'Taken.'));
    await assert.rejects(alice.registered, punchError('addressInUse', /Taken/));
    assert.equal(alice.state, 'failed');
    assert.deepEqual(scene.network.clock.armed(), []);
  });
});

describe('a client and a server that comes and goes', () => {
  test('notices that the server is gone, and registers again soon after it is back', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(1000);
    scene.stopServer();
    scene.advance(100_000);
    assert.equal(alice.state, 'unregistered');
    scene.restartServer();
    scene.advance(5_020);
    assert.equal(alice.state, 'registered');
    assert.equal(scene.server.status().clients, 1);
    const states = (await statesOf(alice)).map((state) => state.split(' ')[0]);
    assert.deepEqual(states, ['registering', 'awaitingAck', 'registered', 'unregistered', 'registered']);
  });

  test('says nothing of a refresh that takes a few attempts', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(1000);
    loseFirst(scene, 'register', 5);
    scene.advance(60_000);
    assert.equal((await statesOf(alice)).length, 3);
  });

  test('is known again to a server that has forgotten it within one refresh', () => {
    const scene = new Scene();
    scene.peer('alice', ALICE);
    scene.advance(1000);
    scene.restartServer();
    scene.advance(26_100);
    assert.equal(scene.server.status().clients, 1);
  });
});

describe('a client that is refused', () => {
  for (const [why, options] of [
    ['because its name is taken', {}],
    ['because the server is full', { maxClients: 1 }],
  ] as const) {
    test(`${why} keeps asking every 2 s and then fails with refused`, async () => {
      const scene = new Scene(options);
      const name = 'maxClients' in options ? 'carol' : 'alice';
      scene.peer(name, '198.51.100.99:1');
      scene.advance(1000);
      const alice = scene.peer('alice', ALICE, { timeoutMs: 9_000 });
      scene.advance(100);
      assert.equal(alice.state, 'refused');
      scene.advance(8_899);
      assert.equal(alice.state, 'refused');
      scene.advance(1);
      await assert.rejects(alice.registered, punchError('refused', /Choose another name/));
      assert.equal(scene.between(ALICE, SERVER).length, 5);
      assert.deepEqual(scene.server.status().refused, { [name === 'alice' ? 'nameTaken' : 'full']: 5 });
    });
  }

  test('gets the name as soon as the other has expired', () => {
    const scene = new Scene();
    const first = scene.peer('alice', '198.51.100.98:1');
    scene.advance(1000);
    void first.close();
    const alice = scene.peer('alice', ALICE, { timeoutMs: 200_000 });
    scene.advance(88_000);
    assert.equal(alice.state, 'refused');
    scene.advance(4_000);
    assert.equal(alice.state, 'registered');
  });

  test('of two with one name the first keeps it, for as long as it lives', () => {
    const scene = new Scene();
    const first = scene.peer('alice', ALICE);
    const second = scene.peer('alice', '203.0.113.77:1');
    scene.advance(59_000);
    assert.equal(first.state, 'registered');
    assert.equal(second.state, 'refused');
    scene.advance(2_000);
    assert.equal(second.state, 'failed');
  });

  test('at one IP address the second takes the name over, which is how a restarted client comes back', () => {
    const scene = new Scene();
    scene.peer('alice', ALICE);
    scene.advance(1000);
    const again = scene.peer('alice', '198.51.100.10:5001');
    scene.advance(100);
    assert.equal(again.state, 'registered');
    assert.equal(scene.server.status().clients, 1);
  });
});

describe('a client that cannot be', () => {
  for (const name of ['', 'x'.repeat(64), 'al\u001b[31mice', 'new\nline', '\ud800']) {
    test(`because of its name, ${JSON.stringify(name.slice(0, 20))}`, () => {
      const make = () => new PeerHost(new Scene().stage, { name, server: SERVER });
      assert.throws(make, punchError('badName', /^The name ".*" .* Choose another\.$/));
    });
  }
});

test('the server’s address is told as soon as it is known', async () => {
  const scene = new Scene();
  const alice = scene.peer('alice', ALICE);
  scene.advance(100);
  const servers = (await readNow(alice.states)).map(({ server }) => server);
  assert.deepEqual(servers, [undefined, endpoint(SERVER), endpoint(SERVER)]);
});

async function statesOf(peer: PeerHost): Promise<string[]> {
  return (await readNow(peer.states)).map(({ state, elapsedMs }) => `${state} ${elapsedMs}`);
}

function loseFirst(scene: Scene, type: 'register' | 'registerAck', count: number): void {
  let left = count;
  scene.network.withholds = ({ message }) => {
    if (typeof message === 'string' || message.type !== type || left === 0) return false;
    left -= 1;
    return true;
  };
}
