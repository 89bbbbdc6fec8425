import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import {
  INITIATION_OVERHEAD,
  type Initiation,
  initiate,
  RESPONSE_OVERHEAD,
  respond,
} from '../../runtime/secrecy/noise.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { defined, flipped, lowOrderKeys, NOTHING, toHex, utf8 } from './bytes.ts';
import { weakInitiation } from './weak-initiation.ts';

const SEED = 20_260_102;

const keyEntropy = seededEntropy(SEED);
const alice = createKeyPair(keyEntropy);
const bob = createKeyPair(keyEntropy);
const carol = createKeyPair(keyEntropy);
const prologue = utf8('punch 2');
const hello = utf8('hello');
const welcome = utf8('welcome');

describe('a handshake', () => {
  test('carries any payloads, proves both keys and ends in the same channel', () => {
    const any = fc.tuple(
      fc.integer(),
      fc.uint8Array({ maxLength: 1200 }),
      fc.uint8Array({ maxLength: 1200 }),
    );
    check(any, ([seed, first, second]) => {
      const entropy = seededEntropy(seed);
      const initiation = initiate(entropy, alice, bob.publicKey, prologue, first);
      assert.equal(initiation.message.length, first.length + INITIATION_OVERHEAD);
      const response = defined(respond(entropy, bob, prologue, initiation.message));
      assert.deepEqual(response.payload, first);
      assert.deepEqual(response.remoteKey, alice.publicKey);
      const { message, channel } = response.accept(second);
      assert.equal(message.length, second.length + RESPONSE_OVERHEAD);
      const finished = defined(initiation.finish(message));
      assert.deepEqual(finished.payload, second);
      assert.deepEqual(finished.channel.sendKey, channel.receiveKey);
      assert.deepEqual(finished.channel.receiveKey, channel.sendKey);
      assert.deepEqual(finished.channel.hash, channel.hash);
    });
  });

  test('has channel keys of 32 bytes, which differ, and a hash of 64', () => {
    const { channel } = complete(1);
    assert.equal(channel.sendKey.length, 32);
    assert.equal(channel.receiveKey.length, 32);
    assert.notDeepEqual(channel.sendKey, channel.receiveKey);
    assert.equal(channel.hash.length, 64);
  });

  test('is repeated exactly by the same entropy, and by no other', () => {
    assert.deepEqual(complete(1), complete(1));
    const texts = [complete(1), complete(2)].flatMap(({ message, channel: { sendKey, receiveKey, hash } }) =>
      [message, sendKey, receiveKey, hash].map(toHex),
    );
    assert.equal(new Set(texts).size, texts.length);
  });

  test('leaves the bytes as they were that it is given', () => {
    const entropy = seededEntropy(1);
    const { message, finish } = initiate(entropy, alice, bob.publicKey, prologue, hello);
    const sent = Uint8Array.from(message);
    const { message: reply } = defined(respond(entropy, bob, prologue, sent)).accept(welcome);
    const replied = Uint8Array.from(reply);
    finish(replied);
    assert.deepEqual(sent, message);
    assert.deepEqual(replied, reply);
    assert.deepEqual(createKeyPair(seededEntropy(SEED)), alice);
  });
});

describe('a first message', () => {
  const { message } = initiate(seededEntropy(1), alice, bob.publicKey, prologue, hello);
  const read = (bytes: Uint8Array) => respond(seededEntropy(2), bob, prologue, bytes);

  test('is refused with any bit changed', () => {
    for (const changed of flipped(message)) assert.equal(read(changed), undefined);
  });

  test('is refused at any shorter length', () => {
    for (let length = 0; length < message.length; length += 1)
      assert.equal(read(message.subarray(0, length)), undefined);
  });

  test('is refused if it is longer', () => {
    assert.equal(read(Uint8Array.of(...message, 0)), undefined);
    assert.equal(read(Uint8Array.of(...message, ...new Uint8Array(70_000))), undefined);
  });

  test('is refused with another prologue, or by another responder', () => {
    assert.equal(respond(seededEntropy(2), bob, utf8('punch 3'), message), undefined);
    assert.equal(respond(seededEntropy(2), carol, prologue, message), undefined);
  });

  for (const as of ['ephemeral', 'static'] as const) {
    test(`is refused from an attacker with a key of low order as its ${as} one`, () => {
      for (const key of lowOrderKeys) {
        const sent = weakInitiation(seededEntropy(1), { as, key }, bob.publicKey, prologue);
        assert.equal(read(sent), undefined, toHex(key));
      }
    });
  }

  test('is accepted once: a handshake makes one pair of keys', () => {
    const response = defined(read(message));
    response.accept(welcome);
    assert.throws(() => response.accept(welcome), /accepted/);
  });
});

