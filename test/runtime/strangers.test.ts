import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Message } from '../../machines/wire.ts';
import { endpoint } from '../support/memory-network.ts';
import { ALICE, BOB, readNow, Scene, SERVER } from './scene.ts';

const STRANGER = '192.0.2.66:6666';
/** Another program at the server's address. */
const BESIDE_SERVER = '192.0.2.1:39739';
/** Another host behind the NAT of the peer. */
const BESIDE_BOB = '203.0.113.20:6666';

describe('somebody who is not the server', () => {
  const lies: Message[] = [
    { type: 'registerAck' },
    { type: 'holePunchResponseUnknown' },
    { type: 'holePunchInitiate', name: 'bob', remote: endpoint(STRANGER) },
  ];
  for (const where of [STRANGER, BESIDE_SERVER]) {
    for (const lie of lies) {
      test(`at ${where} says ${lie.type} to a client that registers, and is counted only`, () => {
        const scene = new Scene();
        scene.stopServer();
        const alice = scene.peer('alice', ALICE);
        scene.stranger(where).say(ALICE, lie);
        scene.advance(30);
        assert.equal(alice.state, 'awaitingAck');
        assert.deepEqual(alice.status().ignored, { notFromServer: 1 });
      });

      test(`at ${where} says ${lie.type} to a client that waits for a peer, and is counted only`, async () => {
        const scene = new Scene();
        const alice = scene.peer('alice', ALICE);
        scene.advance(100);
        scene.stopServer();
        const link = alice.link('bob');
        const stranger = scene.stranger(where);
        stranger.say(ALICE, lie);
        scene.advance(30);
        assert.equal(link.state, 'requesting');
        assert.equal(alice.state, 'registered');
        assert.deepEqual(alice.status().ignored, { notFromServer: 1 });
        assert.deepEqual(await readNow(alice.links), []);
        assert.deepEqual(stranger.received, []);
      });
    }
  }

  test('cannot move a link that is connected', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const link = alice.link('bob');
    scene.advance(1000);
    scene
      .stranger(STRANGER)
      .say(ALICE, { type: 'holePunchInitiate', name: 'bob', remote: endpoint(STRANGER) });
    scene.advance(20_000);
    assert.equal(link.state, 'connected');
    assert.equal(scene.between(ALICE, STRANGER).length, 0);
  });
});

describe('a stranger’s message', () => {
  test('reaches no link, is answered by nothing, and is counted', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const link = alice.link('bob');
    scene.advance(1000);
    const stranger = scene.stranger(STRANGER);
    for (const text of ['hi', 'Hello from bob']) stranger.say(ALICE, { type: 'message', text });
    scene.advance(20_000);
    assert.deepEqual(alice.status().ignored, { stranger: 2 });
    assert.deepEqual(stranger.received, []);
    assert.deepEqual(await readNow(link.messages), []);
  });

  test('does not keep a silent link alive', async () => {
    const scene = new Scene();
    const { alice, bob } = scene.pair();
    const link = alice.link('bob');
    scene.advance(1000);
    await bob.close();
    const strangers = [scene.stranger(STRANGER), scene.stranger(BESIDE_BOB)];
    for (let second = 0; second < 65; second += 1) {
      for (const stranger of strangers) stranger.say(ALICE, { type: 'message', text: 'Hello from bob' });
      scene.advance(1000);
    }
    assert.equal(link.state, 'lost');
  });

  test('from behind the peer’s NAT, under another name, does not capture the link', () => {
    const { scene, alice, beside } = punching();
    for (const text of ['Hello from mallory', 'Hello from bob ', 'hello from bob', '', 'Hello from']) {
      beside.say(ALICE, { type: 'message', text });
    }
    scene.advance(25_000);
    assert.equal(alice.link('bob').state, 'punching');
    assert.deepEqual(beside.received, []);
    assert.deepEqual(alice.status().ignored, { stranger: 5 });
  });

  test('from behind the peer’s NAT is no word of the peer once it is connected', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const link = alice.link('bob');
    scene.advance(1000);
    const beside = scene.stranger(BESIDE_BOB);
    for (const text of ['hi', 'Hello from bob']) beside.say(ALICE, { type: 'message', text });
    scene.advance(1000);
    assert.deepEqual(await readNow(link.messages), []);
    assert.equal(scene.between(ALICE, BESIDE_BOB).length, 0);
    assert.deepEqual(alice.status().ignored, { stranger: 2 });
  });

  test('from behind one NAT with two peers reaches the link of the right one', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    scene.peer('carol', '203.0.113.20:7000');
    scene.advance(100);
    const [bob, carol] = [alice.link('bob'), alice.link('carol')];
    scene.advance(1000);
    assert.deepEqual([bob.state, carol.state], ['connected', 'connected']);
    assert.deepEqual([await readNow(bob.messages), await readNow(carol.messages)], [[], []]);
  });
});

describe('what is not for a client', () => {
  for (const message of [
    { type: 'register', name: 'x' },
    { type: 'holePunchRequest', name: 'x' },
  ] as const) {
    test(`${message.type} is counted and not answered, whoever says it`, () => {
      const scene = new Scene();
      const { alice } = scene.pair();
      const stranger = scene.stranger(STRANGER);
      stranger.say(ALICE, message);
      scene.advance(100);
      assert.deepEqual(alice.status().ignored, { notForClients: 1 });
      assert.deepEqual(stranger.received, []);
    });
  }

  test('bytes that are no message are counted by what is wrong with them', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const stranger = scene.stranger(STRANGER);
    for (const bytes of [[], [9], [0, 9], [0, 1, 0xff], [2, 2], [5, 1, 98, 1, 98]]) {
      stranger.send(ALICE, Uint8Array.from(bytes));
    }
    scene.advance(100);
    assert.deepEqual(alice.status().malformed, {
      empty: 1,
      unknownMessage: 1,
      truncated: 1,
      notUtf8: 1,
      trailingBytes: 1,
      badAddress: 1,
    });
  });
});

describe('a server that introduces more peers than a client can have', () => {
  test('fills 256 links, and what is over is counted', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    scene.advance(100);
    scene.stopServer();
    const server = scene.stranger(SERVER);
    for (let number = 0; number < 300; number += 1) {
      const remote = { address: '203.0.113.1', port: 1000 + number };
      server.say(ALICE, { type: 'holePunchInitiate', name: `peer ${number}`, remote });
    }
    scene.advance(50);
    assert.deepEqual(alice.status().ignored, { tooManyLinks: 44 });
    scene.advance(31_000);
    server.say(ALICE, { type: 'holePunchInitiate', name: 'one more', remote: endpoint(BOB) });
    scene.advance(50);
    assert.deepEqual(alice.status().ignored, { tooManyLinks: 44 });
    assert.equal((await readNow(alice.links)).length, 257);
  });
});

/** Alice punches to Bob, who says nothing. */
function punching() {
  const scene = new Scene();
  const alice = scene.peer('alice', ALICE);
  const bob = scene.stranger(BOB);
  bob.say(SERVER, { type: 'register', name: 'bob' });
  scene.advance(1000);
  alice.link('bob');
  scene.advance(200);
  return { scene, alice, beside: scene.stranger(BESIDE_BOB) };
}
