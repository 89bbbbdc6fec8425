import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import type { ToPeer } from '../../machines/letter-peer.ts';
import type { ToClient, ToServer } from '../../machines/letter-server.ts';
import { encodeFrame } from '../../runtime/sealed/frames.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { ALICE, BOB, readNow } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { ScriptedServer, type ScriptedSession } from './scripted-server.ts';
import { larger, type SealedPeerOptions, SealedScene, smaller } from './sealed-scene.ts';

const CLOSE_MS = 45;

/** Alice, who is registered, with a server and with a Bob that a test speaks for. */
function open({ alice: keys = smaller, ...options }: SealedPeerOptions & { alice?: typeof smaller } = {}) {
  const scene = new SealedScene();
  const server = new ScriptedServer(scene, ALICE, createKeyPair(seededEntropy(55)));
  const alice = scene.sealed('alice', ALICE, { keys, ...options });
  scene.advance(CLOSE_MS);
  const session = server.register(scene);
  const bob = new ScriptedPeer(scene.stranger(BOB), keys === smaller ? larger : smaller, ALICE);
  scene.advance(CLOSE_MS);
  session.letters();
  return { scene, session, alice, bob, keys };
}

type Opened = ReturnType<typeof open>;

/** Bob's call as the server brings it. */
function call({ bob }: Opened, offer: Uint8Array, request = 1): ToClient {
  return {
    type: 'holePunchInitiate',
    request: new Uint8Array(8).fill(request),
    name: 'bob',
    key: bob.keys.publicKey,
    remote: endpoint(BOB),
    offer,
  };
}

/** What Alice writes to the server in answer to a letter, repeated requests and keepalives aside. */
function answers({ scene, session }: Opened, letter: ToClient): ToServer[] {
  session.letters();
  session.write(letter);
  scene.advance(CLOSE_MS);
  return session.letters().filter(({ type }) => type === 'holePunchAccept' || type === 'holePunchRefuse');
}

function acceptIn(letters: readonly ToServer[]) {
  const [accept] = letters;
  assert.ok(letters.length === 1 && accept?.type === 'holePunchAccept');
  return accept;
}

/** Alice asks for Bob, whose key she is told. Gives her request. */
function ask({ scene, session, alice, bob }: Opened) {
  const link = alice.link('bob', { key: bob.keys.publicKey });
  scene.advance(CLOSE_MS);
  return { link, request: requestIn(session) };
}

function requestIn(session: ScriptedSession) {
  const request = session.letters().findLast(({ type }) => type === 'holePunchRequest');
  assert.ok(request?.type === 'holePunchRequest');
  return request;
}

/** Bob says that he hears Alice, who is heard asking. */
function confirm({ scene, bob }: Opened): void {
  const probe = bob.heard().findLast(({ type }) => type === 'probe');
  assert.ok(probe?.type === 'probe');
  bob.say(bob.probe(probe.nonce, false));
  scene.advance(CLOSE_MS);
}

