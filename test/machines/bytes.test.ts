import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Reader, Writer } from '../../machines/bytes.ts';
import type { Endpoint } from '../../machines/endpoint.ts';
import { bytesOf, check, hexOf, names, remotes, someBytes } from './arbitrary.ts';

type Field = readonly [
  name: string,
  hex: string,
  write: (to: Writer) => Writer,
  read: (from: Reader) => unknown,
];

describe('a field', () => {
  const ipv4: Endpoint = { address: '203.0.113.7', port: 5000 };
  const ipv6: Endpoint = { address: '2001:db8::1', port: 5000 };
  const fields: readonly Field[] = [
    ['a byte', 'ff', (to) => to.byte(255), (from) => from.byte() === 255],
    ['a short number, big end first', '1388', (to) => to.short(5000), (from) => from.short() === 5000],
    ['a counter', '0000000000000100', (to) => to.counter(256), (from) => from.counter() === 256],
    [
      'the last counter',
      '001fffffffffffff',
      (to) => to.counter(Number.MAX_SAFE_INTEGER),
      (from) => from.counter() === Number.MAX_SAFE_INTEGER,
    ],
    [
      'bytes with their length',
      '02 6869',
      (to) => to.bytes(bytesOf('6869')),
      (from) => hexOf(from.bytes()) === '6869',
    ],
    [
      '251 bytes with their length, little end first',
      `fbfb00 ${'00'.repeat(251)}`,
      (to) => to.bytes(new Uint8Array(251)),
      (from) => from.bytes().length === 251,
    ],
    ['a text', '03 626f62', (to) => to.text('bob'), (from) => from.text() === 'bob'],
    [
      'an IPv4 address',
      '04 cb007107 1388',
      (to) => to.endpoint(ipv4),
      (from) => sameText(from.endpoint(), ipv4),
    ],
    [
      'an IPv6 address',
      `06 20010db8${'00'.repeat(11)}01 1388`,
      (to) => to.endpoint(ipv6),
      (from) => sameText(from.endpoint(), ipv6),
    ],
    ['padding', '0000', (to) => to.paddingTo(2), (from) => from.padding() === undefined],
  ];
  for (const [name, hex, write, read] of fields) {
    test(`is ${name}, both ways`, () => {
      assert.equal(hexOf(write(new Writer()).done()), hex.replaceAll(' ', ''));
      const reader = new Reader(bytesOf(hex));
      assert.equal(read(reader), true);
      assert.equal(reader.fault, undefined);
    });

    test(`is ${name}, and cut short anywhere it is not`, () => {
      const whole = bytesOf(hex);
      for (let length = 0; length < whole.length && name !== 'padding'; length += 1) {
        const reader = new Reader(whole.subarray(0, length));
        read(reader);
        assert.equal(reader.fault, 'truncated');
      }
    });
  }

  test('is without the zone of an address, which means nothing elsewhere', () => {
    const written = new Writer().endpoint({ address: 'fe80::1%eth0', port: 9 }).done();
    assert.deepEqual(new Reader(written).endpoint(), { address: 'fe80::1', port: 9 });
  });
});

describe('a fault', () => {
  const faults: readonly (readonly [
    what: string,
    hex: string,
    read: (from: Reader) => unknown,
    fault: string,
  ])[] = [
    ['a field that is not there', '', (from) => from.byte(), 'truncated'],
    ['something left over', '0000', (from) => from.byte(), 'trailingBytes'],
    ['a counter that a double does not hold', '0020000000000000', (from) => from.counter(), 'badNumber'],
    ['a length of four bytes', 'fc00000000', (from) => from.bytes(), 'badNumber'],
    ['a length of the reserved width', 'ff', (from) => from.bytes(), 'badNumber'],
    ['half a character', '01c3', (from) => from.text(), 'notUtf8'],
    ['an empty name', '00', (from) => from.name(), 'badName'],
    ['a name with an escape sequence', '021b5b', (from) => from.name(), 'badName'],
    ['a name of 64 bytes', `40${'6e'.repeat(64)}`, (from) => from.name(), 'badName'],
    ['an address of no family', '05cb0071071388', (from) => from.endpoint(), 'badAddress'],
    ['port 0', '04cb0071070000', (from) => from.endpoint(), 'badAddress'],
    ['the unspecified address', '04000000001388', (from) => from.endpoint(), 'badAddress'],
    ['a multicast address', `06ff02${'00'.repeat(13)}011388`, (from) => from.endpoint(), 'badAddress'],
    [
      'a multicast IPv4 address in IPv6',
      `06${'00'.repeat(10)}ffffe00000011388`,
      (from) => from.endpoint(),
      'badAddress',
    ],
    ['padding that says something', '000100', (from) => from.padding(), 'badPadding'],
  ];
  for (const [what, hex, read, fault] of faults) {
    test(`is ${what}: ${fault}`, () => {
      const reader = new Reader(bytesOf(hex));
      read(reader);
      assert.equal(reader.fault, fault);
    });
  }

  test('stays the first one, and whatever is read after it is empty', () => {
    const reader = new Reader(bytesOf('01c3 05 0102'));
    assert.equal(reader.text(), '');
    assert.equal(reader.byte(), 0);
    assert.deepEqual(reader.endpoint(), { address: '0.0.0.0', port: 0 });
    assert.equal(reader.fault, 'notUtf8');
  });
});

test('many fields, one after another, come back as they were', () => {
  const short = fc.integer({ min: 0, max: 65_535 });
  const all = fc.tuple(short, fc.maxSafeNat(), someBytes(600), names(), remotes());
  check(all, ([number, counter, bytes, name, remote]) => {
    const written = new Writer().short(number).counter(counter).bytes(bytes).text(name).endpoint(remote);
    const reader = new Reader(written.paddingTo(2000).done());
    assert.deepEqual(
      [reader.short(), reader.counter(), reader.bytes(), reader.name(), reader.endpoint()],
      [number, counter, bytes, name, remote],
    );
    reader.padding();
    assert.equal(reader.fault, undefined);
  });
});

test('what is read is a copy', () => {
  const bytes = bytesOf('02 6869');
  const read = new Reader(bytes).bytes();
  bytes.fill(0xff);
  assert.equal(hexOf(read), '6869');
});

function sameText(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
