import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalAddress,
  type Endpoint,
  endpointOf,
  formatEndpoint,
  isUnicast,
  parseEndpoint,
  sameAddress,
  sameEndpoint,
  sameFamily,
  withoutZone,
} from '../../machines/endpoint.ts';

const SEED = 20_260_101;

describe('the text of an endpoint', () => {
  const readable: [text: string, endpoint: Endpoint, formatted?: string][] = [
    ['203.0.113.7:5000', { address: '203.0.113.7', port: 5000 }],
    ['0.0.0.0:1', { address: '0.0.0.0', port: 1 }],
    ['255.255.255.255:65535', { address: '255.255.255.255', port: 65_535 }],
    ['[2001:db8::1]:5000', { address: '2001:db8::1', port: 5000 }],
    ['[::]:9', { address: '::', port: 9 }],
    ['203.0.113.7:05000', { address: '203.0.113.7', port: 5000 }, '203.0.113.7:5000'],
    ['[2001:DB8:0:0::1]:5000', { address: '2001:db8::1', port: 5000 }, '[2001:db8::1]:5000'],
    ['[::ffff:203.0.113.7]:5000', { address: '203.0.113.7', port: 5000 }, '203.0.113.7:5000'],
  ];
  for (const [text, endpoint, formatted = text] of readable) {
    test(`${text} is read, and written ${formatted}`, () => {
      assert.deepEqual(parseEndpoint(text), endpoint);
      assert.equal(formatEndpoint(endpoint), formatted);
    });
  }

  // biome-ignore format: one line for each would hide the tests
  const unreadable = [
    '', ':', '[]', '[]:1', ':5000', '203.0.113.7', '203.0.113.7:', '203.0.113.7:0', '203.0.113.7:65536',
    '203.0.113.7:123456', '203.0.113.7:-1', '203.0.113.7:+1', '203.0.113.7:1e3', '203.0.113.7: 1',
    ' 203.0.113.7:1', '203.0.113.7:1\n', '203.0.113.7:1 ', '203.0.113:1', '203.0.113.7.9:1',
    '203.0.113.256:1', '203.0.113.07:1', '0xcb.0.113.7:1', '３.0.113.7:1', 'example.org:1',
    '2001:db8::1:5000', '[2001:db8::1]', '[2001:db8::1]5000', '2001:db8::1]:5000', '[2001:db8::1:5000',
    '[[2001:db8::1]]:5000', '[203.0.113.7]:5000', '[2001:db8::g]:5000', '[fe80::1%eth0]:5000',
    '[::ffff:203.0.113.7%eth0]:5000', '[2001:db8::1]:0', '[2001:db8::1]:65536', '[1:2:3:4:5:6:7]:1',
  ];
  for (const text of unreadable) {
    test(`${JSON.stringify(text)} is no endpoint`, () => assert.equal(parseEndpoint(text), undefined));
  }

  test('whatever is written is read again as the same endpoint', () => {
    fc.assert(
      fc.property(endpoints(), (endpoint) => {
        assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('no text makes reading throw', () => {
    const pieces = fc.constantFrom('[', ']', ':', '::', '.', '%', '1', 'ffff', '65536', '0.0.0.0', 'é', '\0');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const endpoint = parseEndpoint(text);
        if (endpoint !== undefined) assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });
});

describe('the one spelling of an address', () => {
  const spellings: [text: string, canonical: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    // RFC 5952 4.2.2: one group of zeros is not shortened.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    // RFC 5952 4.2.3: the longest run of zeros is shortened, of equal ones the first.
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:1:0:0:1:0:0', '::1:0:0:1:0:0'],
    ['1:0:0:0:1:0:0:0', '1::1:0:0:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.33', '192.0.2.33'],
    ['::FFFF:c000:221', '192.0.2.33'],
    ['0:0:0:0:0:ffff:0:0', '0.0.0.0'],
    ['::fffe:192.0.2.33', '::fffe:c000:221'],
    ['::192.0.2.33', '::c000:221'],
    ['1::ffff:192.0.2.33', '1::ffff:c000:221'],
    ['FE80::1%eth0', 'fe80::1%eth0'],
    ['fe80:0:0:0:0:0:0:1%12', 'fe80::1%12'],
  ];
  for (const [text, canonical] of spellings) {
    test(`${text} is spelled ${canonical}`, () => {
      assert.equal(canonicalAddress(text), canonical);
      assert.equal(canonicalAddress(canonical), canonical);
    });
  }

  // biome-ignore format: one line for each would hide the tests
  const refused = [
    '', '1', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', '1..2.3', ':', ':::', '1:::2',
    '1::2::3', '::1::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1:2:3:4:5:6:7:8',
    '12345::', 'g::', '::-1', ':1:2:3:4:5:6:7', '1:2:3:4:5:6:7:', '::1.2.3', '::1.2.3.256', '::1.2.3.4:5',
    '1.2.3.4::', '1.2.3.4::1', 'fe80::1%', 'fe80::1%eth0%eth1',
  ];
  for (const text of refused) {
    test(`${JSON.stringify(text)} is no address`, () => assert.equal(canonicalAddress(text), undefined));
  }

  test('IPv6 is spelled as the URL standard spells it, which follows RFC 5952', () => {
    fc.assert(
      fc.property(ipv6Groups(), (groups) => {
        const text = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
        const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
        fc.pre(!isMapped);
        assert.equal(`[${canonicalAddress(text)}]`, new URL(`http://[${text}]/`).hostname);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('what Node calls an address is one, and nothing else is', () => {
    const pieces = fc.constantFrom(':', '::', '1', '0', 'ff', 'ffff', '1.2.3.4', '.', '255', '256', '00');
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 16 }).map((all) => all.join('')),
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4Extended(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(canonicalAddress(text) !== undefined, isIP(text) !== 0);
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });
});

describe('endpoints from parts', () => {
  test('an address and a port make an endpoint', () => {
    assert.deepEqual(endpointOf('::ffff:127.0.0.1', 1), { address: '127.0.0.1', port: 1 });
    assert.deepEqual(endpointOf('fe80::1%eth0', 9), { address: 'fe80::1%eth0', port: 9 });
  });

  for (const port of [0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    test(`${port} is no port`, () => assert.equal(endpointOf('127.0.0.1', port), undefined));
  }

  test('a zone is of no use to others and can be taken off', () => {
    assert.deepEqual(withoutZone({ address: 'fe80::1%eth0', port: 9 }), { address: 'fe80::1', port: 9 });
    assert.deepEqual(withoutZone({ address: '127.0.0.1', port: 9 }), { address: '127.0.0.1', port: 9 });
  });

  test('endpoints are compared by what they are, not by which object they are', () => {
    const [here, elsewhere] = [
      { address: '127.0.0.1', port: 1 },
      { address: '127.0.0.1', port: 2 },
    ];
    const six = { address: '::1', port: 1 };
    assert.ok(sameEndpoint(here, { ...here }));
    assert.ok(!sameEndpoint(here, elsewhere) && !sameEndpoint(here, six));
    assert.ok(sameAddress(here, elsewhere) && !sameAddress(here, six));
    assert.ok(sameFamily(here, elsewhere) && !sameFamily(here, six));
  });
});

describe('addresses that one host can have', () => {
  const judged: [address: string, isUnicast: boolean][] = [
    ['127.0.0.1', true],
    ['10.0.0.1', true],
    ['1.0.0.0', true],
    ['223.255.255.255', true],
    ['0.0.0.0', false],
    ['0.1.2.3', false],
    ['224.0.0.1', false],
    ['239.255.255.255', false],
    ['240.0.0.1', false],
    ['255.255.255.255', false],
    ['::1', true],
    ['fe80::1', true],
    ['fd00::1', true],
    ['2001:db8::1', true],
    ['ff::1', true],
    ['::', false],
    ['ff02::1', false],
    ['ff00::', false],
    ['ffff::1', false],
  ];
  for (const [address, expected] of judged) {
    test(`${address} is ${expected ? '' : 'not '}one`, () => {
      assert.equal(isUnicast({ address, port: 1 }), expected);
    });
  }
});

function endpoints(): fc.Arbitrary<Endpoint> {
  const addresses = fc.oneof(
    fc.ipV4(),
    ipv6Groups().map((groups) => groups.map((group) => group.toString(16)).join(':')),
  );
  return fc.tuple(addresses, fc.integer({ min: 1, max: 65_535 })).map(([address, port]) => {
    const endpoint = endpointOf(address, port);
    assert.ok(endpoint !== undefined, `${address} is an address`);
    return endpoint;
  });
}

/** Zeros are frequent, so that there are runs of them. */
function ipv6Groups(): fc.Arbitrary<number[]> {
  const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffff }));
  return fc.array(group, { minLength: 8, maxLength: 8 });
}
