import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import {
  DISTRUST_PATIENCE_MS,
  KEEPALIVE_MAX_MS,
  KNOCK_NONCE_MS,
  REFRESH_PATIENCE_MS,
  UNREACHABLE_RETRY_MS,
  UNREACHABLE_SPREAD,
} from '../../machines/timing.ts';
import { PunchError } from '../../runtime/errors.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { ALICE, BOB, punchError, readNow, settled } from '../runtime/scene.ts';
import { ScriptedServer } from './scripted-server.ts';
import { larger, only, type SealedPeerOptions, SealedScene, smaller } from './sealed-scene.ts';

/** Knock and Register. */
const JOINING_DATAGRAMS = 2;

/** Alice, and a server that a test speaks for. She has knocked. */
function open(options: SealedPeerOptions = {}) {
  const scene = new SealedScene();
  const server = new ScriptedServer(scene, ALICE, larger);
  const alice = scene.sealed('alice', ALICE, { keys: smaller, ...options });
  scene.advance(45);
  return { scene, server, alice };
}

describe('a client with keys registers', () => {
  test('with a knock, a cookie, and a first letter under the keys of the session', async () => {
    const { scene, server, alice } = open();
    assert.equal(alice.state, 'knocking');
    const session = server.admit(scene);
    assert.equal(session.name, 'alice');
    assert.deepEqual(session.letters(), [{ type: 'keepalive' }]);
    session.write({ type: 'keepaliveAck', observed: { address: '198.51.100.10', port: 5001 } });
    scene.advance(45);
    await alice.registered;
  });

  test('only when the server has heard that letter, which is sent until it is answered', () => {
    const { scene, server, alice } = open();
    const session = server.admit(scene);
    scene.advance(1000);
    assert.equal(alice.state, 'awaitingAck');
    assert.ok(session.letters().length > 3);
    session.write({ type: 'keepaliveAck', observed: { address: '198.51.100.10', port: 5001 } });
    scene.advance(30);
    assert.equal(alice.state, 'registered');
    session.letters();
    scene.advance(10_000);
    assert.deepEqual(session.letters(), []);
    scene.advance(KEEPALIVE_MAX_MS);
    assert.ok(session.letters().length > 0);
  });

  test('and believes the server where it is', () => {
    const { scene, server, alice } = open();
    const session = server.register(scene);
    session.write({ type: 'keepaliveAck', observed: { address: '198.51.100.10', port: 5001 } });
    scene.advance(45);
    assert.equal(alice.status().observed?.port, 5001);
  });

  test('with one nonce for all knocks of half a minute, and one handshake for each cookie', () => {
    const { scene, server } = open({ timeoutMs: 120_000 });
    scene.advance(10_000);
    const knocks = server
      .received()
      .map((envelope) => (envelope.type === 'knock' ? envelope.nonce : undefined));
    assert.equal(new Set(knocks.map(String)).size, 1);
    server.challenge({ nonce: knocks[0] ?? new Uint8Array() });
    scene.advance(5000);
    const registers = server.received().filter(({ type }) => type === 'register');
    assert.ok(registers.length > 3);
    for (const register of registers) assert.deepEqual(register, registers[0]);
    server.challenge({ nonce: knocks[0] ?? new Uint8Array() }, 8);
    scene.advance(45);
    assert.notDeepEqual(server.last('register'), registers[0]);
  });

  test('with another nonce after that', () => {
    const { scene, server } = open();
    const { nonce } = server.last('knock');
    scene.advance(KNOCK_NONCE_MS + 2000);
    assert.notDeepEqual(server.last('knock').nonce, nonce);
    server.challenge({ nonce });
    scene.advance(45);
    assert.throws(() => server.last('register'));
  });

  test('again with another handshake after it was refused', () => {
    const { scene, server, alice } = open();
    server.challenge(server.last('knock'));
    scene.advance(45);
    const first = server.last('register');
    server.acknowledge(first, { type: 'refused', reason: 'full' });
    scene.advance(45);
    assert.equal(alice.state, 'refused');
    scene.advance(2000);
    server.challenge(server.last('knock'));
    scene.advance(45);
    const second = server.last('register');
    assert.notDeepEqual(second.handshake, first.handshake);
    server.acknowledge(second).confirm();
    scene.advance(45);
    assert.equal(alice.state, 'registered');
  });

  test('anew when the server has forgotten the session before that counted', () => {
    const { scene, server, alice } = open();
    const session = server.admit(scene);
    server.say({ type: 'stale', session: session.id });
    scene.advance(45);
    assert.equal(alice.state, 'knocking');
    assert.notDeepEqual(server.register(scene).id, session.id);
    assert.equal(alice.state, 'registered');
  });

  test('from where it is, when it moves before the session counts', () => {
    const { scene, server, alice } = open();
    const session = server.admit(scene);
    alice.networkChanged();
    scene.advance(45);
    assert.equal(alice.state, 'knocking');
    assert.notDeepEqual(server.register(scene).id, session.id);
    assert.equal(alice.state, 'registered');
  });

  test('anew when the server has forgotten the session', () => {
    const { scene, server, alice } = open();
    const session = server.register(scene);
    server.say({ type: 'stale', session: session.id });
    scene.advance(100);
    assert.equal(alice.state, 'unregistered');
    const next = server.admit(scene);
    assert.equal(alice.state, 'registered');
    assert.notDeepEqual(next.id, session.id);
    assert.deepEqual(next.letters(), [{ type: 'keepalive' }]);
  });

  test('and tells a server that asks where it is', () => {
    const { scene, server } = open();
    const session = server.register(scene);
    session.letters();
    const token = Uint8Array.from({ length: 16 }, (_, index) => index);
    session.write({ type: 'pathChallenge', token });
    scene.advance(45);
    assert.ok(
      session
        .letters()
        .some((letter) => letter.type === 'pathResponse' && letter.token.join() === token.join()),
    );
  });

  test('and tells the server when it goes', () => {
    const { scene, server, alice } = open();
    const session = server.register(scene);
    void alice.close();
    scene.advance(45);
    assert.equal(session.letters().at(-1)?.type, 'bye');
  });
});

