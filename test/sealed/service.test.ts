import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeEnvelope } from '../../machines/envelope.ts';
import { PROOF_PATIENCE_MS, SESSION_TTL_MS } from '../../machines/timing.ts';
import type { Grant } from '../../runtime/identity/leases/leases.ts';
import { SERVER } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { received, ScriptedClient } from './scripted-client.ts';
import {
  ALICE,
  ALICE_ELSEWHERE,
  ask,
  BOB,
  challengeOf,
  join,
  MALLORY,
  openService,
  tell,
} from './service-scene.ts';

describe('a server of protocol 2', () => {
  it('answers a knock with where it comes from, and keeps nothing', () => {
    const { scene, keys } = openService();
    const client = new ScriptedClient('alice', 1);
    const challenge = challengeOf(scene, scene.stranger(ALICE), client);
    assert.deepEqual(challenge.observed, endpoint(ALICE));
    assert.deepEqual(challenge.serverKey, keys.publicKey);
    assert.equal(scene.server.status().clients, 0);
  });

  it('acknowledges a Register with a good cookie, the same one alike', () => {
    const { scene } = openService();
    const client = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    const { bytes, admitted } = client.register(challengeOf(scene, puppet, client));
    const [first] = ask(scene, puppet, bytes);
    const [second] = ask(scene, puppet, bytes);
    assert.deepEqual(first, second);
    assert.deepEqual(admitted(first), {
      type: 'admitted',
      session: client.session,
      observed: endpoint(ALICE),
    });
    assert.equal(scene.server.status().clients, 1);
  });

  it('answers a Register from another address than its cookie’s with a challenge, before any key is used', () => {
    const { scene } = openService();
    const client = new ScriptedClient('alice', 1);
    const { bytes } = client.register(challengeOf(scene, scene.stranger(ALICE), client));
    const [answer] = ask(scene, scene.stranger(MALLORY), bytes);
    assert.equal(answer?.type, 'challenge');
    assert.deepEqual(scene.server.status().refused, { badCookie: 1 });
    assert.equal(scene.server.status().clients, 0);
  });

  it('forgets a session that is not used', () => {
    const { scene } = openService();
    const client = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    ask(scene, puppet, client.register(challengeOf(scene, puppet, client)).bytes);
    scene.advance(PROOF_PATIENCE_MS);
    assert.equal(scene.server.status().clients, 0);
  });

  it('does not let a replayed Register displace a session', () => {
    const { scene } = openService();
    const client = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    const { bytes, admitted } = client.register(challengeOf(scene, puppet, client));
    admitted(ask(scene, puppet, bytes)[0]);
    tell(scene, puppet, client, { type: 'keepalive' });
    assert.deepEqual(ask(scene, puppet, bytes), []);
    scene.advance(PROOF_PATIENCE_MS);
    assert.deepEqual(tell(scene, puppet, client, { type: 'keepalive' }), [
      { type: 'keepaliveAck', observed: endpoint(ALICE) },
    ]);
  });

  it('does not let what was held back on its way displace a later session', () => {
    const { scene } = openService();
    const first = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    const { bytes, admitted } = first.register(challengeOf(scene, puppet, first));
    admitted(ask(scene, puppet, bytes)[0]);
    const heldBack = first.seal({ type: 'keepalive' });
    const again = new ScriptedClient('alice', 2, first.keys);
    const elsewhere = join(scene, again, ALICE_ELSEWHERE);
    assert.deepEqual(ask(scene, puppet, heldBack), []);
    assert.deepEqual(tell(scene, elsewhere, again, { type: 'keepalive' }), [
      { type: 'keepaliveAck', observed: endpoint(ALICE_ELSEWHERE) },
    ]);
    assert.equal(scene.server.status().clients, 1);
  });

  it('tells who has no session that it has none, in fewer bytes than it got', () => {
    const { scene } = openService();
    const session = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const puppet = scene.stranger(MALLORY);
    const bytes = encodeEnvelope({ type: 'sealed', session, counter: 0, sealed: new Uint8Array(17) });
    assert.deepEqual(ask(scene, puppet, bytes), [{ type: 'stale', session }]);
  });

  it('heeds nothing twice', () => {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    const puppet = join(scene, alice, ALICE);
    const keepalive = alice.seal({ type: 'keepalive' });
    puppet.send(SERVER, keepalive);
    puppet.send(SERVER, keepalive);
    scene.advance(100);
    assert.equal(alice.letters(puppet).length, 1);
    assert.equal(scene.server.status().refused.replayed, 1);
  });

  it('leases a name to the first key, and to no other, even when its holder is gone', () => {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    const puppet = join(scene, alice, ALICE);
    tell(scene, puppet, alice, { type: 'bye' });
    assert.equal(scene.server.status().clients, 0);
    const mallory = new ScriptedClient('alice', 2);
    const other = scene.stranger(MALLORY);
    const { bytes, admitted } = mallory.register(challengeOf(scene, other, mallory));
    assert.deepEqual(admitted(ask(scene, other, bytes)[0]), { type: 'refused', reason: 'nameTaken' });
  });

  it('follows a client to another address once it has answered from there, and not before', () => {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    join(scene, alice, ALICE);
    const elsewhere = scene.stranger(ALICE_ELSEWHERE);
    const [challenge] = tell(scene, elsewhere, alice, { type: 'keepalive' });
    assert(challenge?.type === 'pathChallenge');
    assert.deepEqual(tell(scene, elsewhere, alice, { type: 'keepalive' }).length, 1);
    const { token } = challenge;
    assert.deepEqual(tell(scene, elsewhere, alice, { type: 'pathResponse', token }), [
      { type: 'keepaliveAck', observed: endpoint(ALICE_ELSEWHERE) },
    ]);
    assert.deepEqual(tell(scene, elsewhere, alice, { type: 'keepalive' }), [
      { type: 'keepaliveAck', observed: endpoint(ALICE_ELSEWHERE) },
    ]);
  });

  it('does not move a session by a token that was sent to another address', () => {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    join(scene, alice, ALICE);
    const [challenge] = tell(scene, scene.stranger(ALICE_ELSEWHERE), alice, { type: 'keepalive' });
    assert(challenge?.type === 'pathChallenge');
    const victim = scene.stranger(MALLORY);
    const letters = tell(scene, victim, alice, { type: 'pathResponse', token: challenge.token });
    assert.deepEqual(letters, []);
    assert.equal(scene.server.status().refused.badToken, 1);
  });

  it('forgets a client that is silent', () => {
    const { scene } = openService();
    join(scene, new ScriptedClient('alice', 1), ALICE);
    scene.advance(SESSION_TTL_MS);
    assert.equal(scene.server.status().clients, 0);
  });

  it('knows the key of a name whether or not its holder is there', () => {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    const bob = new ScriptedClient('bob', 2);
    const puppet = join(scene, alice, ALICE);
    tell(scene, join(scene, bob, BOB), bob, { type: 'bye' });
    const request = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
    assert.deepEqual(tell(scene, puppet, alice, { type: 'lookup', request, name: 'bob' }), [
      { type: 'found', request, key: bob.keys.publicKey },
    ]);
    assert.deepEqual(tell(scene, puppet, alice, { type: 'lookup', request, name: 'carol' }), [
      { type: 'holePunchResponseUnknown', request },
    ]);
  });

  it('acknowledges a new name once its lease is written, however often it is asked meanwhile', async () => {
    let written = (_grant: Grant) => {};
    const grant = () => new Promise<Grant>((resolve) => (written = resolve));
    const { scene } = openService({ leases: { holderOf: () => undefined, grant, renew: () => {} } });
    const alice = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    const { bytes, admitted } = alice.register(challengeOf(scene, puppet, alice));
    assert.deepEqual([...ask(scene, puppet, bytes), ...ask(scene, puppet, bytes)], []);
    written('granted');
    await new Promise(setImmediate);
    scene.advance(100);
    const answers = received(puppet);
    assert.equal(answers.length, 1);
    assert.equal(admitted(answers[0])?.type, 'admitted');
  });

  it('forgets the former session of a client once it has used another', () => {
    const { scene } = openService();
    const former = new ScriptedClient('alice', 1);
    const there = join(scene, former, ALICE);
    join(scene, new ScriptedClient('alice', 2, former.keys), ALICE_ELSEWHERE);
    assert.equal(scene.server.status().clients, 1);
    const answers = ask(scene, there, former.seal({ type: 'keepalive' }));
    assert.deepEqual(answers, [{ type: 'stale', session: former.session }]);
  });
});

