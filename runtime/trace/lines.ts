/** Longer than any record can be. */
export const LINE_BYTES_MAX = 65_536;

export type Line =
  | {
      readonly isTooLong: false;
      readonly bytes: Buffer;
      /** Whether a line end follows. Only the last line may lack it. */
      readonly isTerminated: boolean;
    }
  | { readonly isTooLong: true };

/** Bytes as lines. The first line that is too long is the last. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = bytes.indexOf(LINE_FEED);
      if (end > LINE_BYTES_MAX || (end < 0 && bytes.length > LINE_BYTES_MAX))
        return yield { isTooLong: true };
      if (end < 0) break;
      yield { isTooLong: false, bytes: bytes.subarray(0, end), isTerminated: true };
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield { isTooLong: false, bytes: rest, isTerminated: false };
}

const LINE_FEED = 0x0a;