describe('who is called', () => {
  test('accepts, begins at the word of the server, and is connected when its own nonce comes back', async () => {
    const opened = open();
    const { scene, session, alice, bob } = opened;
    const accept = acceptIn(answers(opened, call(opened, bob.offer(smaller.publicKey))));
    assert.ok(bob.finish(accept.answer));
    const link = alice.link('bob');
    assert.equal(link.state, 'punching');
    scene.advance(150);
    session.write({ type: 'start', request: accept.request, startInMs: 200 });
    scene.advance(220);
    assert.deepEqual(bob.heard(), []);
    scene.advance(300);
    confirm(opened);
    assert.equal(link.state, 'connected');
    assert.deepEqual(
      (await readNow(alice.links)).map(({ peer }) => peer),
      ['bob'],
    );
  });

  test('begins all the same if that is lost', () => {
    const opened = open();
    const { scene, bob } = opened;
    assert.ok(bob.finish(acceptIn(answers(opened, call(opened, bob.offer(smaller.publicKey)))).answer));
    scene.advance(1000);
    assert.ok(bob.heard().length > 0);
  });

  test('answers the same call alike, whatever the server calls it', async () => {
    const opened = open();
    const { alice, bob } = opened;
    const offer = bob.offer(smaller.publicKey);
    const first = acceptIn(answers(opened, call(opened, offer)));
    const second = acceptIn(answers(opened, call(opened, offer)));
    const third = acceptIn(answers(opened, call(opened, offer, 2)));
    assert.deepEqual(second, first);
    assert.deepEqual(third.answer, first.answer);
    assert.deepEqual(third.request, new Uint8Array(8).fill(2));
    assert.equal((await readNow(alice.links)).length, 1);
  });

  test('refuses the same call once its link is over', () => {
    const opened = open();
    const { alice, bob } = opened;
    const offer = bob.offer(smaller.publicKey);
    acceptIn(answers(opened, call(opened, offer)));
    alice.link('bob').close();
    assert.deepEqual(
      answers(opened, call(opened, offer)).map(({ type }) => type),
      ['holePunchRefuse'],
    );
  });

  test('goes by the latest call while none has led to a path', async () => {
    const opened = open();
    const { scene, alice, bob } = opened;
    acceptIn(answers(opened, call(opened, bob.offer(smaller.publicKey))));
    const link = alice.link('bob');
    const accept = acceptIn(answers(opened, call(opened, bob.offer(smaller.publicKey), 2)));
    assert.ok(bob.finish(accept.answer));
    scene.advance(500);
    confirm(opened);
    assert.equal(link.state, 'connected');
    assert.equal((await readNow(alice.links)).length, 1);
  });

  test('drops an offer that is not of the key that the server names, or not for us, or nonsense', async () => {
    const opened = open();
    const { alice, bob } = opened;
    const mallory = createKeyPair(seededEntropy(9));
    const offer = bob.offer(smaller.publicKey);
    assert.deepEqual(answers(opened, { ...call(opened, offer), key: mallory.publicKey } as ToClient), []);
    assert.deepEqual(answers(opened, call(opened, bob.offer(mallory.publicKey))), []);
    assert.deepEqual(answers(opened, call(opened, new Uint8Array(200))), []);
    assert.equal(alice.status().ignored.forged, 3);
    assert.deepEqual(await readNow(alice.links), []);
  });

  test('refuses whom it does not accept, without a handshake', () => {
    const opened = open({ accepts: () => false });
    const letters = answers(opened, call(opened, new Uint8Array(200)));
    assert.deepEqual(
      letters.map(({ type }) => type),
      ['holePunchRefuse'],
    );
    assert.equal(opened.alice.status().ignored.unaccepted, 1);
  });

  test('refuses another key than the one its link has', () => {
    const opened = open();
    ask(opened);
    const mallory = new ScriptedPeer(opened.bob.puppet, createKeyPair(seededEntropy(9)), ALICE);
    const letter = {
      ...call(opened, mallory.offer(smaller.publicKey)),
      key: mallory.keys.publicKey,
    } as ToClient;
    assert.deepEqual(
      answers(opened, letter).map(({ type }) => type),
      ['holePunchRefuse'],
    );
    assert.equal(opened.alice.status().ignored.distrustedKey, 1);
  });

  test('probes neighbours at their private addresses, and strangers not', () => {
    const candidates = [
      endpoint('192.168.1.5:6000'),
      endpoint('127.0.0.1:6000'),
      endpoint('192.0.2.66:6000'),
    ];
    for (const { remote, expected } of [
      { remote: '198.51.100.10:6000', expected: ['192.168.1.5:6000', '198.51.100.10:6000'] },
      { remote: BOB, expected: [BOB] },
    ]) {
      const opened = open();
      const { scene, bob } = opened;
      const offer = bob.offer(smaller.publicKey, candidates);
      acceptIn(answers(opened, { ...call(opened, offer), remote: endpoint(remote) } as ToClient));
      const before = scene.network.log.length;
      scene.advance(2000);
      const aims = scene.network.log
        .slice(before)
        .filter(({ from }) => formatEndpoint(from) === ALICE)
        .map(({ to }) => formatEndpoint(to));
      assert.deepEqual([...new Set(aims)].sort(), expected);
    }
  });

  test('has room for so many links, and refuses more', async () => {
    const opened = open();
    const { alice, bob } = opened;
    for (let index = 0; index < 300; index += 1) {
      const letter = { ...call(opened, bob.offer(smaller.publicKey)), name: `bob ${index}` } as ToClient;
      opened.session.write(letter);
    }
    opened.scene.advance(CLOSE_MS);
    assert.equal((await readNow(alice.links)).length, 256);
    assert.equal(alice.status().ignored.tooManyLinks, 44);
  });
});

