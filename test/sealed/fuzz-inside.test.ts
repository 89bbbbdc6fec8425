import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { encodeToPeer } from '../../machines/letter-peer.ts';
import { encodeToClient, encodeToServer } from '../../machines/letter-server.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { ALICE, BOB, readNow, SERVER, settled } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { lettersToClient, lettersToPeer, lettersToServer, mallorys } from './fuzz-letters.ts';
import { drain, HEAP_GROWTH_BYTES_MAX, heapGrowthIn, mutate, SEED, sealing, total } from './fuzzing.ts';
import { received, ScriptedClient } from './scripted-client.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { ScriptedServer, type ScriptedSession } from './scripted-server.ts';
import { SealedScene, smaller } from './sealed-scene.ts';

const LETTERS = 50_000;
const ROUND = 1_250;
const PORTION = 50;
const MS_PER_PORTION = 250;
const MALLORY = '192.0.2.66:6666';

test(`a server lives through ${LETTERS} letters of a registered client that writes nonsense`, async (t) => {
  const { scene, alice, bob, link, random } = linked();
  const growth = await heapGrowthIn(async () => {
    for (let round = 0; round < LETTERS / ROUND / 2; round += 1) {
      const seal = register(scene);
      const letter = lettersToServer(random);
      await feed(scene, () => {
        const bytes = mutate(random, encodeToServer(letter()), encodeToServer(letter()));
        scene.network.forge(endpoint(MALLORY), endpoint(SERVER), seal(bytes));
      });
      assert.equal(link.state, 'connected');
      assert.ok(scene.server.status().clients <= 3);
    }
    scene.advance(100_000);
    await settled();
    assert.equal(scene.server.status().clients, 2);
    assert.deepEqual([alice.state, bob.state, link.state], ['registered', 'registered', 'connected']);
  });
  const { refused } = scene.server.status();
  for (const reason of [
    'badName',
    'badNumber',
    'badPadding',
    'badToken',
    'notAsked',
    'tooMany',
    'truncated',
  ]) {
    assert.ok((refused[reason] ?? 0) > 0, reason);
  }
  t.diagnostic(`seed ${SEED}, ${total(refused)} refused, heap grew by ${growth} bytes in the second half`);
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `heap grew by ${growth} bytes`);
});

test(`a client lives through ${LETTERS} letters of a server and of a peer that write nonsense together`, async (t) => {
  const { scene, alice, bob, link, random } = linked();
  const server = new ScriptedServer(scene, ALICE, scene.serverKeys);
  // It serves one client.
  scene.network.withholds = ({ from, to }) => formatEndpoint(from) === BOB && formatEndpoint(to) === SERVER;
  scene.advance(50_000);
  const session = server.admit(scene);
  const write = sealing('sealed', session.id, session.channel, 0);
  const fromServer = (bytes: Uint8Array) =>
    scene.network.forge(endpoint(SERVER), endpoint(ALICE), write(bytes));
  let round = 0;
  const growth = await heapGrowthIn(async () => {
    for (const end = round + LETTERS / ROUND / 2; round < end; round += 1) {
      // Links of earlier rounds speak to where she was.
      const where = `192.0.2.66:${6000 + round}`;
      const peer = new ScriptedPeer(scene.stranger(where), mallorys, ALICE, round);
      const say = call(scene, session, { peer, where }, fromServer);
      const fromPeer = (bytes: Uint8Array) =>
        scene.network.forge(endpoint(where), endpoint(ALICE), say(bytes));
      if (alice.state === 'registered') alice.link('carol');
      const toClient = lettersToClient(
        random,
        session,
        new ScriptedPeer(peer.puppet, mallorys, ALICE, -round),
      );
      const toPeer = lettersToPeer(random, peer);
      await feed(scene, () => {
        if (random() < 0.5)
          fromServer(mutate(random, encodeToClient(toClient()), encodeToClient(toClient())));
        else fromPeer(mutate(random, encodeToPeer(toPeer()), encodeToPeer(toPeer())));
      });
      assert.equal(link.state, 'connected');
      peer.puppet.close();
    }
    scene.advance(200_000);
    await settled();
  });
  const { ignored, malformed } = alice.status();
  for (const reason of ['acknowledgedAhead', 'distrustedKey', 'forged', 'lineAhead', 'stranger', 'unasked']) {
    assert.ok((ignored[reason] ?? 0) > 0, reason);
  }
  for (const reason of ['badAddress', 'badName', 'badNumber', 'notUtf8', 'unknownFrame', 'unknownMessage']) {
    assert.ok((malformed[reason] ?? 0) > 0, reason);
  }
  server.puppet.close();
  scene.network.withholds = () => false;
  scene.restartServer();
  scene.advance(100_000);
  assert.deepEqual([alice.state, bob.state, link.state], ['registered', 'registered', 'connected']);
  const said = bob.link('alice').send('still here?');
  scene.advance(5000);
  await said;
  assert.deepEqual(await readNow(link.messages), ['still here?']);
  t.diagnostic(
    `seed ${SEED}, ${total(ignored) + total(malformed)} ignored, heap grew by ${growth} bytes in the second half`,
  );
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `heap grew by ${growth} bytes`);
});

