import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partsOf } from '../../cli/input.ts';

const table: readonly (readonly [string, number, readonly string[]])[] = [
  ['', 4, ['']],
  ['abcd', 4, ['abcd']],
  ['abcde', 4, ['abcd', 'e']],
  ['abcdefgh', 4, ['abcd', 'efgh']],
  ['aébc', 4, ['aéb', 'c']],
  ['abcé', 4, ['abc', 'é']],
  ['🙂🙂', 4, ['🙂', '🙂']],
  ['a🙂', 4, ['a', '🙂']],
];

describe('a line in parts', () => {
  for (const [text, room, parts] of table) {
    it(`of ${room} bytes: ${JSON.stringify(text)}`, () => assert.deepEqual(partsOf(text, room), parts));
  }

  it('loses nothing, breaks no character and fits, whatever the text and the room', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.integer({ min: 4, max: 126 }),
        (text, room) => {
          const parts = partsOf(text, room);
          assert.equal(parts.join(''), text);
          for (const part of parts) {
            assert.ok(Buffer.byteLength(part) <= room);
            assert.doesNotMatch(part, /\p{Cs}/u);
          }
          assert.ok(parts.length === 1 || parts.every((part) => part !== ''));
        },
      ),
    );
  });
});
