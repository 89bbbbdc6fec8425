/** A composed state as a row of small numbers while it is worked on, and as a few 32-bit words while it is kept. */
export type Layout = {
  /** How many fields a row has. */
  readonly width: number;
  /** How many words it is packed into. */
  readonly words: number;
  pack(row: Int32Array, into: Uint32Array, at: number): void;
  unpack(from: Uint32Array, at: number, row: Int32Array): void;
};

/** A layout for fields that hold at most these values. No field lies across two words. */
export function layoutFor(highest: readonly number[]): Layout {
  const width = highest.length;
  const bits = highest.map((value) => Math.max(1, 32 - Math.clz32(value)));
  const wordOf = new Uint8Array(width);
  const shiftOf = new Uint8Array(width);
  const maskOf = Uint32Array.from(bits, (count) => 2 ** count - 1);
  let word = 0;
  let used = 0;
  for (const [field, count] of bits.entries()) {
    if (used + count > 32) {
      word += 1;
      used = 0;
    }
    wordOf[field] = word;
    shiftOf[field] = used;
    used += count;
  }
  const words = word + 1;
  return {
    width,
    words,
    pack: (row, into, at) => {
      for (let index = 0; index < words; index += 1) into[at + index] = 0;
      for (let field = 0; field < width; field += 1) {
        const target = at + (wordOf[field] as number);
        into[target] =
          ((into[target] as number) | ((row[field] as number) << (shiftOf[field] as number))) >>> 0;
      }
    },
    unpack: (from, at, row) => {
      for (let field = 0; field < width; field += 1) {
        const value = (from[at + (wordOf[field] as number)] as number) >>> (shiftOf[field] as number);
        row[field] = value & (maskOf[field] as number);
      }
    },
  };
}
