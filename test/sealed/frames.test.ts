import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DATA_BYTES_MAX } from '../../machines/letter-peer.ts';
import {
  DATAGRAM_BYTES_MAX,
  decodeFrame,
  encodeFrame,
  type Frame,
  LINE_BYTES_MAX,
} from '../../runtime/sealed/frames.ts';

const number = fc.integer({ min: 0, max: 0xffffffff });

const frames = fc.oneof<fc.Arbitrary<Frame>[]>(
  fc.record({
    type: fc.constant('datagram' as const),
    bytes: fc.uint8Array({ maxLength: DATAGRAM_BYTES_MAX }),
  }),
  fc.record({
    type: fc.constant('line' as const),
    number,
    text: fc.string({ unit: 'binary', maxLength: LINE_BYTES_MAX / 4 }),
  }),
  fc.record({ type: fc.constant('acknowledgement' as const), next: number }),
);

describe('a frame', () => {
  test('is read as it was written, and fits', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const bytes = encodeFrame(frame);
        assert.ok(bytes.length <= DATA_BYTES_MAX);
        assert.deepEqual(decodeFrame(bytes), { ...frame });
      }),
    );
  });

  test('looks like this', () => {
    assert.deepEqual([...encodeFrame({ type: 'datagram', bytes: Uint8Array.of(7) })], [0, 7]);
    assert.deepEqual(
      [...encodeFrame({ type: 'line', number: 0x01020304, text: 'é' })],
      [1, 1, 2, 3, 4, 0xc3, 0xa9],
    );
    assert.deepEqual([...encodeFrame({ type: 'acknowledgement', next: 258 })], [2, 0, 0, 1, 2]);
  });

  test('that is none is told by its fault', () => {
    assert.equal(decodeFrame(new Uint8Array()), 'truncated');
    assert.equal(decodeFrame(Uint8Array.of(3)), 'unknownFrame');
    assert.equal(decodeFrame(Uint8Array.of(2, 0, 0, 0)), 'truncated');
    assert.equal(decodeFrame(Uint8Array.of(2, 0, 0, 0, 1, 0)), 'trailingBytes');
    assert.equal(decodeFrame(Uint8Array.of(1, 0, 0, 0, 1, 0xff)), 'notUtf8');
    assert.equal(decodeFrame(new Uint8Array(LINE_BYTES_MAX + 6).fill(1)), 'tooLong');
  });

  test('of any bytes never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => void decodeFrame(bytes)));
  });
});