describe('a reply', () => {
  const start = () => {
    const initiation = initiate(seededEntropy(1), alice, bob.publicKey, prologue, hello);
    const response = defined(respond(seededEntropy(2), bob, prologue, initiation.message));
    return { initiation, reply: response.accept(welcome).message };
  };

  test('is refused with any bit changed, and taken as it was made after that', () => {
    const { initiation, reply } = start();
    for (const forged of flipped(reply)) assert.equal(initiation.finish(forged), undefined);
    finishes(initiation, reply);
  });

  test('is refused at any other length, and taken as it was made after that', () => {
    const { initiation, reply } = start();
    for (let length = 0; length < reply.length; length += 1)
      assert.equal(initiation.finish(reply.subarray(0, length)), undefined);
    assert.equal(initiation.finish(Uint8Array.of(...reply, 0)), undefined);
    finishes(initiation, reply);
  });

  test('is taken though what the first message was made of has changed since', () => {
    const [remote, context, greeting] = [bob.publicKey, prologue, hello].map((bytes) =>
      Uint8Array.from(bytes),
    );
    const initiation = initiate(
      seededEntropy(1),
      alice,
      defined(remote),
      defined(context),
      defined(greeting),
    );
    for (const bytes of [remote, context, greeting]) bytes?.fill(0);
    assert.equal(initiation.finish(new Uint8Array(RESPONSE_OVERHEAD)), undefined);
    finishes(initiation, start().reply);
  });

  test('is refused with an ephemeral key of low order', () => {
    const { initiation, reply } = start();
    for (const key of lowOrderKeys)
      assert.equal(initiation.finish(Uint8Array.of(...key, ...reply.subarray(32))), undefined);
    finishes(initiation, reply);
  });

  test('is refused if it answers another first message', () => {
    const { initiation, reply } = start();
    const other = initiate(seededEntropy(3), alice, bob.publicKey, prologue, hello);
    const { message } = defined(respond(seededEntropy(2), bob, prologue, other.message)).accept(welcome);
    assert.equal(initiation.finish(message), undefined);
    finishes(initiation, reply);
  });

  test('gives its keys once', () => {
    const { initiation, reply } = start();
    finishes(initiation, reply);
    assert.equal(initiation.finish(reply), undefined);
  });

  test('is refused after that even if it answers the first message of a wiped ephemeral key', () => {
    const { initiation, reply } = start();
    finishes(initiation, reply);
    const wiped = initiate((length) => new Uint8Array(length), alice, bob.publicKey, prologue, hello);
    const { message } = defined(respond(seededEntropy(2), bob, prologue, wiped.message)).accept(welcome);
    assert.equal(initiation.finish(message), undefined);
  });

  test('ends with the secret ephemeral key wiped', () => {
    const ephemeral = seededEntropy(1)(32);
    const initiation = initiate(() => ephemeral, alice, bob.publicKey, prologue, hello);
    finishes(initiation, start().reply);
    assert.deepEqual(ephemeral, new Uint8Array(32));
  });

  test('may be any of several that the responder made for the same first message', () => {
    const initiation = initiate(seededEntropy(1), alice, bob.publicKey, prologue, hello);
    const accepted = [2, 3].map((seed) =>
      defined(respond(seededEntropy(seed), bob, prologue, initiation.message)).accept(welcome),
    );
    const finished = defined(initiation.finish(defined(accepted[1]).message));
    assert.deepEqual(finished.channel.hash, accepted[1]?.channel.hash);
  });

  function finishes(initiation: Initiation, reply: Uint8Array): void {
    assert.deepEqual(defined(initiation.finish(reply)).payload, welcome);
  }
});

test('a handshake with a key that nobody can hold looks like any other, and is never finished', () => {
  for (const remote of [...lowOrderKeys, new Uint8Array(31).fill(9), NOTHING]) {
    const initiation = initiate(seededEntropy(1), alice, remote, prologue, hello);
    assert.equal(initiation.message.length, hello.length + INITIATION_OVERHEAD);
    assert.equal(respond(seededEntropy(2), bob, prologue, initiation.message), undefined);
    assert.equal(initiation.finish(complete(2).message), undefined);
  }
});

function complete(seed: number) {
  const entropy = seededEntropy(seed);
  const { message } = initiate(entropy, alice, bob.publicKey, prologue, hello);
  return defined(respond(entropy, bob, prologue, message)).accept(welcome);
}

function check<Value>(values: fc.Arbitrary<Value>, predicate: (value: Value) => void): void {
  fc.assert(fc.property(values, predicate), { seed: SEED, numRuns: 200 });
}
