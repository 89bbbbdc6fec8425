import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPeer, createRendezvousServer } from '../../runtime/index.ts';
import { openUdp } from '../../runtime/udp.ts';
import { punchError, settled } from './scene.ts';

describe('an abort signal', () => {
  test('closes a server and frees its port', async () => {
    const controller = new AbortController();
    const { endpoint } = await createRendezvousServer({
      host: '127.0.0.1',
      port: 0,
      signal: controller.signal,
    });
    controller.abort();
    await settled();
    await (await openUdp('127.0.0.1', endpoint.port)).close();
  });

  test('closes a server that is just starting', async () => {
    const controller = new AbortController();
    const starting = createRendezvousServer({ host: '127.0.0.1', port: 0, signal: controller.signal });
    controller.abort();
    const { endpoint } = await starting;
    await (await openUdp('127.0.0.1', endpoint.port)).close();
  });

  test('closes a peer and its links', async () => {
    const server = await createRendezvousServer({ host: '127.0.0.1', port: 0 });
    const controller = new AbortController();
    const [alice, bob] = [
      createPeer({ name: 'alice', server: server.endpoint, signal: controller.signal }),
      createPeer({ name: 'bob', server: server.endpoint }),
    ];
    await bob.registered;
    const link = await alice.connect('bob');
    controller.abort();
    assert.equal(await link.ended, undefined);
    assert.equal(link.state, 'closed');
    await bob.close();
    await server.close();
  });

  test('closes a peer that is registering, whose registration is then rejected', async () => {
    const controller = new AbortController();
    const peer = createPeer({ name: 'alice', server: '127.0.0.1:9', signal: controller.signal });
    controller.abort();
    await assert.rejects(peer.registered, punchError('closed'));
  });

  test('that was aborted before makes a peer that is closed', async () => {
    const peer = createPeer({ name: 'alice', server: '127.0.0.1:9', signal: AbortSignal.abort() });
    await assert.rejects(peer.registered, punchError('closed'));
    assert.equal(peer.local, undefined);
  });

  test('is let go by the peers and servers that are closed', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    for (let time = 0; time < 12; time += 1) {
      const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, signal });
      const peer = createPeer({ name: 'alice', server: server.endpoint, signal });
      await peer.registered;
      await peer.close();
      await server.close();
    }
    await pause(10);
    process.off('warning', note);
    assert.deepEqual(
      warnings.map(({ name }) => name),
      [],
    );
  });
});
