import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DECLINE_MS, INTRODUCTION_MS } from '../../machines/timing.ts';
import { type Puppet, SERVER } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { ScriptedClient } from './scripted-client.ts';
import {
  ALICE,
  ALICE_ELSEWHERE,
  BOB,
  join,
  MALLORY,
  openService,
  requestFor,
  tell,
} from './service-scene.ts';

describe('an introduction', () => {
  function pair() {
    const { scene } = openService();
    const alice = new ScriptedClient('alice', 1);
    const bob = new ScriptedClient('bob', 2);
    const atAlice = join(scene, alice, ALICE);
    const atBob = join(scene, bob, BOB);
    return { scene, alice, bob, atAlice, atBob };
  }

  it('carries an offer there, an answer back, and lets both begin', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    tell(scene, atAlice, alice, requestFor(bob));
    const [initiate] = bob.letters(atBob);
    assert(initiate?.type === 'holePunchInitiate');
    assert.deepEqual(initiate, {
      type: 'holePunchInitiate',
      request: initiate.request,
      name: 'alice',
      key: alice.keys.publicKey,
      remote: endpoint(ALICE),
      offer: Uint8Array.of(7),
    });
    const { request } = initiate;
    const letters = tell(scene, atBob, bob, { type: 'holePunchAccept', request, answer: Uint8Array.of(9) });
    assert.deepEqual(letters, [{ type: 'start', request, startInMs: 0 }]);
    const [answer] = alice.letters(atAlice);
    assert(answer?.type === 'holePunchAnswer');
    assert.deepEqual(answer.remote, endpoint(BOB));
    assert.deepEqual(answer.answer, Uint8Array.of(9));
    tell(scene, atAlice, alice, requestFor(bob));
    assert.deepEqual(alice.letters(atAlice), []);
  });

  it('says alike, and after the same time, that nobody is there and that nobody wants to be called', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    const said = (letters: readonly { type: string }[]) => letters.map(({ type }) => type);
    tell(scene, atAlice, alice, requestFor(bob));
    const [initiate] = bob.letters(atBob);
    assert(initiate?.type === 'holePunchInitiate');
    tell(scene, atBob, bob, { type: 'holePunchRefuse', request: initiate.request });
    scene.advance(DECLINE_MS - 200 + 15);
    assert.deepEqual(alice.letters(atAlice), []);
    scene.advance(10);
    assert.deepEqual(said(alice.letters(atAlice)), ['holePunchResponseUnknown']);

    assert.deepEqual(tell(scene, atAlice, alice, requestFor(new ScriptedClient('carol', 3), 2)), []);
    scene.advance(DECLINE_MS - 100 + 15);
    assert.deepEqual(alice.letters(atAlice), []);
    scene.advance(10);
    assert.deepEqual(said(alice.letters(atAlice)), ['holePunchResponseUnknown']);
  });

  it('goes to nobody under another key than the one that was asked for', () => {
    const { scene, alice, atAlice, atBob, bob } = pair();
    tell(scene, atAlice, alice, requestFor(new ScriptedClient('bob', 4)));
    assert.deepEqual(bob.letters(atBob), []);
  });

  it('takes no answer from those who were not asked', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    const request = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9);
    assert.deepEqual(
      tell(scene, atBob, bob, { type: 'holePunchAccept', request, answer: new Uint8Array() }),
      [],
    );
    assert.deepEqual(alice.letters(atAlice), []);
    assert.equal(scene.server.status().refused.notAsked, 1);
  });

  it('takes no answer from whom it was not for', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    const mallory = new ScriptedClient('mallory', 5);
    const atMallory = join(scene, mallory, MALLORY);
    tell(scene, atAlice, alice, requestFor(bob));
    const [initiate] = bob.letters(atBob);
    assert(initiate?.type === 'holePunchInitiate');
    const { request } = initiate;
    tell(scene, atMallory, mallory, { type: 'holePunchAccept', request, answer: Uint8Array.of(9) });
    assert.deepEqual(alice.letters(atAlice), []);
    assert.equal(scene.server.status().refused.notAsked, 1);
  });

  it('is answered alike however often it is asked for, by the first answer', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    tell(scene, atAlice, alice, requestFor(bob));
    const [initiate] = bob.letters(atBob);
    assert(initiate?.type === 'holePunchInitiate');
    const { request } = initiate;
    for (const answer of [Uint8Array.of(9), Uint8Array.of(8)])
      tell(scene, atBob, bob, { type: 'holePunchAccept', request, answer });
    const [first] = alice.letters(atAlice);
    assert(first?.type === 'holePunchAnswer');
    assert.deepEqual(first.answer, Uint8Array.of(9));
    assert.deepEqual(tell(scene, atAlice, alice, requestFor(bob)), [first]);
  });

  it('is made for who asks, or answers, from where its session is: who is elsewhere is challenged first', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    const elsewhere = scene.stranger(ALICE_ELSEWHERE);
    const [challenge] = tell(scene, elsewhere, alice, requestFor(bob));
    assert(challenge?.type === 'pathChallenge');
    assert.deepEqual([bob.letters(atBob), alice.letters(atAlice)], [[], []]);
    assert.equal(scene.server.status().refused.elsewhere, 1);
    tell(scene, elsewhere, alice, { type: 'pathResponse', token: challenge.token });
    tell(scene, elsewhere, alice, requestFor(bob));
    const [initiate] = bob.letters(atBob);
    assert(initiate?.type === 'holePunchInitiate');
    assert.deepEqual(initiate.remote, endpoint(ALICE_ELSEWHERE));
  });

  it('ends with either session, without a look at those of others', (context) => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    const others = range(0, 30).map((number) => new ScriptedClient(`other ${number}`, 100 + number));
    const sockets = others.map((other, number) => join(scene, other, `192.0.2.77:${7000 + number}`));
    for (const [number, other] of others.entries())
      sockets[number]?.send(SERVER, other.seal(requestFor(bob, number)));
    tell(scene, atAlice, alice, requestFor(others[0] as ScriptedClient));
    bob.letters(atBob);
    const walked: number[] = [];
    const values = Map.prototype.values;
    context.mock.method(Map.prototype, 'values', function (this: Map<unknown, unknown>) {
      walked.push(this.size);
      return values.call(this);
    });
    tell(scene, atAlice, alice, { type: 'bye' });
    assert.ok(
      walked.every((size) => size < others.length),
      `a table of ${Math.max(...walked)} was walked`,
    );
    context.mock.restoreAll();
    // To whom is called, an introduction is over if its caller's session is.
    const [initiate] = others[0]?.letters(sockets[0] as Puppet) ?? [];
    assert(initiate?.type === 'holePunchInitiate');
    const { request } = initiate;
    const accept = { type: 'holePunchAccept', request, answer: Uint8Array.of(9) } as const;
    tell(scene, sockets[0] as Puppet, others[0] as ScriptedClient, accept);
    assert.equal(scene.server.status().refused.notAsked, 1);
    // And to its caller, if that of whom is called is: to ask again is another request, and its refusal takes its time.
    scene.advance(DECLINE_MS);
    tell(scene, atBob, bob, { type: 'bye' });
    others[1]?.letters(sockets[1] as Puppet);
    const again = tell(scene, sockets[1] as Puppet, others[1] as ScriptedClient, requestFor(bob, 1));
    assert.deepEqual(again, [], 'the introduction to who has left is remembered');
  });

  it('is heeded fifty times at once from one client, and five times a second', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    for (let number = 0; number < 60; number += 1) atAlice.send(SERVER, alice.seal(requestFor(bob, number)));
    scene.advance(100);
    assert.equal(bob.letters(atBob).length, 50);
    assert.equal(scene.server.status().refused.tooMany, 10);
  });

  it('is one of at most 64 of one caller that are remembered', () => {
    const { scene, alice, bob, atAlice, atBob } = pair();
    for (const numbers of [range(0, 40), range(40, 80)]) {
      for (const number of numbers) atAlice.send(SERVER, alice.seal(requestFor(bob, number)));
      scene.advance(INTRODUCTION_MS - DECLINE_MS);
    }
    assert.equal(bob.letters(atBob).length, 64);
    tell(scene, atAlice, alice, requestFor(bob, 99));
    assert.equal(bob.letters(atBob).length, 1);
  });
});

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
