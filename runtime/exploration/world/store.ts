/** All states found, packed one after the other, and a hash set with open addressing over their numbers. */
export type Store = {
  readonly size: number;
  /** The words of all states; state `n` begins at `n * words`. Replaced when it grows. */
  readonly words: Uint32Array;
  /** The number of the state in `row`, which is entered if it is new: then `size` has grown. */
  enter(row: Uint32Array): number;
  /** Memory that it holds. */
  readonly bytes: number;
};

export function createStore(words: number): Store {
  let capacity = 1 << 16;
  let states = new Uint32Array(capacity * words);
  let slots = new Int32Array(capacity * 2).fill(-1);
  let size = 0;

  const hash = (from: Uint32Array, at: number): number => {
    let value = 0x9e3779b9;
    for (let index = 0; index < words; index += 1) {
      value = Math.imul(value ^ (from[at + index] as number), 0x85ebca6b);
      value ^= value >>> 15;
    }
    value = Math.imul(value, 0xc2b2ae35);
    return (value ^ (value >>> 16)) >>> 0;
  };

  const grow = () => {
    capacity *= 2;
    const more = new Uint32Array(capacity * words);
    more.set(states);
    states = more;
    slots = new Int32Array(capacity * 2).fill(-1);
    const mask = slots.length - 1;
    for (let state = 0; state < size; state += 1) {
      let slot = hash(states, state * words) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = state;
    }
  };

  const isAt = (state: number, row: Uint32Array): boolean => {
    const at = state * words;
    for (let index = 0; index < words; index += 1) if (states[at + index] !== row[index]) return false;
    return true;
  };

  return {
    get size() {
      return size;
    },
    get words() {
      return states;
    },
    get bytes() {
      return states.byteLength + slots.byteLength;
    },
    enter: (row) => {
      const mask = slots.length - 1;
      let slot = hash(row, 0) & mask;
      for (let state = slots[slot] as number; state >= 0; state = slots[slot] as number) {
        if (isAt(state, row)) return state;
        slot = (slot + 1) & mask;
      }
      if (size === capacity) {
        grow();
        return insertAgain(row);
      }
      states.set(row, size * words);
      slots[slot] = size;
      size += 1;
      return size - 1;
    },
  };

  function insertAgain(row: Uint32Array): number {
    const mask = slots.length - 1;
    let slot = hash(row, 0) & mask;
    while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    states.set(row, size * words);
    slots[slot] = size;
    size += 1;
    return size - 1;
  }
}
