import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import type { Link } from '../../runtime/link.ts';
import type { PeerHost } from '../../runtime/peer.ts';
import { DATAGRAM_BYTES_MAX, LINE_BYTES_MAX } from '../../runtime/sealed/frames.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { ALICE, BOB, punchError, readNow, settled } from '../runtime/scene.ts';
import { access } from '../support/memory-network.ts';
import { larger, only, SealedScene, smaller } from './sealed-scene.ts';

describe('two clients with keys', () => {
  test('connect on both sides, and tell each state they reach', async () => {
    const scene = new SealedScene();
    const { alice, bob } = scene.sealedPair();
    const asked = alice.link('bob');
    scene.advance(5000);
    const [called] = await readNow(bob.links);
    assert.ok(called !== undefined);
    assert.equal(called.peer, 'alice');
    await Promise.all([asked.connected, called.connected]);
    assert.deepEqual(await statesOf(asked), ['requesting', `punching ${BOB}`, `connected ${BOB}`]);
    assert.deepEqual(await statesOf(called), [`punching ${ALICE}`, `connected ${ALICE}`]);
  });

  test('know where the server sees them', () => {
    const { alice } = new SealedScene().sealedPair();
    assert.equal(formatEndpoint(alice.status().observed ?? { address: '', port: 0 }), ALICE);
  });

  test('exchange lines and datagrams both ways', async () => {
    const { scene, asked, called } = connected();
    const lines = ['hello', '', 'Hello from alice', 'x'.repeat(LINE_BYTES_MAX), '🦊', '\ufeffmark'];
    const deliveries = lines.map((line) => asked.send(line));
    const bytes = Uint8Array.from({ length: DATAGRAM_BYTES_MAX }, (_, index) => index % 256);
    called.sendDatagram(bytes);
    called.sendDatagram(new Uint8Array());
    deliveries.push(called.send('back'));
    scene.advance(1000);
    await Promise.all(deliveries);
    assert.deepEqual(await readNow(called.messages), lines);
    assert.deepEqual(await readNow(asked.messages), ['back']);
    assert.deepEqual(await readNow(asked.datagrams), [bytes, new Uint8Array()]);
    assert.deepEqual(await readNow(called.datagrams), []);
  });

  test('lose no line on a network that loses, doubles and reorders', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const scene = new SealedScene({ seed });
      const through = access({ delayMs: 20, jitterMs: 60, loss: 0.15, duplication: 0.1 });
      const alice = scene.sealed('alice', ALICE, { keys: smaller, access: through });
      const bob = scene.sealed('bob', BOB, { keys: larger, access: through });
      scene.advance(5000);
      const asked = alice.link('bob');
      scene.advance(10_000);
      assert.equal(asked.state, 'connected', `seed ${seed}`);
      const called = bob.link('alice');
      const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
      const deliveries = lines.flatMap((line) => [asked.send(line), called.send(line)]);
      scene.advance(60_000);
      await Promise.all(deliveries);
      assert.deepEqual(await readNow(called.messages), lines);
      assert.deepEqual(await readNow(asked.messages), lines);
      assert.equal(asked.state, 'connected', `seed ${seed}`);
    }
  });

  test('are connected for as long as they are there, each hour of it', () => {
    const { scene, asked, called } = connected();
    scene.advance(3 * 3_600_000);
    assert.deepEqual([asked.state, called.state], ['connected', 'connected']);
  });

  test('say goodbye', async () => {
    const { scene, asked, called } = connected();
    asked.close();
    scene.advance(100);
    assert.deepEqual([asked.state, called.state], ['closed', 'left']);
    assert.ok(punchError('left', /alice/)(await called.ended));
  });

  test('have one link, whichever of them is asked for it', () => {
    const { alice, bob, asked, called } = connected();
    assert.equal(alice.link('bob'), asked);
    assert.equal(bob.link('alice'), called);
  });

  test('reach each other again when the network comes back before the path is given up', async () => {
    const { scene, asked, called } = connected();
    scene.network.withholds = () => true;
    scene.advance(40_000);
    assert.equal(asked.state, 'punching');
    const delivery = asked.send('are you there?');
    scene.network.withholds = () => false;
    scene.advance(5000);
    assert.deepEqual([asked.state, called.state], ['connected', 'connected']);
    await delivery;
  });

  test('are told which lines nobody knows of when the path is lost', async () => {
    const { scene, asked } = connected();
    const known = asked.send('one');
    scene.advance(1000);
    scene.network.withholds = () => true;
    const unknown = asked.send('two');
    scene.advance(60_000);
    assert.equal(asked.state, 'lost');
    await known;
    await assert.rejects(unknown, punchError('undelivered', /bob/));
    assert.throws(() => asked.send('three'), punchError('notConnected'));
  });
});

