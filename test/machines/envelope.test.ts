import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  COOKIE_BYTES,
  decodeEnvelope,
  ENVELOPE_BYTES_MAX,
  type Envelope,
  type EnvelopeFault,
  encodeEnvelope,
  headerOf,
  ID_BYTES,
  isEnvelope,
  KEY_BYTES,
} from '../../machines/envelope.ts';
import { decode } from '../../machines/wire.ts';
import { bytesOf, check, damaged, hexOf, raw, record, remotes, someBytes } from './arbitrary.ts';

const nonce = bytesOf('0102030405060708');
const cookie = new Uint8Array(COOKIE_BYTES).fill(0xc0);
const serverKey = new Uint8Array(KEY_BYTES).fill(0x5e);
const session = bytesOf('1112131415161718');
const handshake = bytesOf('aabbcc');
const observed = { address: '203.0.113.7', port: 5000 };

/** The same both ways: encoded it is these bytes, and these bytes are it. */
const envelopes: readonly (readonly [envelope: Envelope, hex: string])[] = [
  [{ type: 'knock', nonce }, `10 02 0102030405060708 ${'00'.repeat(70)}`],
  [
    { type: 'challenge', nonce, cookie, serverKey, observed },
    `11 0102030405060708 ${'c0'.repeat(16)} ${'5e'.repeat(32)} 04 cb007107 1388`,
  ],
  [{ type: 'register', cookie, nonce, handshake }, `12 ${'c0'.repeat(16)} 0102030405060708 03 aabbcc`],
  [{ type: 'registerAck', nonce, handshake }, '13 0102030405060708 03 aabbcc'],
  [
    { type: 'sealed', session, counter: 258, sealed: handshake },
    '14 1112131415161718 0000000000000102 aabbcc',
  ],
  [{ type: 'stale', session }, '15 1112131415161718'],
  [
    { type: 'pair', pair: session, counter: 258, sealed: handshake },
    '16 1112131415161718 0000000000000102 aabbcc',
  ],
];

describe('an envelope', () => {
  for (const [envelope, hex] of envelopes) {
    test(`${envelope.type} is laid out as it always was`, () => {
      assert.equal(hexOf(encodeEnvelope(envelope)), hex.replaceAll(' ', ''));
      assert.deepEqual(decodeEnvelope(bytesOf(hex)), envelope);
    });
  }

  test('comes back as it was', () => {
    check(anyEnvelope(), (envelope) => assert.deepEqual(decodeEnvelope(encodeEnvelope(envelope)), envelope));
  });

  test('is told from protocol 1 by its first byte, and is nothing to its decoder', () => {
    check(anyEnvelope(), (envelope) => {
      const bytes = encodeEnvelope(envelope);
      assert(isEnvelope(bytes));
      assert(['unknownMessage', 'tooLong'].includes(decode(bytes) as string));
    });
    for (const first of [...Array(16).keys(), 251, 252, 253, 254, 255])
      assert(!isEnvelope(Uint8Array.of(first)));
    assert(!isEnvelope(new Uint8Array()));
  });

  test('has a header that is all of it but what is sealed', () => {
    for (const [envelope] of envelopes) {
      if (envelope.type !== 'sealed' && envelope.type !== 'pair') continue;
      assert.equal(hexOf(headerOf(envelope)) + hexOf(handshake), hexOf(encodeEnvelope(envelope)));
      assert.equal(headerOf(envelope).length, 17);
    }
  });

  test('does not keep the bytes it was read from', () => {
    check(anyEnvelope(), (envelope) => {
      const bytes = encodeEnvelope(envelope);
      const decoded = decodeEnvelope(bytes);
      bytes.fill(0xff);
      assert.deepEqual(decoded, envelope);
    });
  });
});

describe('what is not an envelope, and why', () => {
  const challenge = `11 0102030405060708 ${'c0'.repeat(16)} ${'5e'.repeat(32)}`;
  const written: readonly (readonly [what: string, hex: string, fault: EnvelopeFault])[] = [
    ['nothing', '', 'empty'],
    ['1201 bytes', `14${'00'.repeat(ENVELOPE_BYTES_MAX)}`, 'tooLong'],
    ['a knock of 79 bytes', `10 02 0102030405060708 ${'00'.repeat(69)}`, 'truncated'],
    ['a sealed without its whole counter', '14 1112131415161718 000000', 'truncated'],
    ['a knock of 81 bytes', `10 02 0102030405060708 ${'00'.repeat(71)}`, 'trailingBytes'],
    ['a stale with more', '15 1112131415161718 00', 'trailingBytes'],
    [
      'a register whose handshake has a length of four bytes',
      `12 ${'00'.repeat(24)} fc00000000`,
      'badNumber',
    ],
    ['a counter past 2^53 - 1', '14 1112131415161718 0020000000000000', 'badNumber'],
    ['a challenge that saw a multicast address', `${challenge} 04 e0000001 1388`, 'badAddress'],
    ['a challenge that saw an address of no family', `${challenge} 05 cb007107 1388`, 'badAddress'],
    ['number 15', '0f', 'unknownMessage'],
    ['number 23', '17', 'unknownMessage'],
    ['a knock of version 3', `10 03 0102030405060708 ${'00'.repeat(70)}`, 'otherVersion'],
  ];
  for (const [what, hex, fault] of written)
    test(`${what}: ${fault}`, () => assert.equal(decodeEnvelope(bytesOf(hex)), fault));

  const faults: ReadonlySet<unknown> = new Set(written.map(([, , fault]) => fault));

  /** An envelope that is accepted can be sent on as it is; no other fault than those above is ever found. */
  const judge = (bytes: Uint8Array) => {
    const decoded = decodeEnvelope(bytes);
    if (typeof decoded === 'string') assert(faults.has(decoded), decoded);
    else assert.deepEqual(decodeEnvelope(encodeEnvelope(decoded)), decoded);
  };

  test('any bytes are an envelope or one of these, never an exception', () => {
    check(fc.uint8Array({ maxLength: 100 }), judge, 30_000);
  });

  test('also if they begin like an envelope', () => {
    const begun = fc.tuple(fc.integer({ min: 16, max: 22 }), fc.uint8Array({ maxLength: 200 }));
    check(begun, ([number, rest]) => judge(Uint8Array.of(number, ...rest)), 30_000);
  });

  test('also if they are an envelope that was changed, cut and lengthened', () => {
    check(damaged(anyEnvelope().map(encodeEnvelope)), judge, 40_000);
  });
});

function anyEnvelope(): fc.Arbitrary<Envelope> {
  const id = raw(ID_BYTES);
  const counter = fc.maxSafeNat();
  const sealed = someBytes(ENVELOPE_BYTES_MAX - 17);
  return fc.oneof(
    record({ type: fc.constant('knock' as const), nonce: id }),
    record({
      type: fc.constant('challenge' as const),
      nonce: id,
      cookie: raw(COOKIE_BYTES),
      serverKey: raw(KEY_BYTES),
      observed: remotes(),
    }),
    record({
      type: fc.constant('register' as const),
      cookie: raw(COOKIE_BYTES),
      nonce: id,
      handshake: someBytes(1000),
    }),
    record({ type: fc.constant('registerAck' as const), nonce: id, handshake: someBytes(1000) }),
    record({ type: fc.constant('sealed' as const), session: id, counter, sealed }),
    record({ type: fc.constant('stale' as const), session: id }),
    record({ type: fc.constant('pair' as const), pair: id, counter, sealed }),
  );
}
