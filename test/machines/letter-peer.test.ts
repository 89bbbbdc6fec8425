import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ENVELOPE_BYTES_MAX, encodeEnvelope, ID_BYTES } from '../../machines/envelope.ts';
import {
  CANDIDATES_MAX,
  DATA_BYTES_MAX,
  decodeToPeer,
  decodeWhereabouts,
  encodeToPeer,
  encodeWhereabouts,
  type ToPeer,
  type Whereabouts,
} from '../../machines/letter-peer.ts';
import { encodeToServer, type LetterFault } from '../../machines/letter-server.ts';
import { ADDRESSES_TRIED_MAX } from '../../machines/link.ts';
import { INITIATION_OVERHEAD } from '../../runtime/secrecy/noise.ts';
import { SEAL_OVERHEAD } from '../../runtime/secrecy/seal.ts';
import { bytesOf, check, damaged, hexOf, raw, record, remotes, someBytes } from './arbitrary.ts';

const nonce = bytesOf('0102030405060708');
const echo = bytesOf('1112131415161718');
const observed = { address: '203.0.113.7', port: 5000 };
const there = '04 cb007107 1388';

describe('the whereabouts of a caller', () => {
  const local = { address: '10.0.0.2', port: 5000 };
  const written: readonly (readonly [Whereabouts, string])[] = [
    [{ candidates: [] }, '00 00'],
    [{ candidates: [local, observed] }, `00 02 04 0a000002 1388 ${there}`],
  ];
  for (const [whereabouts, hex] of written) {
    test(`with ${whereabouts.candidates.length} candidates are laid out as they always were`, () => {
      assert.equal(hexOf(encodeWhereabouts(whereabouts)), hex.replaceAll(' ', ''));
      assert.deepEqual(decodeWhereabouts(bytesOf(hex)), whereabouts);
    });
  }

  const faults: readonly (readonly [what: string, hex: string, fault: LetterFault])[] = [
    ['nothing', '', 'truncated'],
    ['a candidate less than they say', `00 02 ${there}`, 'truncated'],
    ['a candidate more than they say', `00 01 ${there} ${there}`, 'trailingBytes'],
    ['eight candidates', `00 08 ${there.repeat(8)}`, 'badNumber'],
    ['an address of no family', '00 01 05 cb007107 1388', 'badAddress'],
    ['number 1', '01 00', 'unknownMessage'],
  ];
  for (const [what, hex, fault] of faults)
    test(`${what}: ${fault}`, () => assert.equal(decodeWhereabouts(bytesOf(hex)), fault));

  const any = record({ candidates: fc.array(remotes(), { maxLength: CANDIDATES_MAX }) });
  const known: ReadonlySet<unknown> = new Set(faults.map(([, , fault]) => fault));
  test('come back as they were; damaged ones are a fault, never an exception', () => {
    check(any, (whereabouts) =>
      assert.deepEqual(decodeWhereabouts(encodeWhereabouts(whereabouts)), whereabouts),
    );
    check(
      damaged(any.map(encodeWhereabouts)),
      (bytes) => {
        const decoded = decodeWhereabouts(bytes);
        if (typeof decoded === 'string') assert(known.has(decoded), decoded);
        else assert(decoded.candidates.length <= CANDIDATES_MAX);
      },
      15_000,
    );
  });

  test('name as many addresses as a link tries beside the one that the server saw', () => {
    assert.equal(CANDIDATES_MAX + 1, ADDRESSES_TRIED_MAX);
  });

  test('fit into a request in an envelope, however many and long they are', () => {
    const address = Array(8).fill('2001').join(':');
    const candidates = Array.from({ length: CANDIDATES_MAX }, (_, index) => ({
      address,
      port: 60_000 + index,
    }));
    const offer = new Uint8Array(INITIATION_OVERHEAD + encodeWhereabouts({ candidates }).length);
    const letter = encodeToServer({
      type: 'holePunchRequest',
      ...{ request: nonce, name: 'n'.repeat(63), key: new Uint8Array(32), offer },
    });
    assert(17 + letter.length + SEAL_OVERHEAD <= ENVELOPE_BYTES_MAX);
  });
});