/** Alice and Bob, who have a link, and a server that counts nobody's datagrams as too many. */
function linked() {
  const scene = new SealedScene({ seed: SEED, admission: { perSecond: 1e9, burst: 1e9 } });
  const { alice, bob } = scene.sealedPair();
  const link = alice.link('bob');
  scene.advance(1000);
  assert.equal(link.state, 'connected');
  for (const host of [alice, bob]) void drain(host.links);
  return { scene, alice, bob, link, random: seededRandom(SEED) };
}

async function feed(scene: SealedScene, one: () => void): Promise<void> {
  for (let fed = 0; fed < ROUND; fed += 1) {
    one();
    if (fed % PORTION !== 0) continue;
    scene.advance(MS_PER_PORTION);
    await settled();
    scene.network.log.length = 0;
  }
}

/** Registers Mallory, and gives what seals bytes of hers. */
function register(scene: SealedScene): (bytes: Uint8Array) => Uint8Array {
  const mallory = new ScriptedClient('mallory', Math.floor(scene.network.random() * 1e9), mallorys);
  const puppet = scene.stranger(MALLORY);
  const ask = (bytes: Uint8Array) => {
    puppet.send(SERVER, bytes);
    scene.advance(100);
    return received(puppet).find(({ type }) => type === 'challenge' || type === 'registerAck');
  };
  const challenge = ask(mallory.knock().bytes);
  assert.ok(challenge?.type === 'challenge', 'a knock is answered');
  const { bytes, admitted } = mallory.register(challenge);
  assert.equal(admitted(ask(bytes))?.type, 'admitted');
  assert.ok(mallory.session !== undefined && mallory.channel !== undefined, 'there are keys');
  puppet.close();
  return sealing('sealed', mallory.session, mallory.channel, 0);
}

/** Mallory calls Alice by way of a server that is in league with her, and connects. Gives what seals bytes of hers. */
function call(
  scene: SealedScene,
  session: ScriptedSession,
  { peer, where }: { readonly peer: ScriptedPeer; readonly where: string },
  fromServer: (bytes: Uint8Array) => void,
): (bytes: Uint8Array) => Uint8Array {
  const request = Uint8Array.from({ length: 8 }, () => Math.floor(scene.network.random() * 256));
  const offer = peer.offer(smaller.publicKey);
  scene.advance(100);
  session.letters();
  fromServer(
    encodeToClient({
      type: 'holePunchInitiate',
      ...{ request, name: 'mallory', key: mallorys.publicKey, remote: endpoint(where), offer },
    }),
  );
  scene.advance(500);
  const accept = session.letters().findLast(({ type }) => type === 'holePunchAccept');
  assert.ok(accept?.type === 'holePunchAccept' && peer.finish(accept.answer), 'the call is answered');
  scene.advance(500);
  const probe = peer.heard().find(({ type }) => type === 'probe');
  assert.ok(probe?.type === 'probe' && peer.channel !== undefined, 'the peer is probed');
  peer.say(peer.probe(probe.nonce, true));
  scene.advance(100);
  return sealing('pair', peer.channel.hash.slice(0, 8), peer.channel, 1000);
}
