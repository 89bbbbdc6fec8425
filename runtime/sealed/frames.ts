/**
 * What two peers put into the Data that they seal for each other.
 *
 *     0 datagram         its bytes
 *     1 line             number of four bytes, big-endian; UTF-8
 *     2 acknowledgement  number of the next line that is expected
 *
 * Numbers from 3 on are free for streams.
 */
import { Reader, type ReadFault, Writer } from '../../machines/bytes.ts';
import { DATA_BYTES_MAX } from '../../machines/letter-peer.ts';

export type Frame =
  | { readonly type: 'datagram'; readonly bytes: Uint8Array }
  | { readonly type: 'line'; readonly number: number; readonly text: string }
  | { readonly type: 'acknowledgement'; readonly next: number };

export type FrameFault = ReadFault | 'unknownFrame' | 'tooLong';

/** The longest datagram that a user may send. */
export const DATAGRAM_BYTES_MAX = DATA_BYTES_MAX - 1;

/** The longest line, in bytes of UTF-8. */
export const LINE_BYTES_MAX = 1000;

export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'datagram':
      return new Writer().byte(0).raw(frame.bytes).done();
    case 'line':
      return long(new Writer().byte(1), frame.number).raw(new TextEncoder().encode(frame.text)).done();
    case 'acknowledgement':
      return long(new Writer().byte(2), frame.next).done();
  }
}

/** Never throws. */
export function decodeFrame(bytes: Uint8Array): Frame | FrameFault {
  const reader = new Reader(bytes);
  const frame = readFrame(reader);
  return typeof frame === 'string' ? frame : (reader.fault ?? frame);
}

function readFrame(reader: Reader): Frame | FrameFault {
  switch (reader.byte()) {
    case 0:
      return { type: 'datagram', bytes: reader.rest() };
    case 1: {
      const number = readLong(reader);
      const bytes = reader.rest();
      if (bytes.length > LINE_BYTES_MAX) return 'tooLong';
      try {
        return { type: 'line', number, text: strictUtf8.decode(bytes) };
      } catch {
        return 'notUtf8';
      }
    }
    case 2:
      return { type: 'acknowledgement', next: readLong(reader) };
    default:
      return 'unknownFrame';
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function long(writer: Writer, value: number): Writer {
  return writer.short(Math.floor(value / 65_536)).short(value % 65_536);
}

function readLong(reader: Reader): number {
  return reader.short() * 65_536 + reader.short();
}

/** Why a text is no line; undefined if it is one. */
export function lineFault(text: string): string | undefined {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > LINE_BYTES_MAX) {
    return `A text of ${bytes.length} bytes does not fit: a line carries ${LINE_BYTES_MAX}. Send it in parts.`;
  }
  // Half of a surrogate pair has no UTF-8, and would arrive as another character.
  if (new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) !== text) {
    return 'This text is not well-formed Unicode: a character of it is cut in half. Cut it elsewhere.';
  }
  return undefined;
}
