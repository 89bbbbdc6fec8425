import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { WINDOW } from '../../runtime/secrecy/replay-window.ts';
import { createOpener, createSealer, type Opener, SEAL_OVERHEAD } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { sodium } from '../../runtime/secrecy/sodium.ts';
import { flipped, fromHex, NOTHING, toHex, utf8 } from './bytes.ts';

const SEED = 20_260_102;
const HIGHEST = Number.MAX_SAFE_INTEGER;

const key = seededEntropy(SEED)(32);
const header = utf8('header');
const content = utf8('content');

describe('a sealed datagram', () => {
  test('opens as it was sealed, whatever is in it', () => {
    const any = fc.tuple(fc.uint8Array({ maxLength: 1400 }), fc.uint8Array({ maxLength: 40 }));
    const sealer = createSealer(key);
    const opener = createOpener(key);
    check(any, ([plain, associated]) => {
      const counter = sealer.next();
      const sealed = sealer.seal(counter, associated, plain);
      assert.equal(sealed.length, plain.length + SEAL_OVERHEAD);
      assert.deepEqual(opener.open(counter, associated, sealed), plain);
    });
  });

  test('is that of RFC 8439 under a nonce of zero and the counter, little-endian', () => {
    for (const counter of [0, 1, 258, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 7, HIGHEST])
      assert.deepEqual(createOpener(key).open(counter, header, sealedAt(counter)), content, `${counter}`);
  });

  test('is forged with any bit changed, in what is sealed or in what goes with it', () => {
    const opener = createOpener(key);
    for (const changed of flipped(sealedAt(7))) assert.equal(opener.open(7, header, changed), 'forged');
    for (const changed of flipped(header)) assert.equal(opener.open(7, changed, sealedAt(7)), 'forged');
    assert.deepEqual(opener.open(7, header, sealedAt(7)), content);
  });

  test('is forged at any other length', () => {
    const sealed = sealedAt(7);
    const opener = createOpener(key);
    for (let length = 0; length < sealed.length; length += 1)
      assert.equal(opener.open(7, header, sealed.subarray(0, length)), 'forged');
    assert.equal(opener.open(7, header, Uint8Array.of(...sealed, 0)), 'forged');
  });

  test('is forged under any other counter, and what is no counter', () => {
    const opener = createOpener(key);
    for (const counter of [
      0,
      6,
      8,
      7 + 2 ** 32,
      HIGHEST,
      HIGHEST + 1,
      2 ** 64,
      -1,
      7.5,
      Number.NaN,
      Infinity,
    ])
      assert.equal(opener.open(counter, header, sealedAt(7)), 'forged', `${counter}`);
  });

  test('is forged under any other key', () => {
    for (const other of flipped(key))
      assert.equal(createOpener(other).open(7, header, sealedAt(7)), 'forged');
  });

  test('is opened under the key as it was when it was given', () => {
    const given = Uint8Array.from(key);
    const opener = createOpener(given);
    const sealer = createSealer(given);
    given.fill(0);
    assert.deepEqual(opener.open(sealer.next(), header, sealer.seal(0, header, content)), content);
    assert.equal(toHex(sealer.seal(sealer.next(), header, content)), toHex(sealedAt(1)));
  });
});

describe('a sealer', () => {
  test('gives counters from 0 up', () => {
    const { next } = createSealer(key);
    assert.deepEqual([next(), next(), next()], [0, 1, 2]);
  });

  test('seals once with a counter', () => {
    const sealer = createSealer(key);
    sealer.seal(sealer.next(), NOTHING, content);
    assert.throws(() => sealer.seal(0, NOTHING, content), /counter 0/);
  });

  test('seals with no counter that it has not given', () => {
    const sealer = createSealer(key);
    sealer.next();
    sealer.next();
    for (const counter of [-1, 2, 0.5, Number.NaN, Infinity])
      assert.throws(() => sealer.seal(counter, NOTHING, content), /counter/);
  });

  test('seals with no counter below one that it has used', () => {
    const sealer = createSealer(key);
    sealer.next();
    sealer.seal(sealer.next(), NOTHING, content);
    assert.throws(() => sealer.seal(0, NOTHING, content), /counter 0/);
    sealer.seal(sealer.next(), NOTHING, content);
  });
});