describe('a letter to a peer', () => {
  const written: readonly (readonly [what: string, ToPeer, string])[] = [
    [
      'a probe that asks',
      { type: 'probe', nonce, echo: null, asks: true, observed },
      `00 0102030405060708 02 ${'00'.repeat(8)} ${there}`,
    ],
    [
      'a probe that confirms',
      { type: 'probe', nonce, echo, asks: false, observed },
      `00 0102030405060708 01 1112131415161718 ${there}`,
    ],
    [
      'a probe that does both',
      { type: 'probe', nonce, echo, asks: true, observed },
      `00 0102030405060708 03 1112131415161718 ${there}`,
    ],
    ['data', { type: 'data', bytes: bytesOf('6869') }, '01 6869'],
    ['empty data', { type: 'data', bytes: new Uint8Array() }, '01'],
    ['a goodbye', { type: 'bye' }, '02'],
    ['whereabouts', { type: 'whereabouts', candidates: [observed] }, `03 01 ${there}`],
    ['whereabouts without more', { type: 'whereabouts', candidates: [] }, '03 00'],
  ];
  for (const [what, letter, hex] of written) {
    test(`${what} is laid out as it always was`, () => {
      assert.equal(hexOf(encodeToPeer(letter)), hex.replaceAll(' ', ''));
      assert.deepEqual(decodeToPeer(bytesOf(hex)), letter);
    });
  }

  const faults: readonly (readonly [what: string, hex: string, fault: LetterFault])[] = [
    ['nothing', '', 'truncated'],
    ['a probe without an address', `00 0102030405060708 03 1112131415161718`, 'truncated'],
    ['a goodbye with more', '02 00', 'trailingBytes'],
    ['a probe with unknown flags', `00 0102030405060708 04 1112131415161718 ${there}`, 'badNumber'],
    ['an address of no family', '00 0102030405060708 03 1112131415161718 05 cb007107 1388', 'badAddress'],
    ['eight candidates', `03 08 ${there.repeat(8)}`, 'badNumber'],
    ['number 4', '04', 'unknownMessage'],
  ];
  for (const [what, hex, fault] of faults)
    test(`${what}: ${fault}`, () => assert.equal(decodeToPeer(bytesOf(hex)), fault));

  const any = fc.oneof(
    record({
      type: fc.constant('probe' as const),
      ...{ nonce: raw(ID_BYTES), echo: fc.option(raw(ID_BYTES)), asks: fc.boolean(), observed: remotes() },
    }),
    record({ type: fc.constant('data' as const), bytes: someBytes(DATA_BYTES_MAX) }),
    fc.constant({ type: 'bye' as const }),
    record({
      type: fc.constant('whereabouts' as const),
      candidates: fc.array(remotes(), { maxLength: CANDIDATES_MAX }),
    }),
  );
  const known: ReadonlySet<unknown> = new Set(faults.map(([, , fault]) => fault));
  const judge = (bytes: Uint8Array) => {
    const decoded = decodeToPeer(bytes);
    if (typeof decoded === 'string') assert(known.has(decoded), decoded);
    else assert.deepEqual(decodeToPeer(encodeToPeer(decoded)), decoded);
  };

  test('comes back as it was; a damaged one is a fault, never an exception', () => {
    check(any, (letter) => assert.deepEqual(decodeToPeer(encodeToPeer(letter)), letter));
    check(damaged(any.map(encodeToPeer)), judge, 15_000);
    check(fc.uint8Array({ maxLength: 60 }), judge, 10_000);
  });

  test('with the most data fills an envelope, and does not overflow it', () => {
    const letter = encodeToPeer({ type: 'data', bytes: new Uint8Array(DATA_BYTES_MAX) });
    const sealed = new Uint8Array(letter.length + SEAL_OVERHEAD);
    const envelope = encodeEnvelope({ type: 'pair', pair: nonce, counter: 0, sealed });
    assert.equal(envelope.length, ENVELOPE_BYTES_MAX);
  });
});