describe('who calls', () => {
  test('says the same until it is answered, and goes where it is told', () => {
    const opened = open();
    const { scene, session, bob } = opened;
    const { link, request } = ask(opened);
    scene.advance(300);
    assert.deepEqual(requestIn(session), request);
    session.write({
      type: 'holePunchAnswer',
      request: request.request,
      remote: endpoint(BOB),
      answer: bob.accept(request.offer),
      startInMs: 0,
    });
    scene.advance(200);
    confirm(opened);
    assert.equal(link.state, 'connected');
  });

  test('takes an answer once, from whom it has called', () => {
    const opened = open();
    const { scene, session, alice, bob } = opened;
    const { link, request } = ask(opened);
    const mallory = createKeyPair(seededEntropy(9));
    const answer = {
      type: 'holePunchAnswer',
      request: request.request,
      remote: endpoint(BOB),
      answer: bob.accept(request.offer),
      startInMs: 0,
    } as const;
    session.write({ ...answer, answer: new Uint8Array(60) });
    session.write({ ...answer, answer: mallory.publicKey });
    session.write({ ...answer, request: new Uint8Array(8) });
    scene.advance(CLOSE_MS);
    assert.equal(link.state, 'requesting');
    session.write(answer);
    session.write(answer);
    scene.advance(CLOSE_MS);
    assert.equal(link.state, 'punching');
    assert.equal(alice.status().ignored.forged, 2);
    assert.equal(alice.status().ignored.unasked, 2);
  });

  test('asks anew after a no, and takes a late yes', () => {
    const opened = open();
    const { scene, session, bob } = opened;
    const { link, request } = ask(opened);
    session.write({ type: 'holePunchResponseUnknown', request: request.request });
    scene.advance(CLOSE_MS);
    assert.equal(link.state, 'absent');
    scene.advance(2000);
    const second = requestIn(session);
    assert.notDeepEqual(second.request, request.request);
    session.write({ type: 'holePunchResponseUnknown', request: second.request });
    scene.advance(CLOSE_MS);
    session.write({
      type: 'holePunchAnswer',
      request: second.request,
      remote: endpoint(BOB),
      answer: bob.accept(second.offer),
      startInMs: 0,
    });
    scene.advance(200);
    confirm(opened);
    assert.equal(link.state, 'connected');
  });

  test('with the smaller key passes over the call that crosses its own, and with the larger one takes it', () => {
    for (const keys of [smaller, larger]) {
      const opened = open({ alice: keys });
      const { scene, alice, bob } = opened;
      const { link } = ask(opened);
      const letters = answers(opened, call(opened, bob.offer(keys.publicKey)));
      if (keys === smaller) {
        assert.deepEqual(letters, []);
        assert.equal(alice.status().ignored.crossed, 1);
        assert.equal(link.state, 'requesting');
      } else {
        assert.ok(bob.finish(acceptIn(letters).answer));
        scene.advance(500);
        confirm(opened);
        assert.equal(link.state, 'connected');
        assert.equal(alice.link('bob'), link);
      }
    }
  });

  test('takes a call that it has passed over once its own is over', () => {
    const opened = open();
    const { bob } = opened;
    const { link } = ask(opened);
    const offer = bob.offer(smaller.publicKey);
    assert.deepEqual(answers(opened, call(opened, offer)), []);
    link.close();
    acceptIn(answers(opened, call(opened, offer)));
  });

  test('asks at once if it was told no, and is called by whom it waits for', () => {
    const opened = open();
    const { scene, session, bob } = opened;
    const { request } = ask(opened);
    session.write({ type: 'holePunchResponseUnknown', request: request.request });
    scene.advance(CLOSE_MS);
    session.letters();
    session.write(call(opened, bob.offer(smaller.publicKey)));
    scene.advance(CLOSE_MS);
    assert.notDeepEqual(requestIn(session).request, request.request);
  });

  test('is not moved by an old call while it punches after its own', () => {
    const opened = open({ alice: larger });
    const { scene, session, bob } = opened;
    const { link, request } = ask(opened);
    const answer = bob.accept(request.offer);
    session.write({
      type: 'holePunchAnswer',
      request: request.request,
      remote: endpoint(BOB),
      answer,
      startInMs: 0,
    });
    scene.advance(CLOSE_MS);
    const old = new ScriptedPeer(bob.puppet, bob.keys, ALICE, 67);
    assert.deepEqual(answers(opened, call(opened, old.offer(larger.publicKey))), []);
    scene.advance(100);
    confirm(opened);
    assert.equal(link.state, 'connected');
  });
});

