import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DATAGRAM_BYTES_MAX, decode, encode, type Message, TEXT_BYTES_MAX } from '../../machines/wire.ts';
import { check, names, record, remotes } from './arbitrary.ts';

const reasons = new Set([
  'empty',
  'tooLong',
  'truncated',
  'trailingBytes',
  'badNumber',
  'unknownMessage',
  'notUtf8',
  'badName',
  'badAddress',
]);

describe('any message', () => {
  test('comes back as it was', () => {
    check(messages(), (message) => assert.deepEqual(decode(encode(message)), message));
  });

  test('fits into the buffer of the original', () => {
    check(messages(), (message) => assert.ok(encode(message).length <= DATAGRAM_BYTES_MAX));
  });

  test('cut short anywhere is not a message', () => {
    check(messages(), (message) => {
      const bytes = encode(message);
      for (let length = 1; length < bytes.length; length += 1) {
        assert.equal(decode(bytes.subarray(0, length)), 'truncated');
      }
    });
  });

  test('followed by anything is not a message', () => {
    const longer = fc.tuple(messages(), fc.uint8Array({ minLength: 1, maxLength: 8 }));
    check(longer, ([message, more]) => {
      const bytes = Uint8Array.of(...encode(message), ...more);
      assert.equal(decode(bytes), bytes.length > DATAGRAM_BYTES_MAX ? 'tooLong' : 'trailingBytes');
    });
  });

  test('does not keep the bytes it was read from', () => {
    check(messages(), (message) => {
      const bytes = encode(message);
      const decoded = decode(bytes);
      bytes.fill(0xff);
      assert.deepEqual(decoded, message);
    });
  });
});

describe('any bytes', () => {
  test('are a message or one reason, never an exception', () => {
    check(fc.uint8Array({ maxLength: 160 }), judge);
  });

  test('also if they begin like a message', () => {
    const begun = fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 130 }),
    );
    check(begun, ([number, length, rest]) => judge(Uint8Array.of(number, length, ...rest)));
  });

  test('also if they are a message with a few bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    check(fc.tuple(messages(), changes), ([message, changed]) => {
      const bytes = encode(message);
      for (const [place, value] of changed) bytes[place % bytes.length] = value;
      judge(bytes);
    });
  });
});

/** A message that is accepted can be sent on as it is. */
function judge(bytes: Uint8Array): void {
  const decoded = decode(bytes);
  if (typeof decoded === 'string') assert.ok(reasons.has(decoded));
  else assert.deepEqual(decode(encode(decoded)), decoded);
}

function messages(): fc.Arbitrary<Message> {
  return fc.oneof(
    record({ type: fc.constant('message' as const), text: texts() }),
    record({ type: fc.constant('register' as const), name: names() }),
    fc.constant({ type: 'registerAck' as const }),
    record({ type: fc.constant('holePunchRequest' as const), name: names() }),
    fc.constant({ type: 'holePunchResponseUnknown' as const }),
    record({ type: fc.constant('holePunchInitiate' as const), name: names(), remote: remotes() }),
  );
}

function texts(): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: TEXT_BYTES_MAX })
    .filter((text) => new TextEncoder().encode(text).length <= TEXT_BYTES_MAX);
}