describe('a client with keys does not register', () => {
  test('with a name that belongs to another key', async () => {
    const { scene, server, alice } = open();
    server.challenge(server.last('knock'));
    scene.advance(45);
    server.acknowledge(server.last('register'), { type: 'refused', reason: 'nameTaken' });
    scene.advance(45);
    await assert.rejects(alice.registered, punchError('nameTaken'));
  });

  test('with a server that has another key', async () => {
    const told = new PunchError('keyChanged', 'Look at line 3.');
    for (const { options, code } of [
      { options: { trustServer: only(smaller.publicKey) }, code: 'serverKeyChanged' },
      { options: { serverKey: smaller.publicKey }, code: 'serverKeyChanged' },
      { options: { serverKey: smaller.publicKey, changed: () => told }, code: 'keyChanged' },
    ] as const) {
      const { scene, server, alice } = open(options);
      server.challenge(server.last('knock'));
      scene.advance(DISTRUST_PATIENCE_MS + 100);
      await assert.rejects(alice.registered, punchError(code));
      assert.equal(alice.status().ignored.distrustedKey, 1);
    }
  });

  test('with a forger, if its own server speaks in time', () => {
    const { scene, server, alice } = open({ serverKey: larger.publicKey });
    const knock = server.last('knock');
    server.challenge(knock, 1, smaller.publicKey);
    scene.advance(500);
    server.challenge(knock, 2);
    scene.advance(45);
    server.acknowledge(server.last('register')).confirm();
    scene.advance(45);
    assert.equal(alice.state, 'registered');
  });

  test('by what somebody else has said', () => {
    const { scene, server, alice } = open();
    const mallory = scene.stranger('192.0.2.66:6666');
    const before = server.puppet.received.length;
    server.challenge({ nonce: new Uint8Array(8) });
    scene.advance(45);
    assert.equal(alice.status().ignored.unasked, 1);
    const session = server.register(scene);
    for (const { bytes } of server.puppet.received.slice(before)) mallory.send(ALICE, bytes);
    scene.advance(45);
    assert.ok((alice.status().ignored.notFromServer ?? 0) > 0);
    server.say({ type: 'stale', session: new Uint8Array(8) });
    const letter = session.write({ type: 'pathChallenge', token: new Uint8Array(16) });
    scene.advance(45);
    session.letters();
    server.say(letter);
    server.say({ ...letter, counter: letter.counter + 1 });
    server.say({ ...letter, session: new Uint8Array(8) });
    server.say({ type: 'registerAck', nonce: new Uint8Array(8), handshake: new Uint8Array(100) });
    server.say({ type: 'pair', pair: new Uint8Array(8), counter: 1, sealed: new Uint8Array(20) });
    server.say({ type: 'knock', nonce: new Uint8Array(8) });
    scene.advance(45);
    const { ignored } = alice.status();
    assert.equal(ignored.replayed, 1);
    assert.equal(ignored.forged, 1);
    assert.equal(ignored.otherSession, 2);
    assert.equal(ignored.stranger, 1);
    assert.equal(ignored.notForClients, 1);
    assert.equal(alice.state, 'registered');
    assert.ok(session.letters().every(({ type }) => type === 'keepalive'));
  });
});

