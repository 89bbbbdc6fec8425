import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ID_BYTES, KEY_BYTES } from '../../machines/envelope.ts';
import {
  type Admittance,
  type Application,
  decodeAdmittance,
  decodeApplication,
  decodeToClient,
  decodeToServer,
  encodeAdmittance,
  encodeApplication,
  encodeToClient,
  encodeToServer,
  type LetterFault,
  TOKEN_BYTES,
  type ToClient,
  type ToServer,
} from '../../machines/letter-server.ts';
import { bytesOf, check, damaged, hexOf, names, raw, record, remotes, someBytes } from './arbitrary.ts';

const request = bytesOf('2122232425262728');
const key = new Uint8Array(KEY_BYTES).fill(0x4b);
const token = new Uint8Array(TOKEN_BYTES).fill(0x70);
const offer = bytesOf('aabbcc');
const remote = { address: '203.0.113.7', port: 5000 };
const there = '04 cb007107 1388';
const ids = '2122232425262728';

/** The same both ways: encoded it is these bytes, and these bytes are it. */
function laidOut<Letter extends object>(
  letters: readonly (readonly [letter: Letter, hex: string])[],
  encode: (letter: Letter) => Uint8Array,
  decode: (bytes: Uint8Array) => Letter | LetterFault,
): void {
  for (const [letter, hex] of letters) {
    const { type, reason = '' } = letter as { readonly type?: string; readonly reason?: string };
    test(`${type ?? 'it'} ${reason} is laid out as it always was`, () => {
      assert.equal(hexOf(encode(letter)), hex.replaceAll(' ', ''));
      assert.deepEqual(decode(bytesOf(hex)), letter);
    });
  }
}

/** Round trips; and whatever is wrong with damaged bytes, it is one of these faults. */
function heldAgainst<Letter extends object>(
  letters: fc.Arbitrary<Letter>,
  encode: (letter: Letter) => Uint8Array,
  decode: (bytes: Uint8Array) => Letter | LetterFault,
  faults: readonly (readonly [what: string, hex: string, fault: LetterFault])[],
): void {
  for (const [what, hex, fault] of faults)
    test(`${what}: ${fault}`, () => assert.equal(decode(bytesOf(hex)), fault));

  test('comes back as it was', () => {
    check(letters, (letter) => assert.deepEqual(decode(encode(letter)), letter));
  });

  const known: ReadonlySet<unknown> = new Set(faults.map(([, , fault]) => fault));
  const judge = (bytes: Uint8Array) => {
    const decoded = decode(bytes);
    if (typeof decoded === 'string') assert(known.has(decoded), decoded);
    else assert.deepEqual(decode(encode(decoded)), decoded);
  };

  test('any bytes are it, or one of these faults, never an exception', () => {
    const begun = fc.tuple(fc.nat({ max: 24 }), fc.uint8Array({ maxLength: 120 }));
    check(begun, ([number, rest]) => judge(Uint8Array.of(number, ...rest)), 10_000);
    check(damaged(letters.map(encode)), judge, 15_000);
    judge(new Uint8Array());
  });
}

describe('an application', () => {
  const padded = (hex: string) => `${hex} ${'00'.repeat(65 - bytesOf(hex).length)}`;
  laidOut<Application>(
    [[{ name: 'alice' }, padded('00 05 616c696365')]],
    encodeApplication,
    decodeApplication,
  );
  heldAgainst<Application>(record({ name: names() }), encodeApplication, decodeApplication, [
    ['nothing', '', 'truncated'],
    ['a name of four bytes that says five', '00 05 616c6963', 'truncated'],
    ['number 1', padded('01 05 616c696365'), 'unknownMessage'],
    ['a name with a length of four bytes', '00 fc05000000', 'badNumber'],
    ['a name that is not UTF-8', padded('00 01 ff'), 'notUtf8'],
    ['an empty name', padded('00 00'), 'badName'],
    ['padding that says something', '00 05 616c696365 01', 'badPadding'],
  ]);

  test('has 65 bytes with every name, the longest too', () => {
    check(names(), (name) => assert.equal(encodeApplication({ name }).length, 65));
    assert.equal(encodeApplication({ name: 'n'.repeat(63) }).length, 65);
  });
});

describe('an admittance', () => {
  const padded = (hex: string) => `${hex} ${'00'.repeat(28 - bytesOf(hex).length)}`;
  laidOut<Admittance>(
    [
      [{ type: 'admitted', session: request, observed: remote }, padded(`00 ${ids} ${there}`)],
      [{ type: 'refused', reason: 'nameTaken' }, padded('01 00')],
      [{ type: 'refused', reason: 'full' }, padded('01 01')],
    ],
    encodeAdmittance,
    decodeAdmittance,
  );
  const admittances = fc.oneof(
    record({ type: fc.constant('admitted' as const), session: raw(ID_BYTES), observed: remotes() }),
    record({
      type: fc.constant('refused' as const),
      reason: fc.constantFrom('nameTaken' as const, 'full' as const, 'nameInUse' as const),
    }),
  );
  heldAgainst<Admittance>(admittances, encodeAdmittance, decodeAdmittance, [
    ['a session that ends early', '00 212223', 'truncated'],
    ['number 2', padded('02'), 'unknownMessage'],
    ['an address of no family', padded(`00 ${ids} 05 cb007107 1388`), 'badAddress'],
    ['padding that says something', '01 00 01', 'badPadding'],
  ]);

  test('has one size, whatever it says', () => {
    check(admittances, (admittance) => assert.equal(encodeAdmittance(admittance).length, 28));
  });
});