describe('clients with keys who call each other at once', () => {
  test('are connected by one of the calls, and by the same one', async () => {
    for (let headStartMs = 0; headStartMs <= 120; headStartMs += 5) {
      for (const first of [0, 1]) {
        const scene = new SealedScene();
        const { alice, bob } = scene.sealedPair();
        const callers: [PeerHost, string][] = [
          [alice, 'bob'],
          [bob, 'alice'],
        ];
        const [one, other] = first === 0 ? callers : callers.toReversed();
        const promises = [one?.[0].connect(one[1])];
        await settled();
        scene.advance(headStartMs);
        promises.push(other?.[0].connect(other[1]));
        await settled();
        scene.advance(2000);
        const links = await Promise.all(promises);
        await assertTalk(scene, links);
        assert.ok(links.every((link) => link === alice.link('bob') || link === bob.link('alice')));
      }
    }
  });

  test('on a bad network too', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const scene = new SealedScene({ seed });
      const through = access({ delayMs: 30, jitterMs: 100, loss: 0.2, duplication: 0.1 });
      const alice = scene.sealed('alice', ALICE, { keys: smaller, access: through });
      const bob = scene.sealed('bob', BOB, { keys: larger, access: through });
      scene.advance(6000);
      const promises = [alice.connect('bob')];
      await settled();
      scene.advance((seed * 7) % 200);
      promises.push(bob.connect('alice'));
      await settled();
      scene.advance(30_000);
      await assertTalk(scene, await Promise.all(promises), `seed ${seed}`);
    }
  });

  test('with one key and two names', async () => {
    const scene = new SealedScene();
    const alice = scene.sealed('alice', ALICE, { keys: smaller });
    const bob = scene.sealed('bob', BOB, { keys: smaller });
    scene.advance(1000);
    const promises = [alice.connect('bob'), bob.connect('alice')];
    await settled();
    scene.advance(2000);
    await assertTalk(scene, await Promise.all(promises));
  });

  test('when each accepts nobody but whom it calls', async () => {
    const scene = new SealedScene();
    const alice = scene.sealed('alice', ALICE, { keys: smaller, accepts: () => false });
    const bob = scene.sealed('bob', BOB, { keys: larger, accepts: () => false });
    scene.advance(1000);
    const promises = [alice.connect('bob'), bob.connect('alice')];
    await settled();
    scene.advance(2000);
    await assertTalk(scene, await Promise.all(promises));
  });

  test('soon after one of them has come, whom the other was waiting for', () => {
    for (const [early, late] of [
      [smaller, larger],
      [larger, smaller],
    ] as const) {
      const scene = new SealedScene();
      const bob = scene.sealed('bob', BOB, { keys: late });
      scene.advance(1000);
      void bob.close();
      const alice = scene.sealed('alice', ALICE, { keys: early });
      scene.advance(1000);
      const asked = alice.link('bob');
      scene.advance(5500);
      assert.equal(asked.state, 'absent');
      const back = scene.sealed('bob', BOB, { keys: late });
      scene.advance(100);
      const link = back.link('alice');
      scene.advance(1000);
      assert.deepEqual([asked.state, link.state], ['connected', 'connected']);
    }
  });
});