describe('a client with keys and its server', () => {
  test('that does not hear its first letters: once it says that it is registered, it can be called', async () => {
    for (let lost = 0; lost <= 6; lost += 1) {
      const scene = new SealedScene();
      const alice = scene.sealed('alice', ALICE, { keys: smaller });
      scene.advance(1000);
      let sent = 0;
      scene.network.withholds = ({ from }) => {
        if (formatEndpoint(from) !== BOB) return false;
        sent += 1;
        return sent > JOINING_DATAGRAMS && sent <= JOINING_DATAGRAMS + lost;
      };
      const bob = scene.sealed('bob', BOB, { keys: larger });
      while (bob.state !== 'registered') scene.advance(1);
      const link = alice.link('bob');
      scene.advance(10_000);
      const states = (await readNow(link.states)).map(({ state }) => state);
      assert.deepEqual(states, ['requesting', 'punching', 'connected'], `${lost} lost`);
    }
  });

  test('that was started again: it is registered again, and can be called', () => {
    const scene = new SealedScene();
    const { alice, bob } = scene.sealedPair();
    scene.restartServer();
    scene.advance(KEEPALIVE_MAX_MS + 1000);
    assert.equal(scene.server.status().clients, 2);
    const link = alice.link('bob');
    scene.advance(1000);
    assert.deepEqual([alice.state, bob.state, link.state], ['registered', 'registered', 'connected']);
  });

  test('that is gone: links live on', async () => {
    const scene = new SealedScene();
    const { alice, bob } = scene.sealedPair();
    const asked = alice.link('bob');
    scene.advance(1000);
    scene.stopServer();
    scene.advance(600_000);
    const delivery = asked.send('still here');
    scene.advance(1000);
    await delivery;
    assert.deepEqual(
      [alice.state, asked.state, bob.link('alice').state],
      ['unregistered', 'connected', 'connected'],
    );
  });

  test('that has another key suddenly: it stays away, says so once, and links live on', async () => {
    const scene = new SealedScene();
    const known = only(scene.serverKeys.publicKey);
    const alice = scene.sealed('alice', ALICE, { keys: smaller, trustServer: known });
    scene.sealed('bob', '203.0.113.20:6000', { keys: larger, trustServer: known });
    scene.advance(1000);
    const asked = alice.link('bob');
    scene.advance(1000);
    scene.swapServer();
    scene.advance(120_000);
    assert.deepEqual([alice.state, asked.state], ['unregistered', 'connected']);
    assert.equal(scene.server.status().clients, 0);
    assert.ok((alice.status().ignored.distrustedKey ?? 0) > 0);
    const told = (await readNow(alice.states)).map(({ state, error }) => [state, error?.code]);
    assert.deepEqual(told.slice(-3), [
      ['registered', undefined],
      ['unregistered', undefined],
      ['unregistered', 'serverKeyChanged'],
    ]);
  });

  test('whose answer to its first letter is lost: it is registered all the same', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const scene = new SealedScene({ seed });
      const { alice } = scene.sealedPair();
      let left = seed;
      scene.network.withholds = () => {
        left -= 1;
        return left > 0 && left % 2 === 0;
      };
      scene.restartServer();
      scene.advance(60_000);
      assert.equal(alice.state, 'registered');
      assert.equal(scene.server.status().clients, 2);
    }
  });

  test('sends it nonsense, and it goes on', async () => {
    const { scene, server, alice } = open();
    server.register(scene);
    const random = seededRandom(5);
    for (let round = 0; round < 3000; round += 1) {
      const length = Math.floor(random() * 120);
      const bytes = Uint8Array.from({ length }, (_, index) =>
        index === 0 && random() < 0.9 ? 16 + Math.floor(random() * 8) : Math.floor(random() * 256),
      );
      server.puppet.send(ALICE, bytes);
    }
    scene.advance(45);
    assert.equal(alice.state, 'registered');
    assert.deepEqual(await readNow(alice.links), []);
    await settled();
  });
});

describe('many clients with keys that have lost their server at one moment', () => {
  test('do not come back to it at one moment', () => {
    const scene = new SealedScene();
    const clients = Array.from({ length: 100 }, (_, index) =>
      scene.sealed(`client ${index}`, `203.0.113.30:${7000 + index}`),
    );
    scene.advance(2000);
    scene.stopServer();
    // All of them ask whether it is there.
    for (const client of clients) client.networkChanged();
    scene.advance(REFRESH_PATIENCE_MS + 1);
    assert.ok(clients.every(({ state }) => state === 'unregistered'));
    const from = scene.network.log.length;
    scene.advance(UNREACHABLE_RETRY_MS * (1 + UNREACHABLE_SPREAD) + 1);
    const times = scene.network.log.slice(from).map(({ atMs }) => atMs);
    assert.ok(times.length >= clients.length);
    const crowds = times.map((time) => times.filter((other) => other >= time && other < time + 250).length);
    assert.ok(Math.max(...crowds) <= clients.length / 4, `${Math.max(...crowds)} knock within 250 ms`);
    scene.restartServer();
    scene.advance(UNREACHABLE_RETRY_MS * (1 + UNREACHABLE_SPREAD) + 1000);
    assert.ok(clients.every(({ state }) => state === 'registered'));
  });
});