describe('the window', () => {
  test('opens each datagram once', () => {
    const opener = createOpener(key);
    assert.deepEqual(opens(opener, 0), true);
    assert.equal(opens(opener, 0), false);
    assert.equal(opens(opener, 1), true);
    assert.equal(opens(opener, 0), false);
    assert.equal(opens(opener, 1), false);
  });

  for (const highest of [WINDOW, 5000, 2 ** 32 + 31, HIGHEST]) {
    test(`reaches ${WINDOW - 1} counters below ${highest}, and no further`, () => {
      const opener = createOpener(key);
      opens(opener, highest);
      assert.equal(opens(opener, highest - WINDOW), false);
      assert.equal(opens(opener, highest - WINDOW + 1), true);
      assert.equal(opens(opener, highest - WINDOW + 1), false);
      assert.equal(opens(opener, highest - 1), true);
    });
  }

  test('is not moved by a forged datagram, nor is a counter used up by one', () => {
    const opener = createOpener(key);
    assert.equal(opener.open(HIGHEST, header, sealedAt(7)), 'forged');
    assert.equal(opener.open(3, header, sealedAt(7)), 'forged');
    assert.equal(opens(opener, 0), true);
    assert.equal(opens(opener, 3), true);
  });

  test('does as a set of all counters would', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -40, max: 40 }) },
        { weight: 3, arbitrary: fc.integer({ min: -1100, max: 1100 }) },
        { weight: 1, arbitrary: fc.integer({ min: -5000, max: 5000 }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(31, 32, 33, 1023, 1024, 1025, 2047, 2048, 2049, -1023, -1024),
        },
      ),
      { maxLength: 200 },
    );
    const start = fc.constantFrom(0, 1000, 2 ** 32 - 2000, 2 ** 48);
    check(fc.tuple(start, steps), ([first, jumps]) => {
      const opener = createOpener(key);
      const seen = new Set<number>();
      let highest = first;
      for (const jump of jumps) {
        const counter = Math.max(0, highest + jump);
        const expected = !seen.has(counter) && counter > Math.max(...seen, -1) - WINDOW;
        assert.equal(opens(opener, counter), expected, `${counter}`);
        seen.add(counter);
        highest = Math.max(highest, counter);
      }
    });
  });

  for (const step of [
    1,
    31,
    32,
    33,
    WINDOW - 1,
    WINDOW,
    WINDOW + 32,
    WINDOW + 33,
    2 * WINDOW,
    7 * WINDOW + 5,
  ]) {
    test(`remembers what is in it, and forgets the rest, after it has moved on by ${step}`, () => {
      const opener = createOpener(key);
      for (let counter = 0; counter < 2 * WINDOW; counter += 1) assert.equal(opens(opener, counter), true);
      const highest = 2 * WINDOW - 1 + step;
      assert.equal(opens(opener, highest), true);
      for (let counter = highest - WINDOW + 1; counter < highest; counter += 1)
        assert.equal(opens(opener, counter), counter >= 2 * WINDOW, `${counter}`);
    });
  }

  test('opens all of a full window, in any order, once', () => {
    const order = fc.shuffledSubarray([...Array(WINDOW).keys()], { minLength: WINDOW });
    fc.assert(
      fc.property(order, (counters) => {
        const opener = createOpener(key);
        for (const counter of counters) assert.equal(opens(opener, counter), true);
        for (const counter of counters) assert.equal(opens(opener, counter), false);
      }),
      { seed: SEED, numRuns: 10 },
    );
  });
});

test('the example of RFC 8439, section 2.8.2, has the ciphertext that sodium makes', () => {
  const plain = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const sealed = new Uint8Array(plain.length + SEAL_OVERHEAD);
  const nonce = fromHex('070000004041424344454647');
  const associated = fromHex('50515253c0c1c2c3c4c5c6c7');
  const exampleKey = Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index);
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, nonce, exampleKey);
  assert.equal(toHex(sealed).slice(0, 32), 'd31a8d34648e60db7b86afbc53ef7ec2');
  assert.equal(toHex(sealed).slice(-32), '1ae10b594f09e26a7e902ecbd0600691');
});

/** False if the opener takes it for a replay. */
function opens(opener: Opener, counter: number): boolean {
  const opened = opener.open(counter, header, sealedAt(counter));
  if (typeof opened !== 'string') assert.deepEqual(opened, content);
  else assert.equal(opened, 'replayed');
  return typeof opened !== 'string';
}

/** What a sealer makes when it has come to this counter, made with sodium alone. */
function sealedAt(counter: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(counter), true);
  const sealed = new Uint8Array(content.length + SEAL_OVERHEAD);
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, content, header, null, nonce, key);
  return sealed;
}

function check<Value>(values: fc.Arbitrary<Value>, predicate: (value: Value) => void): void {
  fc.assert(fc.property(values, predicate), { seed: SEED, numRuns: 300 });
}
