import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  createKeyPair,
  fingerprintOf,
  formatKey,
  isUsableKey,
  keyPairFrom,
  parseKey,
  sameKey,
} from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { flipped, fromHex, lowOrderKeys, toHex } from './bytes.ts';

const SEED = 20_260_102;

describe('a key pair', () => {
  test('is that of RFC 7748, section 6.1', () => {
    assert.equal(toHex(keyPairFrom(fromHex(ALICE)).publicKey), ALICE_PUBLIC);
  });

  test('is the same for the same secret key, and is not changed by a later change of that', () => {
    const secret = seededEntropy(1)(32);
    const pair = keyPairFrom(secret);
    secret.fill(0);
    assert.deepEqual(keyPairFrom(pair.secretKey), pair);
    assert.deepEqual(createKeyPair(seededEntropy(1)), pair);
  });

  test('is refused for a secret key of another length, without telling the key', () => {
    assert.throws(
      () => keyPairFrom(new Uint8Array(31).fill(0xab)),
      (error: Error) => error instanceof RangeError && !/ab|171/.test(error.message),
    );
  });
});

describe('the text of a key', () => {
  test('is 43 characters, and gives the key again', () => {
    check(keys(), (key) => {
      assert.match(formatKey(key), /^[\w-]{43}$/);
      assert.deepEqual(parseKey(formatKey(key)), key);
    });
  });

  test('is the only one that gives the key', () => {
    const other = fc.tuple(keys(), fc.nat(42), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
    check(other, ([key, place, character]) => {
      const text = formatKey(key);
      const changed = text.slice(0, place) + character + text.slice(place + 1);
      const parsed = parseKey(changed);
      if (parsed !== undefined) assert.equal(formatKey(parsed), changed);
    });
  });

  for (const [what, text] of Object.entries({
    'no text': '',
    'a text too short': 'A'.repeat(42),
    'a text too long': 'A'.repeat(44),
    padding: `${'A'.repeat(43)}=`,
    'a blank in it': `${'A'.repeat(20)} ${'A'.repeat(22)}`,
    'a line after it': `${'A'.repeat(42)}\n`,
    'the other base64 alphabet': `+/${'A'.repeat(41)}`,
    'bits beyond the key': `${'A'.repeat(42)}B`,
  })) {
    test(`is not ${what}`, () => assert.equal(parseKey(text), undefined));
  }
});

describe('a fingerprint', () => {
  test('is eight groups of four characters that nobody mistakes', () => {
    check(keys(), (key) =>
      assert.match(fingerprintOf(key), /^([0-9a-hjkmnp-tv-z]{4}-){7}[0-9a-hjkmnp-tv-z]{4}$/),
    );
  });

  test('is the same at any time', () => {
    assert.equal(fingerprintOf(fromHex(ALICE_PUBLIC)), 'wd6f-1e2d-rk3p-k41w-6rx6-fxtt-r7e4-wa0c');
  });

  test('is another for any other key', () => {
    const key = seededEntropy(2)(32);
    const fingerprints = [key, ...flipped(key)].map(fingerprintOf);
    assert.equal(new Set(fingerprints).size, 257);
  });
});

test('keys are the same if all their bytes are', () => {
  const key = seededEntropy(3)(32);
  assert.ok(sameKey(key, Uint8Array.from(key)));
  for (const other of flipped(key)) assert.ok(!sameKey(key, other));
  assert.ok(!sameKey(key, key.subarray(1)));
});

describe('a key is usable', () => {
  test('if it is the public key of any secret one', () => {
    check(keys(), (secret) => assert.ok(isUsableKey(keyPairFrom(secret).publicKey)));
  });

  test('and not if its shared secrets are known to all', () => {
    for (const key of lowOrderKeys) assert.ok(!isUsableKey(key), toHex(key));
  });

  test('and not if it has another length', () => {
    for (const length of [0, 31, 33]) assert.ok(!isUsableKey(new Uint8Array(length).fill(9)));
  });
});

const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
const ALICE_PUBLIC = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';

function check<Value>(values: fc.Arbitrary<Value>, predicate: (value: Value) => void): void {
  fc.assert(fc.property(values, predicate), { seed: SEED, numRuns: 500 });
}

function keys(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: 32, maxLength: 32 });
}