describe('a client with keys', () => {
  test('waits for a peer that is not there, and finds it within two seconds or so', () => {
    const scene = new SealedScene();
    const { alice, bob } = scene.sealedPair();
    void bob.close();
    scene.advance(100);
    const asked = alice.link('bob');
    scene.advance(7000);
    assert.equal(asked.state, 'absent');
    scene.sealed('bob', BOB, { keys: larger });
    scene.advance(3000);
    assert.equal(asked.state, 'connected');
  });

  test('is not told of a name that nobody has', () => {
    const scene = new SealedScene();
    const { alice } = scene.sealedPair();
    const asked = alice.link('carol');
    scene.advance(1000);
    assert.equal(asked.state, 'absent');
  });

  test('that was started again has a new link in the place of the old one, which ends', async () => {
    const { scene, bob, called } = connected();
    scene.network.withholds = ({ from }) => formatEndpoint(from) === ALICE;
    const again = scene.sealed('alice', '198.51.100.10:5001', { keys: smaller });
    scene.advance(1000);
    const asked = again.link('bob');
    scene.advance(1000);
    assert.deepEqual([asked.state, called.state], ['connected', 'left']);
    assert.ok(punchError('left', /alice/)(await called.ended));
    const latest = bob.link('alice');
    assert.notEqual(latest, called);
    await assertTalk(scene, [asked, latest]);
    assert.equal((await readNow(bob.links)).length, 2);
  });

  test('does not harm a live link by a call that leads to nothing', async () => {
    const { scene, bob, called } = connected();
    const again = scene.sealed('alice', '198.51.100.10:5001', { keys: smaller });
    scene.advance(1000);
    again.link('bob');
    // The call goes through, but no path does.
    scene.network.withholds = ({ from, to }) =>
      [formatEndpoint(from), formatEndpoint(to)].every((end) => end === '198.51.100.10:5001' || end === BOB);
    scene.advance(25_000);
    assert.equal(called.state, 'connected');
    assert.equal(bob.link('alice'), called);
    assert.equal((await readNow(bob.links)).length, 1);
  });

  test('that accepts only some is not there for others', async () => {
    const scene = new SealedScene();
    const alice = scene.sealed('alice', ALICE, { keys: smaller });
    const bob = scene.sealed('bob', BOB, { keys: larger, accepts: () => false });
    scene.advance(1000);
    const asked = alice.link('bob');
    scene.advance(1000);
    assert.equal(asked.state, 'absent');
    assert.ok((bob.status().ignored.unaccepted ?? 0) > 0);
    assert.deepEqual(await readNow(bob.links), []);
  });

  test('does not call a peer whose key has changed', async () => {
    const scene = new SealedScene();
    const other = createKeyPair(seededEntropy(77)).publicKey;
    const alice = scene.sealed('alice', ALICE, { keys: smaller, trustPeer: (_, key) => only(other)(key) });
    scene.sealed('bob', BOB, { keys: larger });
    scene.advance(1000);
    const asked = alice.link('bob');
    scene.advance(1000);
    assert.equal(asked.state, 'failed');
    assert.ok(punchError('peerKeyChanged', /bob/)(await asked.ended));
  });

  test('is not called by a peer whose key has changed', async () => {
    const scene = new SealedScene();
    const alice = scene.sealed('alice', ALICE, { keys: smaller });
    const bob = scene.sealed('bob', BOB, { keys: larger, trustPeer: () => 'distrusted' });
    scene.advance(1000);
    const asked = alice.link('bob');
    scene.advance(1000);
    assert.equal(asked.state, 'absent');
    assert.ok((bob.status().ignored.distrustedKey ?? 0) > 0);
  });

  test('reaches a peer by the key it was given, and nobody else', () => {
    const scene = new SealedScene();
    const { alice } = scene.sealedPair();
    const other = createKeyPair(seededEntropy(77)).publicKey;
    const asked = alice.link('bob', { key: larger.publicKey });
    scene.advance(1000);
    assert.equal(asked.state, 'connected');
    assert.throws(() => alice.link('bob', { key: other }), punchError('peerKeyChanged'));
    asked.close();
    const wrong = alice.link('bob', { key: other });
    scene.advance(1000);
    assert.equal(wrong.state, 'absent');
  });

  test('can be told the key while it asks for it', () => {
    const scene = new SealedScene();
    const { alice } = scene.sealedPair();
    const asked = alice.link('bob');
    assert.equal(alice.link('bob', { key: larger.publicKey }), asked);
    scene.advance(1000);
    assert.equal(asked.state, 'connected');
  });

  test('tells whose keys were proved', () => {
    const scene = new SealedScene();
    const proved: string[] = [];
    const alice = scene.sealed('alice', ALICE, {
      keys: smaller,
      serverProved: (key) => proved.push(`server ${key.join()}`),
      peerProved: (name, key) => proved.push(`${name} ${key.join()}`),
    });
    scene.sealed('bob', BOB, { keys: larger });
    scene.advance(1000);
    alice.link('bob');
    scene.advance(10_000);
    assert.deepEqual(proved, [
      `server ${scene.serverKeys.publicKey.join()}`,
      `bob ${larger.publicKey.join()}`,
    ]);
  });

  test('sends nothing that is too long, or no text', () => {
    const { asked } = connected();
    assert.throws(() => asked.send('x'.repeat(LINE_BYTES_MAX + 1)), punchError('badText'));
    assert.throws(() => asked.send('\ud83e'), punchError('badText'));
    assert.throws(() => asked.sendDatagram(new Uint8Array(DATAGRAM_BYTES_MAX + 1)), punchError('tooLong'));
  });

  test('has no link before there is a path', () => {
    const scene = new SealedScene();
    const { alice } = scene.sealedPair();
    const asked = alice.link('bob');
    assert.throws(() => asked.send('hi'), punchError('notConnected'));
    assert.throws(() => asked.sendDatagram(new Uint8Array()), punchError('notConnected'));
  });
});

/** What one says, the other hears. */
async function assertTalk(
  scene: SealedScene,
  links: readonly (Link | undefined)[],
  message?: string,
): Promise<void> {
  const [one, other] = links;
  assert.ok(one !== undefined && other !== undefined);
  const deliveries = [one.send('ping'), other.send('pong')];
  scene.advance(60_000);
  await Promise.all(deliveries);
  assert.deepEqual(await readNow(other.messages), ['ping'], message);
  assert.deepEqual(await readNow(one.messages), ['pong'], message);
}

function connected(): { scene: SealedScene; alice: PeerHost; bob: PeerHost; asked: Link; called: Link } {
  const scene = new SealedScene();
  const { alice, bob } = scene.sealedPair();
  const asked = alice.link('bob');
  scene.advance(1000);
  return { scene, alice, bob, asked, called: bob.link('alice') };
}

async function statesOf(link: Link): Promise<string[]> {
  return (await readNow(link.states)).map(({ state, remote }) =>
    [state, ...(remote === undefined ? [] : [formatEndpoint(remote)])].join(' '),
  );
}