describe('what a peer says', () => {
  test('counts once, and only under the keys of the pair', async () => {
    const opened = connectedTo();
    const { scene, alice, bob, link } = opened;
    const mallory = scene.stranger('192.0.2.66:6666');
    const bytes = bob.say(data(encodeFrame({ type: 'datagram', bytes: Uint8Array.of(1) })));
    const elsewhere = bob.say(data(encodeFrame({ type: 'datagram', bytes: Uint8Array.of(2) })), mallory);
    mallory.send(ALICE, bytes);
    mallory.send(ALICE, elsewhere);
    mallory.send(
      ALICE,
      Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)),
    );
    scene.advance(CLOSE_MS);
    assert.deepEqual(await readNow(link.datagrams), [Uint8Array.of(1), Uint8Array.of(2)]);
    // A datagram that was altered has the counter of one that has come, which is noticed first.
    assert.equal(alice.status().ignored.replayed, 3);
    assert.equal(formatEndpoint(link.remote ?? endpoint('192.0.2.1:1')), BOB);
  });

  test('in frames that we do not know is dropped and counted', () => {
    const { scene, alice, bob, link } = connectedTo();
    bob.say(data(Uint8Array.of(3, 1, 2, 3)));
    bob.say(data(Uint8Array.of(1, 0, 0)));
    bob.say(data(Uint8Array.of(1, 0, 0, 0, 0, 0xff)));
    scene.advance(CLOSE_MS);
    const { malformed } = alice.status();
    assert.deepEqual(malformed, { unknownFrame: 1, truncated: 1, notUtf8: 1 });
    assert.equal(link.state, 'connected');
  });

  test('of our probes counts on the path that they went', () => {
    const { scene, bob, link } = connectedTo();
    const mallory = scene.stranger('192.0.2.66:6666');
    const probe = bob.heard().findLast(({ type }) => type === 'probe');
    assert.ok(probe?.type === 'probe');
    // Not what we have sent to there: it is asked for something of its own.
    bob.say(bob.probe(probe.nonce, true), mallory);
    scene.advance(CLOSE_MS);
    assert.equal(formatEndpoint(link.remote ?? endpoint('192.0.2.1:1')), BOB);
    const asked = bob.heard(mallory).findLast(({ type }) => type === 'probe');
    assert.ok(asked?.type === 'probe');
    bob.say(bob.probe(asked.nonce, false), mallory);
    scene.advance(CLOSE_MS);
    assert.equal(formatEndpoint(link.remote ?? endpoint('192.0.2.1:1')), '192.0.2.66:6666');
  });

  test('is a bye: the link ends, and what comes later is a stranger’s', () => {
    const { scene, alice, bob, link } = connectedTo();
    bob.say({ type: 'bye' });
    scene.advance(CLOSE_MS);
    assert.equal(link.state, 'left');
    bob.say({ type: 'bye' });
    scene.advance(CLOSE_MS);
    assert.equal(alice.status().ignored.stranger, 1);
  });
});

function data(bytes: Uint8Array): ToPeer {
  return { type: 'data', bytes };
}

function connectedTo() {
  const opened = open();
  const { scene, session, bob } = opened;
  const { link: asked, request } = ask(opened);
  const answer = bob.accept(request.offer);
  session.write({
    type: 'holePunchAnswer',
    request: request.request,
    remote: endpoint(BOB),
    answer,
    startInMs: 0,
  });
  scene.advance(200);
  confirm(opened);
  const link = asked as typeof asked & { readonly remote: ReturnType<typeof endpoint> | null };
  assert.equal(link.state, 'connected');
  return { ...opened, link };
}
