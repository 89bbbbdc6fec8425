import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { Names } from '../../runtime/tables/names.ts';
import { Queue } from '../../runtime/tables/queue.ts';
import { NONE, Records } from '../../runtime/tables/records.ts';
import { SeededHash } from '../../runtime/tables/seeded-hash.ts';
import { SlotIndex } from '../../runtime/tables/slot-index.ts';

const SEED = 20_261_129;

describe('an index of slots', () => {
  it('holds what a map holds, however hashes meet', () => {
    // Few hashes, some of which are neighbours at the table's end.
    const hash = fc.constantFrom(0, 1, 2, 62, 63, 64, 127, 0xffff_ffff);
    const move = fc.record({ isAdded: fc.boolean(), slot: fc.nat(150), hash });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 300 }), (moves) => {
        const index = new SlotIndex();
        const hashes = new Map<number, number>();
        for (const { isAdded, slot, hash } of moves) {
          const known = hashes.get(slot);
          if (isAdded && known === undefined) {
            index.add(hash, slot);
            hashes.set(slot, hash);
          } else if (!isAdded) {
            index.remove(known ?? hash, slot);
            hashes.delete(slot);
          }
        }
        assert.equal(index.size, hashes.size);
        for (let slot = 0; slot <= 150; slot += 1) {
          const hash = hashes.get(slot) ?? 0;
          assert.equal(
            index.find(hash, (found) => found === slot),
            hashes.has(slot) ? slot : NONE,
          );
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('looks at few others for each look-up, whoever chooses the keys without knowing the seed', () => {
    for (const [what, keys] of Object.entries(chosenKeys())) {
      const hash = new SeededHash(seededRandom(SEED));
      const index = new SlotIndex();
      const hashes = keys.map((key) => hash.of(key, 0, key.length));
      for (const [slot, hash] of hashes.entries()) index.add(hash, slot);
      let compared = 0;
      for (const [slot, hash] of hashes.entries())
        index.find(hash, (found) => {
          compared += 1;
          return found === slot;
        });
      assert.ok(compared < keys.length * 1.01, `${what}: ${compared} for ${keys.length}`);
      assert.ok(longestRun(hashes) < 400, `${what}: ${longestRun(hashes)} in a row`);
    }
  });
});

describe('a seeded hash', () => {
  it('is another one for another seed: keys that meet under one do not under the next', () => {
    const first = new SeededHash(seededRandom(1));
    const key = (number: number) => Uint32Array.of(number, 0, 0xffff, 0x7f000001, 1024);
    const places = new Map<number, number[]>();
    for (let number = 0; number < 200_000; number += 1) {
      const place = first.of(key(number), 0, 5) & 0xffff;
      places.set(place, [...(places.get(place) ?? []), number]);
    }
    const [meeting = []] = [...places.values()].sort((one, other) => other.length - one.length);
    assert.ok(meeting.length >= 10);
    for (let seed = 2; seed < 10; seed += 1) {
      const other = new SeededHash(seededRandom(seed));
      assert.ok(
        new Set(meeting.map((number) => other.of(key(number), 0, 5) & 0xffff)).size > meeting.length / 2,
      );
    }
  });

  it('changes about half of its bits with each bit of the key', () => {
    const hash = new SeededHash(seededRandom(SEED));
    for (let word = 0; word < 5; word += 1)
      for (let bit = 0; bit < 32; bit += 1) {
        let changed = 0;
        for (let number = 0; number < 200; number += 1) {
          const key = Uint32Array.of(number, number * 7, 3, number, 5);
          const before = hash.of(key, 0, 5);
          key[word] = (key[word] as number) ^ (1 << bit);
          changed += bitsIn(before ^ hash.of(key, 0, 5));
        }
        assert.ok(Math.abs(changed / 200 - 16) < 2, `word ${word}, bit ${bit}: ${changed / 200}`);
      }
  });

  it('tells keys of different lengths apart', () => {
    const hash = new SeededHash(seededRandom(SEED));
    const zeros = new Uint32Array(16);
    const hashes = Array.from({ length: 16 }, (_, count) => hash.of(zeros, 0, count));
    assert.equal(new Set(hashes).size, 16);
  });
});

describe('records', () => {
  it('are used again when they are free, and zero then', () => {
    const records = new Records(4);
    const slots = Array.from({ length: 1000 }, () => records.take());
    assert.equal(new Set(slots).size, 1000);
    for (const slot of slots) records.words.fill(slot + 1, slot * 4, slot * 4 + 4);
    for (const slot of slots)
      assert.deepEqual([...records.words.subarray(slot * 4, slot * 4 + 4)], Array(4).fill(slot + 1));
    const room = records.words.length;
    for (const slot of slots) records.free(slot);
    for (let number = 0; number < 1000; number += 1) {
      const slot = records.take();
      assert.deepEqual([...records.words.subarray(slot * 4, slot * 4 + 4)], [0, 0, 0, 0]);
    }
    assert.equal(records.words.length, room);
    assert.equal(records.inUse, 1000);
  });
});

describe('a queue', () => {
  it('has the order of a list, whatever is taken out of it and put at its end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (moves) => {
        const records = new Records(2);
        for (let slot = 0; slot <= 20; slot += 1) records.take();
        const queue = new Queue(records, { before: 0, after: 1 });
        const list: number[] = [];
        for (const slot of moves) {
          const place = list.indexOf(slot);
          if (place < 0) {
            queue.append(slot);
            list.push(slot);
          } else {
            queue.remove(slot);
            list.splice(place, 1);
          }
          assert.equal(queue.first, list[0] ?? NONE);
        }
        for (const slot of list) {
          assert.equal(queue.first, slot);
          queue.remove(slot);
        }
        assert.equal(queue.first, NONE);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('names', () => {
  it('are kept as they are, each by its reference, and give room back', () => {
    const hash = new SeededHash(seededRandom(SEED));
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.boolean()), { maxLength: 300 }), (moves) => {
        const names = new Names();
        const kept: { name: string; reference: number; length: number }[] = [];
        for (const [name, isFreed] of moves) {
          names.seekText(name);
          assert.equal(names.soughtText, name);
          kept.push({ name, reference: names.put(), length: names.length });
          const first = isFreed ? kept.shift() : undefined;
          if (first !== undefined) names.free(first.reference, first.length);
        }
        for (const { name, reference, length } of kept) {
          assert.equal(names.text(reference, length), name);
          names.seekText(name);
          assert.ok(names.isSought(reference, length));
          assert.equal(names.hash(hash), names.hashKept(hash, reference, length));
          names.seekText(`${name}!`);
          assert.ok(!names.isSought(reference, length));
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

/** Keys that meet in plain hash tables: many with equal low bits, high bits, sums, or that follow each other. */
function chosenKeys(): Readonly<Record<string, readonly Uint32Array[]>> {
  const make = (word: (number: number) => readonly number[]) =>
    Array.from({ length: 50_000 }, (_, number) => Uint32Array.from(word(number)));
  return {
    'addresses in a row': make((number) => [0, 0, 0xffff, 0x7f000000 + number, 5000]),
    'multiples of a power of two': make((number) => [0, 0, 0xffff, number * 65_536, 5000]),
    'equal sums': make((number) => [number, -number, 0, 0, 5000]),
    'the same word again': make((number) => [number, number, number, number, number]),
    'ports and addresses that cancel each other': make((number) => [0, 0, 0, number, number]),
  };
}

/** The longest row of places in use, with as many places as the index would have. */
function longestRun(hashes: readonly number[]): number {
  const mask = 2 ** Math.ceil(Math.log2(hashes.length / 0.75)) - 1;
  const used = new Set<number>();
  for (const hash of hashes) {
    let place = hash & mask;
    while (used.has(place)) place = (place + 1) & mask;
    used.add(place);
  }
  let [longest, run] = [0, 0];
  for (let place = 0; place <= mask; place += 1) {
    run = used.has(place) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function bitsIn(word: number): number {
  let bits = 0;
  for (let left = word >>> 0; left > 0; left = Math.floor(left / 2)) bits += left % 2;
  return bits;
}
