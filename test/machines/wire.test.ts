import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DATAGRAM_BYTES_MAX,
  decode,
  encode,
  type Malformed,
  type Message,
  TEXT_BYTES_MAX,
} from '../../machines/wire.ts';
import { bytesOf, hexOf } from './arbitrary.ts';

/** The same both ways: encoded it is these bytes, and these bytes are it. */
const messages: [name: string, message: Message, hex: string][] = [
  ['Message', { type: 'message', text: 'hi' }, '00 02 6869'],
  ['Message, empty', { type: 'message', text: '' }, '00 00'],
  ['Message, longest', { type: 'message', text: 'x'.repeat(TEXT_BYTES_MAX) }, `00 7e ${'78'.repeat(126)}`],
  [
    'Message with controls and a byte order mark',
    { type: 'message', text: '\ufeff\0\u001b' },
    '00 05 efbbbf 00 1b',
  ],
  ['Register', { type: 'register', name: 'alice' }, '01 05 616c696365'],
  ['Register, longest', { type: 'register', name: 'n'.repeat(63) }, `01 3f ${'6e'.repeat(63)}`],
  ['Register in UTF-8', { type: 'register', name: 'é🦊' }, '01 06 c3a9 f09fa68a'],
  ['RegisterAck', { type: 'registerAck' }, '02'],
  ['HolePunchRequest', { type: 'holePunchRequest', name: 'bob' }, '03 03 626f62'],
  ['HolePunchResponseUnknown', { type: 'holePunchResponseUnknown' }, '04'],
  [
    'HolePunchInitiate',
    { type: 'holePunchInitiate', name: 'bob', remote: { address: '203.0.113.7', port: 5000 } },
    '05 03 626f62 10 3230332e302e3131332e373a35303030',
  ],
  [
    'HolePunchInitiate over IPv6',
    { type: 'holePunchInitiate', name: 'bob', remote: { address: '2001:db8::1', port: 5000 } },
    '05 03 626f62 12 5b323030313a6462383a3a315d3a35303030',
  ],
];

describe('every message, both ways', () => {
  for (const [name, message, hex] of messages) {
    test(`${name} is encoded`, () => assert.equal(hexOf(encode(message)), hex.replaceAll(' ', '')));
    test(`${name} is decoded`, () => assert.deepEqual(decode(bytesOf(hex)), message));
    test(`${name} cut short anywhere is not a message`, () => {
      const whole = bytesOf(hex);
      for (let length = 0; length < whole.length; length += 1) {
        assert.equal(decode(whole.subarray(0, length)), length === 0 ? 'empty' : 'truncated');
      }
    });
    test(`${name} with a byte more is not a message`, () => {
      const longer = Uint8Array.of(...bytesOf(hex), 0);
      assert.equal(decode(longer), longer.length > DATAGRAM_BYTES_MAX ? 'tooLong' : 'trailingBytes');
    });
  }

  test('a zone of our own machine is not told to others', () => {
    const remote = { address: 'fe80::1%eth0', port: 9 };
    assert.deepEqual(decode(encode({ type: 'holePunchInitiate', name: 'bob', remote })), {
      type: 'holePunchInitiate',
      name: 'bob',
      remote: { address: 'fe80::1', port: 9 },
    });
  });

  test('the longest name at the longest address fits into a datagram', () => {
    const remote = { address: Array(8).fill('ffff').join(':'), port: 65_535 };
    const bytes = encode({ type: 'holePunchInitiate', name: 'n'.repeat(63), remote });
    assert.equal(bytes.length, 113);
    assert.ok(bytes.length <= DATAGRAM_BYTES_MAX);
  });
});