describe('protocol 1 beside protocol 2', () => {
  it('is not spoken unless it is allowed', () => {
    const { scene } = openService();
    const puppet = scene.stranger(ALICE);
    puppet.say(SERVER, { type: 'register', name: 'alice' });
    scene.advance(100);
    assert.deepEqual(puppet.messages(), []);
    assert.deepEqual(scene.server.status().refused, { protocol1: 1 });
  });

  it('cannot have a name that belongs to a key', () => {
    const { scene } = openService({ allowProtocol1: true });
    join(scene, new ScriptedClient('alice', 1), ALICE);
    const puppet = scene.stranger(BOB);
    puppet.say(SERVER, { type: 'register', name: 'alice' });
    puppet.say(SERVER, { type: 'register', name: 'bob' });
    scene.advance(100);
    assert.deepEqual(
      puppet.messages().map(({ type }) => type),
      ['holePunchResponseUnknown', 'registerAck'],
    );
  });

  it('keeps a name from keys only while its client is alive', () => {
    const { scene } = openService({ allowProtocol1: true });
    scene.stranger(BOB).say(SERVER, { type: 'register', name: 'alice' });
    scene.advance(100);
    const alice = new ScriptedClient('alice', 1);
    const puppet = scene.stranger(ALICE);
    const { bytes, admitted } = alice.register(challengeOf(scene, puppet, alice));
    assert.deepEqual(admitted(ask(scene, puppet, bytes)[0]), { type: 'refused', reason: 'nameInUse' });
    scene.advance(SESSION_TTL_MS);
    join(scene, new ScriptedClient('alice', 1), ALICE_ELSEWHERE);
  });
});