describe('a letter to the server', () => {
  const padded = (hex: string) => `${hex} ${'00'.repeat(Math.max(0, 17 - bytesOf(hex).length))}`;
  laidOut<ToServer>(
    [
      [{ type: 'keepalive' }, padded('00')],
      [{ type: 'lookup', request, name: 'bob' }, padded(`01 ${ids} 03 626f62`)],
      [
        { type: 'holePunchRequest', request, name: 'bob', key, offer },
        `02 ${ids} 03 626f62 ${'4b'.repeat(32)} 03 aabbcc`,
      ],
      [{ type: 'holePunchAccept', request, answer: offer }, padded(`03 ${ids} 03 aabbcc`)],
      [{ type: 'holePunchRefuse', request }, padded(`04 ${ids}`)],
      [{ type: 'pathResponse', token }, `05 ${'70'.repeat(16)}`],
      [{ type: 'bye' }, padded('06')],
    ],
    encodeToServer,
    decodeToServer,
  );
  const id = raw(ID_BYTES);
  const letters = fc.oneof(
    fc.constant({ type: 'keepalive' as const }),
    record({ type: fc.constant('lookup' as const), request: id, name: names() }),
    record({
      type: fc.constant('holePunchRequest' as const),
      ...{ request: id, name: names(), key: raw(KEY_BYTES), offer: someBytes(700) },
    }),
    record({ type: fc.constant('holePunchAccept' as const), request: id, answer: someBytes(700) }),
    record({ type: fc.constant('holePunchRefuse' as const), request: id }),
    record({ type: fc.constant('pathResponse' as const), token: raw(TOKEN_BYTES) }),
    fc.constant({ type: 'bye' as const }),
  );
  heldAgainst<ToServer>(letters, encodeToServer, decodeToServer, [
    ['a token of 15 bytes', `05 ${'70'.repeat(15)}`, 'truncated'],
    ['number 7', padded('07'), 'unknownMessage'],
    ['a number of the server’s', padded('10'), 'unknownMessage'],
    ['an answer with a length of the reserved width', `03 ${ids} ff`, 'badNumber'],
    ['a name that is not UTF-8', `01 ${ids} 01 ff`, 'notUtf8'],
    ['a name with an escape sequence', `01 ${ids} 02 1b5b`, 'badName'],
    ['a keepalive with more', padded('00 01'), 'badPadding'],
  ]);

  test('is never shorter than a path challenge', () => {
    const challenge = encodeToClient({ type: 'pathChallenge', token });
    check(letters, (letter) => assert(encodeToServer(letter).length >= challenge.length));
  });
});

describe('a letter to a client', () => {
  laidOut<ToClient>(
    [
      [{ type: 'keepaliveAck', observed: remote }, `10 ${there}`],
      [{ type: 'found', request, key }, `11 ${ids} ${'4b'.repeat(32)}`],
      [
        { type: 'holePunchInitiate', request, name: 'bob', key, remote, offer },
        `12 ${ids} 03 626f62 ${'4b'.repeat(32)} ${there} 03 aabbcc`,
      ],
      [
        { type: 'holePunchAnswer', request, remote, answer: offer, startInMs: 300 },
        `13 ${ids} ${there} 03 aabbcc 012c`,
      ],
      [{ type: 'start', request, startInMs: 300 }, `14 ${ids} 012c`],
      [{ type: 'holePunchResponseUnknown', request }, `15 ${ids}`],
      [{ type: 'pathChallenge', token }, `16 ${'70'.repeat(16)}`],
    ],
    encodeToClient,
    decodeToClient,
  );
  const id = raw(ID_BYTES);
  const startInMs = fc.integer({ min: 0, max: 65_535 });
  const letters = fc.oneof(
    record({ type: fc.constant('keepaliveAck' as const), observed: remotes() }),
    record({ type: fc.constant('found' as const), request: id, key: raw(KEY_BYTES) }),
    record({
      type: fc.constant('holePunchInitiate' as const),
      ...{ request: id, name: names(), key: raw(KEY_BYTES), remote: remotes(), offer: someBytes(700) },
    }),
    record({
      type: fc.constant('holePunchAnswer' as const),
      ...{ request: id, remote: remotes(), answer: someBytes(700), startInMs },
    }),
    record({ type: fc.constant('start' as const), request: id, startInMs }),
    record({ type: fc.constant('holePunchResponseUnknown' as const), request: id }),
    record({ type: fc.constant('pathChallenge' as const), token: raw(TOKEN_BYTES) }),
  );
  heldAgainst<ToClient>(letters, encodeToClient, decodeToClient, [
    ['a key of 31 bytes', `11 ${ids} ${'4b'.repeat(31)}`, 'truncated'],
    ['an Unknown with more', `15 ${ids} 00`, 'trailingBytes'],
    ['number 23', '17', 'unknownMessage'],
    ['a number of the client’s', '00', 'unknownMessage'],
    ['an answer with a length of four bytes', `13 ${ids} ${there} fc03000000`, 'badNumber'],
    ['a name that is not UTF-8', `12 ${ids} 01 ff`, 'notUtf8'],
    ['an empty name', `12 ${ids} 00`, 'badName'],
    ['an address of no family', '10 05 cb007107 1388', 'badAddress'],
  ]);
});