describe('numbers of every width', () => {
  const bob: Message = { type: 'holePunchRequest', name: 'bob' };
  const written: [name: string, hex: string, decoded: Message | Malformed][] = [
    ['a length of two bytes', '03 fb0300 626f62', bob],
    ['a length of four bytes', '03 fc03000000 626f62', bob],
    ['a length of eight bytes', '03 fd0300000000000000 626f62', bob],
    ['a message number of two bytes', 'fb0300 03 626f62', bob],
    ['a message number of four bytes', 'fc03000000 03 626f62', bob],
    ['a message number of eight bytes', 'fd0300000000000000 03 626f62', bob],
    ['all of them wide', 'fd0300000000000000 fd0300000000000000 626f62', bob],
    ['two bytes, little end first', '03 fb0003 626f62', 'truncated'],
    ['a large length of two bytes', '03 fbffff 626f62', 'truncated'],
    ['a large length of four bytes', '03 fcffffffff 626f62', 'truncated'],
    ['a length beyond what a double holds', '03 fdffffffffffffffff 626f62', 'truncated'],
    ['a length of 2^32 + 3', '03 fd0300000001000000 626f62', 'truncated'],
    ['a length of 2^63', '03 fd0000000000000080 626f62', 'truncated'],
    ['a message number of 2^32 + 2', 'fd0200000001000000', 'unknownMessage'],
    ['a message number that ends in two bytes', 'fb02', 'truncated'],
    ['a message number that ends in four bytes', 'fc020000', 'truncated'],
    ['a message number that ends in eight bytes', 'fd02000000000000', 'truncated'],
    ['a length that ends in two bytes', '03 fb03', 'truncated'],
    ['a length that ends in eight bytes', '03 fd03000000000000', 'truncated'],
    ['a number of sixteen bytes', `fe02${'00'.repeat(15)}`, 'badNumber'],
    ['a length of sixteen bytes', `03 fe03${'00'.repeat(15)} 626f62`, 'badNumber'],
    ['the reserved width', 'ff02', 'badNumber'],
    ['a length of the reserved width', '03 ff03 626f62', 'badNumber'],
  ];
  for (const [name, hex, decoded] of written) {
    test(`${name}: ${typeof decoded === 'string' ? decoded : decoded.type}`, () => {
      assert.deepEqual(decode(bytesOf(hex)), decoded);
    });
  }
});

describe('what is not a message, and why', () => {
  const written: [name: string, hex: string, reason: Malformed][] = [
    ['nothing', '', 'empty'],
    ['129 bytes', `00 fb7d00 ${'78'.repeat(125)}`, 'tooLong'],
    ['the most bytes UDP carries', '00'.repeat(65_507), 'tooLong'],
    ['a text that ends early', '00 03 6869', 'truncated'],
    ['a text without a length', '00', 'truncated'],
    ['an Initiate without an address', '05 03 626f62', 'truncated'],
    ['an Ack with more', '02 02', 'trailingBytes'],
    ['a Register with more', '01 05 616c696365 21', 'trailingBytes'],
    ['number 6', '06', 'unknownMessage'],
    ['number 16, the first of protocol 2', '10 00', 'unknownMessage'],
    ['number 250', 'fa', 'unknownMessage'],
    ['a lone continuation byte', '00 01 80', 'notUtf8'],
    ['an overlong slash', '00 02 c0af', 'notUtf8'],
    ['a surrogate', '00 03 eda080', 'notUtf8'],
    ['a code point past the last', '00 04 f4908080', 'notUtf8'],
    ['half a character', '01 01 c3', 'notUtf8'],
    ['a name that is not UTF-8', '03 02 fffe', 'notUtf8'],
    ['an address that is not UTF-8', '05 03 626f62 01 ff', 'notUtf8'],
    ['an empty name', '01 00', 'badName'],
    ['a request for an empty name', '03 00', 'badName'],
    ['a name of 64 bytes', `01 40 ${'6e'.repeat(64)}`, 'badName'],
    ['a name with an escape sequence', '01 04 1b5b336d', 'badName'],
    ['an introduction to an empty name', '05 00 10 3230332e302e3131332e373a35303030', 'badName'],
    ['an introduction to an empty address', '05 03 626f62 00', 'badAddress'],
  ];
  for (const [name, hex, reason] of written) {
    test(`${name}: ${reason}`, () => assert.equal(decode(bytesOf(hex)), reason));
  }

  const addresses = [
    '203.0.113.7',
    '203.0.113.7:0',
    '203.0.113.7:65536',
    'example.org:80',
    '[fe80::1%1]:9',
    '2001:db8::1:9',
  ];
  const nobodys = [
    '0.0.0.0:9',
    '255.255.255.255:9',
    '224.0.0.1:9',
    '[::]:9',
    '[ff02::1]:9',
    '[::ffff:224.0.0.1]:9',
  ];
  for (const address of [...addresses, ...nobodys]) {
    test(`an introduction to ${address}: badAddress`, () => {
      const text = new TextEncoder().encode(address);
      assert.equal(decode(Uint8Array.of(5, 1, 0x62, text.length, ...text)), 'badAddress');
    });
  }
});
