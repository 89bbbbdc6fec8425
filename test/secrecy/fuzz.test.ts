import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCookies } from '../../runtime/secrecy/cookies.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { initiate, respond } from '../../runtime/secrecy/noise.ts';
import { createOpener, createSealer } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { createVirtualClock } from '../../runtime/simulation/virtual-clock.ts';
import { defined, utf8 } from './bytes.ts';

const entropy = seededEntropy(1);
const alice = createKeyPair(entropy);
const bob = createKeyPair(entropy);
const prologue = utf8('punch 2');
const payload = utf8('a payload of some length');

describe('mutated bytes, 100 000 of them, are refused and nothing is thrown', () => {
  test('as first messages', () => {
    const { message } = initiate(entropy, alice, bob.publicKey, prologue, payload);
    mutations(message, 20_000, (bytes) => assert.equal(respond(entropy, bob, prologue, bytes), undefined));
  });

  test('as replies', () => {
    const { message, finish } = initiate(entropy, alice, bob.publicKey, prologue, payload);
    const { message: reply } = defined(respond(entropy, bob, prologue, message)).accept(payload);
    mutations(reply, 10_000, (bytes) => assert.equal(finish(bytes), undefined));
    assert.deepEqual(defined(finish(reply)).payload, payload);
  });

  test('as sealed datagrams', () => {
    const sealer = createSealer(alice.secretKey);
    const opener = createOpener(alice.secretKey);
    const sealed = sealer.seal(sealer.next(), prologue, payload);
    mutations(sealed, 40_000, (bytes, random) => {
      const counter = random < 0.9 ? 0 : random * 2 ** 64 - 2 ** 20;
      assert.equal(opener.open(counter, prologue, bytes), 'forged');
    });
    assert.deepEqual(opener.open(0, prologue, sealed), payload);
  });

  test('as cookies', () => {
    const cookies = createCookies(entropy, createVirtualClock());
    const from = { address: '203.0.113.7', port: 5000 };
    const cookie = cookies.bake(from, payload);
    mutations(cookie, 15_000, (bytes) => assert.equal(cookies.isGood(from, payload, bytes), false));
    mutations(payload, 15_000, (bytes) => assert.equal(cookies.isGood(from, bytes, cookie), false));
  });
});

/** Bytes changed, left out, added or put in place of the given ones; never the same as those. */
function mutations(
  bytes: Uint8Array,
  count: number,
  judge: (mutated: Uint8Array, random: number) => void,
): void {
  const random = seededRandom(20_260_102);
  const below = (limit: number) => Math.floor(random() * limit);
  const noise = (length: number) => Array.from({ length }, () => below(256));
  for (let made = 0; made < count; ) {
    const mutated = [...bytes];
    const place = below(mutated.length);
    const kind = below(4);
    if (kind === 0) for (const byte of noise(1 + below(4))) mutated[below(mutated.length)] = byte;
    else if (kind === 1) mutated.splice(place, 1 + below(mutated.length));
    else if (kind === 2) mutated.splice(place, 0, ...noise(1 + below(40)));
    else mutated.splice(0, mutated.length, ...noise(below(2 * bytes.length)));
    if (Buffer.compare(Uint8Array.from(mutated), bytes) === 0) continue;
    judge(Uint8Array.from(mutated), random());
    made += 1;
  }
}
