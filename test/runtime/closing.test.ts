import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALICE, BOB, punchError, readNow, Scene, settled } from './scene.ts';

describe('closing a link', () => {
  test('ends it without an error, and says nothing more to the peer', async () => {
    const { scene, asked } = connected();
    asked.close();
    assert.equal(asked.state, 'closed');
    assert.equal(await asked.ended, undefined);
    assert.throws(() => asked.send('hi'), punchError('notConnected'));
    const before = scene.between(ALICE, BOB).length;
    scene.advance(300_000);
    assert.equal(scene.between(ALICE, BOB).length, before);
  });

  test('ends its feeds after what was not read yet', async () => {
    const { scene, asked, called } = connected();
    called.send('last words');
    scene.advance(100);
    asked.close();
    const messages: string[] = [];
    for await (const text of asked.messages) messages.push(text);
    const states: string[] = [];
    for await (const { state } of asked.states) states.push(state);
    assert.deepEqual(messages, ['last words']);
    assert.deepEqual(states, ['requesting', 'punching', 'connected', 'closed']);
  });

  test('twice is closing once', async () => {
    const { asked } = connected();
    asked.close();
    asked.close();
    assert.deepEqual((await readNow(asked.states)).at(-1)?.state, 'closed');
  });

  test('before it is connected rejects what waits for the connection', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const link = alice.link('bob');
    link.close();
    await assert.rejects(link.connected, punchError('closed', /bob was closed/));
    assert.equal(await link.ended, undefined);
  });

  test('lets the peer find out by the silence', () => {
    const { scene, asked, called } = connected();
    asked.close();
    scene.advance(62_000);
    assert.equal(called.state, 'lost');
  });

  test('makes room for a new one to the same peer', () => {
    const { scene, alice, asked } = connected();
    asked.close();
    const again = alice.link('bob');
    assert.notEqual(again, asked);
    scene.advance(10_000);
    assert.equal(again.state, 'connected');
  });
});

describe('closing a client', () => {
  test('closes its links and its feeds, frees the port and leaves no timer', async () => {
    const { scene, alice, bob, asked } = connected();
    await alice.close();
    assert.equal(alice.state, 'stopped');
    assert.equal(asked.state, 'closed');
    assert.equal(await asked.ended, undefined);
    const states: string[] = [];
    for await (const { state } of alice.states) states.push(state);
    assert.equal(states.at(-1), 'stopped');
    for await (const _ of alice.links) assert.fail('nobody has called Alice');
    scene.network.open(ALICE);
    await bob.close();
    await scene.server.close();
    assert.deepEqual(scene.network.clock.armed(), []);
  });

  test('twice is closing once', async () => {
    const { alice } = connected();
    await alice.close();
    await alice.close();
    assert.equal(alice.state, 'stopped');
  });

  test('before it is registered rejects what waits for the registration', async () => {
    const scene = new Scene();
    const alice = scene.peer('alice', ALICE);
    await alice.close();
    await assert.rejects(alice.registered, punchError('closed', /closed before it was registered/));
    scene.advance(1000);
    assert.equal(alice.state, 'stopped');
  });

  test('rejects what waits for a connection', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const connecting = alice.connect('bob');
    await settled();
    await alice.close();
    await assert.rejects(connecting, punchError('closed'));
  });

  test('makes new links impossible', async () => {
    const { scene, alice } = connected();
    await alice.close();
    assert.throws(() => alice.link('bob'), punchError('closed'));
    await assert.rejects(alice.connect('bob'), punchError('closed'));
    await scene.server.close();
  });
});

describe('an abort signal for connect', () => {
  test('that was aborted before asks for nothing', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const before = scene.network.log.length;
    await assert.rejects(
      alice.connect('bob', { signal: AbortSignal.abort(new Error('changed my mind')) }),
      /changed my mind/,
    );
    assert.equal(scene.network.log.length, before);
  });

  test('closes the link that is not connected yet', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const controller = new AbortController();
    const connecting = alice.connect('nobody', { signal: controller.signal });
    await settled();
    scene.advance(5000);
    controller.abort();
    await assert.rejects(connecting, { name: 'AbortError' });
    const before = scene.network.sent('holePunchRequest').length;
    scene.advance(60_000);
    assert.equal(scene.network.sent('holePunchRequest').length, before);
  });

  test('rejects at once while we are not registered', async () => {
    const scene = new Scene();
    scene.stopServer();
    const alice = scene.peer('alice', ALICE);
    const controller = new AbortController();
    let outcome: unknown = 'waiting';
    alice.connect('bob', { signal: controller.signal }).catch((error: unknown) => {
      outcome = error;
    });
    controller.abort(new Error('changed my mind'));
    await settled();
    assert.match(String(outcome), /changed my mind/);
  });

  test('does nothing to a link that is connected', async () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const controller = new AbortController();
    const connecting = alice.connect('bob', { signal: controller.signal });
    await settled();
    scene.advance(1000);
    const link = await connecting;
    controller.abort();
    scene.advance(1000);
    assert.equal(link.state, 'connected');
  });
});

function connected() {
  const scene = new Scene();
  const { alice, bob } = scene.pair();
  const asked = alice.link('bob');
  scene.advance(5000);
  return { scene, alice, bob, asked, called: bob.link('alice') };
}
