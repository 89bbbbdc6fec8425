/** The acceptance tests of the list of security pitfalls, by their numbers, as far as they are about links. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import {
  HOLD_MS,
  HOLD_SPREAD,
  OPENER_HOPS,
  PATH_DOUBT_MS,
  PATH_SILENCE_MS,
  PROBE_BUDGET_MS,
  PROBE_NONCE_MS,
} from '../../machines/timing.ts';
import { ALICE, BOB, readNow, SERVER } from '../runtime/scene.ts';
import { access, endpoint, type Passage } from '../support/memory-network.ts';
import { larger, SealedScene, smaller } from './sealed-scene.ts';

const VICTIM = '203.0.113.200:4000';
const PROBES_MAX = 10;
const PROBE_BYTES_MAX = 80;

test('5: a victim that a peer names gets nothing; where the peer is, and its own ports, get ten small datagrams', () => {
  for (const privateAddress of ['10.0.0.5:5000', '192.168.1.5:5000', '127.0.0.1:5000', '169.254.9.9:5000']) {
    const ports = [5001, 5002, 5003, 5004].map((port) => endpoint(`198.51.100.10:${port}`));
    const scene = new SealedScene();
    const sizes: number[] = [];
    scene.network.overhears = ({ from }, bytes) => {
      if (formatEndpoint(from) === BOB && bytes[0] === 22) sizes.push(bytes.length);
    };
    const alice = scene.sealed('alice', ALICE, {
      keys: smaller,
      candidates: [endpoint(VICTIM), endpoint(privateAddress), endpoint(SERVER), ...ports],
    });
    scene.sealed('bob', BOB, { keys: larger });
    scene.advance(1000);
    scene.network.withholds = isBetweenPeers;
    alice.link('bob');
    scene.advance(PROBE_BUDGET_MS + 60_000);
    const probes = between(scene, BOB);
    const targets = countBy(probes, ({ to }) => formatEndpoint(to));
    assert.deepEqual([...targets.keys()].sort(), [ALICE, ...ports.map(formatEndpoint)]);
    for (const count of targets.values()) assert.ok(count <= PROBES_MAX, `${count} probes`);
    assert.equal(sizes.length, probes.length);
    assert.ok(sizes.every((size) => size <= PROBE_BYTES_MAX));
    assert.ok((probes.at(-1)?.atMs ?? 0) - (probes[0]?.atMs ?? 0) < PROBE_BUDGET_MS);
  }
});

test('8: probing stops with the answer, and an address that does not answer gets no more than ten a call', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const scene = new SealedScene({ seed });
    const through = access({ delayMs: 20, jitterMs: 30, loss: seed % 2 === 0 ? 0.25 : 0 });
    const candidates = [6001, 6002, 6003].map((port) => endpoint(`198.51.100.10:${port}`));
    const alice = scene.sealed('alice', ALICE, { keys: smaller, access: through, candidates });
    const bob = scene.sealed('bob', BOB, { keys: larger, access: through });
    while (alice.state !== 'registered' || bob.state !== 'registered') scene.advance(100);
    const asked = alice.link('bob');
    while (asked.state === 'requesting' || between(scene, BOB).length === 0) scene.advance(1);
    const called = bob.link('alice');
    while (called.state !== 'connected') {
      assert.notEqual(called.state, 'failed', `seed ${seed}`);
      scene.advance(1);
    }
    const connectedAt = scene.network.clock.now();
    // Before loss alone could make it doubt the path.
    scene.advance(PATH_DOUBT_MS - 100);
    const probes = between(scene, BOB).filter(({ to }) => formatEndpoint(to) !== ALICE);
    assert.ok(
      probes.every(({ atMs }) => atMs <= connectedAt),
      `seed ${seed}`,
    );
    // A caller that has missed the answer calls again, and each call begins with an opener.
    const calls = probes.filter(({ hops }) => hops === OPENER_HOPS).length / candidates.length;
    for (const count of countBy(probes, ({ to }) => formatEndpoint(to)).values()) {
      assert.ok(count <= PROBES_MAX * calls, `seed ${seed}: ${count} probes in ${calls} calls`);
    }
    // From here on one probe keeps the path, and one answers the other side's.
    const held = between(scene, BOB).filter(({ atMs }) => atMs > connectedAt + HOLD_MS);
    assert.ok(held.length <= 2 * Math.ceil(PATH_DOUBT_MS / (HOLD_MS * (1 - HOLD_SPREAD))), `seed ${seed}`);
  }
});

test('9: a path that works one way never makes either side connected', async () => {
  for (const deaf of [ALICE, BOB]) {
    for (let seed = 1; seed <= 50; seed += 1) {
      const scene = new SealedScene({ seed, access: access({ delayMs: 10, jitterMs: 40 }) });
      const { alice, bob } = scene.sealedPair();
      scene.network.withholds = (passage) => isBetweenPeers(passage) && formatEndpoint(passage.to) === deaf;
      const asked = alice.link('bob');
      scene.advance(2000);
      const called = bob.link('alice');
      scene.advance(PROBE_BUDGET_MS);
      assert.deepEqual([asked.state, called.state], ['failed', 'failed']);
      for (const link of [asked, called]) {
        const states = (await readNow(link.states)).map(({ state }) => state);
        assert.ok(states.includes('punching') && !states.includes('connected'), states.join());
      }
    }
  }
});

test('9: a path that works no more than one way is given up by both sides', () => {
  for (const deaf of [ALICE, BOB]) {
    const scene = new SealedScene();
    const { alice, bob } = scene.sealedPair();
    const asked = alice.link('bob');
    scene.advance(1000);
    const called = bob.link('alice');
    scene.network.withholds = (passage) => isBetweenPeers(passage) && formatEndpoint(passage.to) === deaf;
    // What the deaf side has heard before it became deaf confirms a little longer.
    scene.advance(PATH_SILENCE_MS + PROBE_NONCE_MS + 1000);
    assert.deepEqual([asked.state, called.state], ['punching', 'punching']);
    scene.advance(PROBE_BUDGET_MS);
    assert.deepEqual([asked.state, called.state], ['lost', 'lost']);
  }
});

test('10: when the server is killed links live on, and clients register again when it is back', async () => {
  const scene = new SealedScene();
  const { alice, bob } = scene.sealedPair();
  const link = alice.link('bob');
  scene.advance(1000);
  scene.stopServer();
  for (let minute = 0; minute < 10; minute += 1) {
    const said = link.send(`minute ${minute}`);
    scene.advance(60_000);
    await said;
    assert.deepEqual([alice.state, bob.state, link.state], ['unregistered', 'unregistered', 'connected']);
  }
  scene.restartServer();
  scene.advance(6000);
  assert.deepEqual([alice.state, bob.state, link.state], ['registered', 'registered', 'connected']);
  assert.equal(bob.link('alice').state, 'connected');
  const carol = scene.sealed('carol', '192.0.2.30:3000');
  scene.advance(1000);
  const links = [carol.link('alice'), carol.link('bob')];
  scene.advance(1000);
  assert.ok(links.every(({ state }) => state === 'connected'));
  assert.equal((await readNow(bob.link('alice').messages)).length, 10);
});

function isBetweenPeers({ from, to }: Passage): boolean {
  return [from, to].every((end) => [ALICE, BOB].includes(formatEndpoint(end)));
}

/** What a peer has sent to all but the server. */
function between(scene: SealedScene, from: string): Passage[] {
  return scene.network.log.filter(
    (passage) => formatEndpoint(passage.from) === from && formatEndpoint(passage.to) !== SERVER,
  );
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
