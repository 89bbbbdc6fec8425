import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import type { PeerHost } from '../../runtime/peer.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { ALICE, BOB } from '../runtime/scene.ts';
import { access } from '../support/memory-network.ts';
import { larger, SealedScene, smaller } from './sealed-scene.ts';

const ELSEWHERE = '192.0.2.77:7000';

/** A socket whose owner carries it from one network to another. */
class Carried implements Transport {
  #current: Transport;
  #receiver: Receiver | undefined;

  constructor(first: Transport) {
    this.#current = first;
  }

  get local() {
    return this.#current.local;
  }

  /** What is sent to where it was finds nobody. */
  carryTo(next: Transport): void {
    void this.#current.close();
    this.#current = next;
    if (this.#receiver !== undefined) next.listen(this.#receiver);
  }

  send(...datagram: Parameters<Transport['send']>): void {
    this.#current.send(...datagram);
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#current.listen(receiver);
  }

  close(): Promise<void> {
    return this.#current.close();
  }
}

/** Alice, who moves, linked with Bob. */
function moving(): { scene: SealedScene; alice: PeerHost; bob: PeerHost; move(): void } {
  const scene = new SealedScene();
  const through = access({ delayMs: 10 });
  const carried = new Carried(scene.network.open(ALICE, through));
  const alice = scene.sealed('alice', ALICE, { keys: smaller, transport: carried });
  const bob = scene.sealed('bob', BOB, { keys: larger });
  scene.advance(1000);
  alice.link('bob');
  scene.advance(1000);
  return { scene, alice, bob, move: () => carried.carryTo(scene.network.open(ELSEWHERE, through)) };
}

describe('a client with keys that comes to another network', () => {
  test('and notices has its link and its registration there at once', async () => {
    const { scene, alice, bob, move } = moving();
    const [link, theirs] = [alice.link('bob'), bob.link('alice')];
    move();
    alice.networkChanged();
    scene.advance(200);
    assert.equal(formatEndpoint(alice.status().observed ?? { address: '', port: 0 }), ELSEWHERE);
    const deliveries = [link.send('moved'), theirs.send('seen')];
    scene.advance(200);
    await Promise.all(deliveries);
    assert.deepEqual([alice.state, link.state, theirs.state], ['registered', 'connected', 'connected']);
    const again = scene.sealed('carol', '203.0.113.30:6000');
    scene.advance(1000);
    const called = again.link('alice');
    scene.advance(1000);
    assert.equal(called.state, 'connected');
  });

  test('and does not notice has them within seconds', async () => {
    const { scene, alice, bob, move } = moving();
    move();
    scene.advance(30_000);
    assert.deepEqual([alice.link('bob').state, bob.link('alice').state], ['connected', 'connected']);
    assert.equal(formatEndpoint(alice.status().observed ?? { address: '', port: 0 }), ELSEWHERE);
  });
});
