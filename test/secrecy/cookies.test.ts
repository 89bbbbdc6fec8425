import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Endpoint, endpointOf } from '../../machines/endpoint.ts';
import { COOKIE_BYTES, createCookies, ROTATION_MS } from '../../runtime/secrecy/cookies.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { createVirtualClock } from '../../runtime/simulation/virtual-clock.ts';
import { flipped, NOTHING } from './bytes.ts';

const SEED = 20_260_102;

const from: Endpoint = { address: '203.0.113.7', port: 5000 };
const nonce = seededEntropy(SEED)(16);

describe('a cookie', () => {
  test('is good for the endpoint and the nonce it was baked for', () => {
    const { cookies } = bakery();
    check(fc.tuple(endpoints(), nonces()), ([endpoint, bytes]) => {
      const cookie = cookies.bake(endpoint, bytes);
      assert.equal(cookie.length, COOKIE_BYTES);
      assert.ok(cookies.isGood(endpoint, bytes, cookie));
    });
  });

  test('is good for no other endpoint or nonce', () => {
    const { cookies } = bakery();
    const two = fc.tuple(endpoints(), nonces(), endpoints(), nonces());
    check(two, ([endpoint, bytes, otherEndpoint, otherBytes]) => {
      const cookie = cookies.bake(endpoint, bytes);
      if (otherEndpoint.address !== endpoint.address)
        assert.ok(!cookies.isGood({ ...endpoint, address: otherEndpoint.address }, bytes, cookie));
      if (otherEndpoint.port !== endpoint.port)
        assert.ok(!cookies.isGood({ ...endpoint, port: otherEndpoint.port }, bytes, cookie));
      if (Buffer.compare(bytes, otherBytes) !== 0) assert.ok(!cookies.isGood(endpoint, otherBytes, cookie));
    });
  });

  test('tells an address, a port and a nonce apart where their characters run together', () => {
    const { cookies } = bakery();
    const port = 0x3131;
    const cookie = cookies.bake({ address: '10.0.0.1', port }, Uint8Array.of(0x31, 0x31));
    assert.ok(!cookies.isGood({ address: '10.0.0.111', port }, NOTHING, cookie));
    assert.ok(!cookies.isGood({ address: '10.0.0.11', port }, Uint8Array.of(0x31), cookie));
  });

  test('is bad with any bit changed, at any other length, and from another server', () => {
    const { cookies } = bakery();
    const cookie = cookies.bake(from, nonce);
    for (const changed of flipped(cookie)) assert.ok(!cookies.isGood(from, nonce, changed));
    for (let length = 0; length < COOKIE_BYTES; length += 1)
      assert.ok(!cookies.isGood(from, nonce, cookie.subarray(0, length)));
    assert.ok(!cookies.isGood(from, nonce, Uint8Array.of(...cookie, 0)));
    assert.ok(!bakery(2).cookies.isGood(from, nonce, cookie));
  });
});

describe('the age of a cookie', () => {
  for (const { baked, good, bad } of [
    { baked: 0, good: 2 * ROTATION_MS - 1, bad: 2 * ROTATION_MS },
    { baked: ROTATION_MS - 1, good: 2 * ROTATION_MS - 1, bad: 2 * ROTATION_MS },
    { baked: ROTATION_MS, good: 3 * ROTATION_MS - 1, bad: 3 * ROTATION_MS },
    { baked: 2.5 * ROTATION_MS, good: 4 * ROTATION_MS - 1, bad: 4 * ROTATION_MS },
  ]) {
    test(`baked at ${baked} ms it is good at ${good} ms, and bad at ${bad} ms`, () => {
      const { cookies, clock } = bakery();
      clock.advance(baked);
      const cookie = cookies.bake(from, nonce);
      clock.advance(good - baked);
      assert.ok(cookies.isGood(from, nonce, cookie));
      clock.advance(bad - good);
      assert.ok(!cookies.isGood(from, nonce, cookie));
    });
  }

  test('is the same however often the server is asked meanwhile', () => {
    const { cookies, clock } = bakery();
    const cookie = cookies.bake(from, nonce);
    for (let now = 0; now < 2 * ROTATION_MS; now += 7_000) {
      assert.equal(cookies.isGood(from, nonce, cookie), true, `${now}`);
      clock.advance(7_000);
    }
    assert.equal(cookies.isGood(from, nonce, cookie), false);
  });

  test('is not renewed by a server that nobody asked for a long time', () => {
    for (const pause of [2, 3, 10, 1_000_000]) {
      const { cookies, clock } = bakery();
      const cookie = cookies.bake(from, nonce);
      clock.advance(pause * ROTATION_MS);
      assert.ok(!cookies.isGood(from, nonce, cookie));
      assert.notDeepEqual(cookies.bake(from, nonce), cookie);
    }
  });

  test('needs no timer', () => {
    const { cookies, clock } = bakery();
    cookies.bake(from, nonce);
    assert.deepEqual(clock.armed(), []);
  });
});

function bakery(seed = 1) {
  const clock = createVirtualClock();
  return { cookies: createCookies(seededEntropy(seed), clock), clock };
}

function check<Value>(values: fc.Arbitrary<Value>, predicate: (value: Value) => void): void {
  fc.assert(fc.property(values, predicate), { seed: SEED, numRuns: 1000 });
}

function nonces(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 32 });
}

function endpoints(): fc.Arbitrary<Endpoint> {
  return fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
    .map(([address, port]) => endpointOf(address, port))
    .filter((endpoint) => endpoint !== undefined);
}
