import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint, sameEndpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, encodeEnvelope } from '../../machines/envelope.ts';
import { PATH_DOUBT_MS, PATH_SILENCE_MS, PROBE_BUDGET_MS } from '../../machines/timing.ts';
import type { LinkState } from '../../runtime/index.ts';
import type { Link } from '../../runtime/link.ts';
import { Renewals } from '../../runtime/sealed/renewals.ts';
import { ALICE, BOB, readNow, SERVER } from '../runtime/scene.ts';
import { endpoint, type Passage } from '../support/memory-network.ts';
import { ScriptedClient } from './scripted-client.ts';
import { larger, SealedScene } from './sealed-scene.ts';
import { join, MALLORY, requestFor, tell } from './service-scene.ts';

function linked() {
  const scene = new SealedScene();
  const { alice, bob } = scene.sealedPair();
  const link = alice.link('bob');
  scene.advance(5000);
  return { scene, alice, bob, link, theirs: bob.link('alice') };
}

/** Whether a datagram goes from one client to the other. */
function isDirect({ from, to }: Passage): boolean {
  return !sameEndpoint(from, endpoint(SERVER)) && !sameEndpoint(to, endpoint(SERVER));
}

describe('two whose path is in doubt', () => {
  test('ask at the same time, which harms nothing, and go on with the same link', async () => {
    const { scene, link, theirs } = linked();
    const introduced = scene.server.status().introductions;
    scene.network.withholds = isDirect;
    scene.advance(PATH_DOUBT_MS + 5000);
    assert.ok(scene.server.status().introductions >= introduced + 2, 'not both have asked');
    scene.network.withholds = () => false;
    scene.advance(2100);
    const deliveries = [link.send('there?'), theirs.send('there.')];
    scene.advance(500);
    await Promise.all(deliveries);
    assert.deepEqual([link.state, theirs.state], ['connected', 'connected']);
    const states = (await readNow(link.states)).map(({ state }) => state);
    assert.deepEqual(states, ['requesting', 'punching', 'connected', 'connected']);
  });

  test('ask for so little, even 64 links at once, that the server hears all of it and calls still find room', () => {
    const scene = new SealedScene();
    const names = Array.from({ length: 64 }, (_, index) => `peer ${index}`);
    for (const [index, name] of names.entries()) scene.sealed(name, `203.0.113.30:${7000 + index}`);
    const alice = scene.sealed('alice', ALICE);
    scene.advance(2000);
    const links = names.slice(0, 63).map((name) => {
      const link = alice.link(name);
      scene.advance(500);
      return link;
    });
    scene.advance(15_000);
    assert.deepEqual(new Set(links.map(({ state }) => state)), new Set(['connected']));
    // And nobody answers, so that all of them go on asking.
    scene.network.withholds = (passage) => isDirect(passage) || passage.to.address === '203.0.113.30';
    scene.advance(PATH_DOUBT_MS + 8000);
    const late = alice.link('peer 63');
    scene.network.withholds = () => false;
    scene.advance(1000);
    assert.equal(late.state, 'connected');
    assert.equal(scene.server.status().refused.tooMany, undefined);
  });

  test('are not led away by who makes up a word of the peer: it is opened, or dropped and counted', () => {
    const { scene, bob, link, theirs } = linked();
    let pair: Uint8Array | undefined;
    scene.network.overhears = (passage, bytes) => {
      const envelope = isDirect(passage) ? decodeEnvelope(bytes) : 'empty';
      if (typeof envelope !== 'string' && envelope.type === 'pair') pair = envelope.pair;
    };
    scene.advance(6000);
    assert(pair !== undefined);
    const mallory = new ScriptedClient('mallory', 5);
    const atMallory = join(scene, mallory, MALLORY);
    const forged = encodeEnvelope({ type: 'pair', pair, counter: 999, sealed: new Uint8Array(40) });
    const callee = { name: 'bob', keys: larger };
    tell(scene, atMallory, mallory, { ...requestFor(callee), offer: forged });
    scene.advance(2000);
    assert.equal(bob.status().ignored.forged, 1);
    assert.deepEqual(scene.between(BOB, MALLORY), []);
    assert.deepEqual([link.state, theirs.state], ['connected', 'connected']);
  });

  test('are told by their server only what each has sealed for the other, and each word once', () => {
    const { scene, alice, bob } = linked();
    scene.network.withholds = isDirect;
    scene.advance(PATH_DOUBT_MS + 2000);
    const ignored = { ...alice.status().ignored, ...bob.status().ignored };
    assert.equal(ignored.replayed, undefined);
    assert.equal(ignored.forged, undefined);
  });
});

test('whoever is asked under the keys of a link answers under the same keys', () => {
  const sealed = Uint8Array.of(1, 2, 3);
  const link = { openWhereabouts: () => [], sealWhereabouts: () => sealed, renewed: () => {} };
  const office = { observed: () => undefined, server: () => endpoint(SERVER) };
  const renewals = new Renewals(office as never, { paired: () => link } as never);
  const [pair, offered] = [new Uint8Array(8), new Uint8Array(20)];
  const answers: unknown[] = [];
  const isAnswered = renewals.offered(
    {
      ...{ type: 'holePunchInitiate', request: pair, name: 'bob', key: new Uint8Array(32) },
      remote: endpoint(BOB),
      offer: encodeEnvelope({ type: 'pair', pair, counter: 0, sealed: offered }),
    },
    ({ answer }) => answers.push(answer),
  );
  assert.deepEqual([isAnswered, answers], [true, [sealed]]);
});

describe('the user of a link is told why there was a pause', () => {
  const pauses = async (link: Link) =>
    (await readNow(link.states)).flatMap(({ state, remote, pause }: LinkState) =>
      pause === undefined ? [] : [{ state, remote: remote && formatEndpoint(remote), ...pause }],
    );

  test('of 30 s without an answer, and when the peer answers again, from where, and after how long', async () => {
    const { scene, link } = linked();
    scene.network.withholds = isDirect;
    scene.advance(PATH_SILENCE_MS + 2000);
    scene.network.withholds = () => false;
    scene.advance(3000);
    const [punching, connected, ...more] = await pauses(link);
    assert.deepEqual(more, []);
    const { unansweredMs: silentMs, ...why } = punching ?? {};
    assert.deepEqual(why, { state: 'punching', remote: BOB, because: 'noAnswer' });
    assert.equal(silentMs, PATH_SILENCE_MS);
    const { unansweredMs: pauseMs, ...back } = connected ?? {};
    assert.deepEqual(back, { state: 'connected', remote: BOB, because: 'noAnswer', hasPeerMoved: false });
    assert.ok(Number(pauseMs) > PATH_SILENCE_MS && Number(pauseMs) < PATH_SILENCE_MS + 10_000);
  });

  test('that this machine has another network, though the link comes back, or is lost', async () => {
    for (const isBack of [true, false]) {
      const { scene, alice, link } = linked();
      scene.network.withholds = isDirect;
      alice.networkChanged();
      scene.advance(isBack ? PATH_SILENCE_MS + 1000 : PATH_SILENCE_MS + PROBE_BUDGET_MS + 1000);
      scene.network.withholds = () => false;
      scene.advance(3000);
      const seen = await pauses(link);
      assert.deepEqual(
        seen.map(({ state, because }) => `${state}: ${because}`),
        ['punching: networkChanged', `${isBack ? 'connected' : 'lost'}: networkChanged`],
      );
      const error = isBack ? undefined : await link.ended;
      if (!isBack)
        assert.match(String(error?.message), /for 50 s\. This machine has come to another network/);
    }
  });
});
