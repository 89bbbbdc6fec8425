import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../../machines/endpoint.ts';
import { readName, writeName } from '../../runtime/batched/names.ts';
import { NAME_STRIDE } from '../../runtime/batched/slots.ts';
import { pack, unpack } from '../../runtime/packed-endpoint.ts';
import type { PackedEndpoint } from '../../runtime/transport.ts';
import { record, remotes } from '../machines/arbitrary.ts';

const SEED = 20_260_102;

const spelled: [endpoint: Endpoint, words: readonly number[]][] = [
  [{ address: '203.0.113.7', port: 5000 }, [0, 0, 0xffff, 0xcb007107]],
  [{ address: '255.255.255.255', port: 1 }, [0, 0, 0xffff, 0xffffffff]],
  [{ address: '2001:db8::1', port: 65_535 }, [0x20010db8, 0, 0, 1]],
  [{ address: '::', port: 9 }, [0, 0, 0, 0]],
  [{ address: 'fe80::1%77', port: 9 }, [0xfe800000, 77, 0, 1]],
  [{ address: 'fe80::1', port: 9 }, [0xfe800000, 0, 0, 1]],
];

describe('a packed endpoint', () => {
  for (const [endpoint, [word0, word1, word2, word3]] of spelled) {
    test(`has ${endpoint.address} in four words, and gives it back`, () => {
      const packed = empty();
      assert.equal(pack(endpoint, packed), true);
      assert.deepEqual(packed, { word0, word1, word2, word3, port: endpoint.port });
      assert.deepEqual(unpack(packed), endpoint);
    });
  }

  test('holds every endpoint there is', () => {
    fc.assert(
      fc.property(remotes(), (endpoint) => {
        const packed = empty();
        assert.equal(pack(endpoint, packed), true);
        assert.deepEqual(unpack(packed), endpoint);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('is not made of what is no address', () => {
    for (const address of ['', 'nowhere', '1.2.3', '1.2.3.256', '::g', '1::2::3']) {
      assert.equal(pack({ address, port: 1 }, empty()), false);
    }
  });
});

describe('a socket address', () => {
  test('of IPv6 holds every endpoint, and the interface of a link-local one where the kernel looks for it', () => {
    fc.assert(
      fc.property(packedEndpoints(), (packed) => {
        const name = new DataView(new ArrayBuffer(2 * NAME_STRIDE));
        assert.equal(writeName(name, NAME_STRIDE, true, packed), true);
        const isZoned = packed.word0 >>> 22 === 0x3fa;
        assert.equal(name.getUint32(NAME_STRIDE + 24, true), isZoned ? packed.word1 : 0);
        assert.equal(name.getUint32(NAME_STRIDE + 12), isZoned ? 0 : packed.word1);
        const read = empty();
        readName(name, NAME_STRIDE, true, read);
        assert.deepEqual(read, packed);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('of IPv4 holds endpoints of IPv4 only', () => {
    const name = new DataView(new ArrayBuffer(NAME_STRIDE));
    const packed = { word0: 0, word1: 0, word2: 0xffff, word3: 0xcb007107, port: 5000 };
    assert.equal(writeName(name, 0, false, packed), true);
    const read = empty();
    readName(name, 0, false, read);
    assert.deepEqual(read, packed);
    assert.equal(writeName(name, 0, false, { ...packed, word2: 0 }), false);
  });
});

function empty(): PackedEndpoint {
  return { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
}

function packedEndpoints() {
  const word = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 0xffff, 0xfe800000, 0xffffffff));
  return record({
    word0: word,
    word1: word,
    word2: word,
    word3: word,
    port: fc.integer({ min: 1, max: 65_535 }),
  });
}
