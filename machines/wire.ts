/**
 * The bytes of protocol 1, which are those of the original demonstration: one Rust enum in bincode 2's standard
 * configuration. A message is its number, then its fields; a number is a varint (below 251 one byte; else 0xfb and
 * u16, 0xfc and u32, 0xfd and u64, all little-endian); a string is its byte length as a varint, then UTF-8.
 *
 *     00 02 68 69                       Message("hi")
 *     01 05 61 6c 69 63 65              Register("alice")
 *     02                                RegisterAck
 *     03 03 62 6f 62                    HolePunchRequest("bob")
 *     04                                HolePunchResponseUnknown
 *     05 03 62 6f 62 10 32 30 …         HolePunchInitiate("bob", "203.0.113.7:5000")
 */
import { type Endpoint, formatEndpoint, isUnicast, parseEndpoint, withoutZone } from './endpoint.ts';
import { NAME_BYTES_MAX, nameFault } from './name.ts';

/** The original reads into a buffer of this many bytes and dies of a longer datagram. */
export const DATAGRAM_BYTES_MAX = 128;

/** The longest text of a {@link Message} in bytes of UTF-8: the datagram less the number and the length. */
export const TEXT_BYTES_MAX = DATAGRAM_BYTES_MAX - 2;

export type Message =
  /** Peer to peer: what a user said, or the greeting that opens and holds the path. */
  | { readonly type: 'message'; readonly text: string }
  /** Client to server: let me be found under this name, at the address this came from. */
  | { readonly type: 'register'; readonly name: string }
  /** Server to client: you can be found. */
  | { readonly type: 'registerAck' }
  /** Client to server: introduce me to the client of this name. */
  | { readonly type: 'holePunchRequest'; readonly name: string }
  /** Server to client: no such introduction, because one of the two is not registered or the name was refused. */
  | { readonly type: 'holePunchResponseUnknown' }
  /** Server to both clients: send to this client at this address, now. */
  | { readonly type: 'holePunchInitiate'; readonly name: string; readonly remote: Endpoint };

/** Why a datagram is not a message. */
export type Malformed =
  | 'empty'
  | 'tooLong'
  | 'truncated'
  | 'trailingBytes'
  | 'badNumber'
  | 'unknownMessage'
  | 'notUtf8'
  | 'badName'
  | 'badAddress';

/** The bytes of a message. The caller has checked names ({@link nameFault}) and texts ({@link TEXT_BYTES_MAX}). */
export function encode(message: Message): Uint8Array {
  switch (message.type) {
    case 'message':
      return concat(0, utf8(message.text));
    case 'register':
      return concat(1, utf8(message.name));
    case 'registerAck':
      return Uint8Array.of(2);
    case 'holePunchRequest':
      return concat(3, utf8(message.name));
    case 'holePunchResponseUnknown':
      return Uint8Array.of(4);
    case 'holePunchInitiate':
      return concat(5, utf8(message.name), utf8(formatEndpoint(withoutZone(message.remote))));
  }
}

/** The message that a datagram's bytes are, or why they are none. Never throws. */
export function decode(bytes: Uint8Array): Message | Malformed {
  if (bytes.length === 0) return 'empty';
  if (bytes.length > DATAGRAM_BYTES_MAX) return 'tooLong';
  const reader: Reader = { bytes, offset: 0 };
  const message = readMessage(reader);
  if (typeof message !== 'string' && reader.offset < bytes.length) return 'trailingBytes';
  return message;
}

/**
 * The number of the message in the first `length` bytes, if that is one of a name in the form that almost all have: with
 * a length of one byte, and nothing but printable ASCII, which any name may be. The name begins at
 * {@link NAME_START}, and goes to the end. 0 for all others, well-formed or not: those are for {@link decode}.
 */
export function plainNameMessage(bytes: Uint8Array, length: number): number {
  const number = bytes[0] as number;
  const end = NAME_START + (bytes[1] as number);
  if ((number !== REGISTER && number !== HOLE_PUNCH_REQUEST) || end !== length) return 0;
  if (length === NAME_START || length > NAME_START + NAME_BYTES_MAX) return 0;
  for (let index = NAME_START; index < length; index += 1) {
    const byte = bytes[index] as number;
    if (byte < 0x20 || byte > 0x7e) return 0;
  }
  return number;
}

/**
 * Writes a HolePunchInitiate into `out`, where the name already is, at {@link NAME_START}, with so many bytes. Gives the
 * length of the message.
 */
export function writeIntroduction(out: Uint8Array, nameLength: number, remote: Endpoint): number {
  const text = formatEndpoint(withoutZone(remote));
  const start = NAME_START + nameLength;
  out[0] = HOLE_PUNCH_INITIATE;
  out[1] = nameLength;
  out[start] = text.length;
  for (let index = 0; index < text.length; index += 1) out[start + 1 + index] = text.charCodeAt(index);
  return start + 1 + text.length;
}

const HOLE_PUNCH_INITIATE = 5;

/** The numbers of the messages that a server of protocol 1 is there for. */
export const REGISTER = 1;
export const HOLE_PUNCH_REQUEST = 3;

/** After the number and the length. */
export const NAME_START = 2;

type Reader = { readonly bytes: Uint8Array; offset: number };

function readMessage(reader: Reader): Message | Malformed {
  const number = readNumber(reader);
  switch (number) {
    case 0:
      return withText(reader, (text) => ({ type: 'message', text }));
    case 1:
      return withName(reader, (name) => ({ type: 'register', name }));
    case 2:
      return { type: 'registerAck' };
    case 3:
      return withName(reader, (name) => ({ type: 'holePunchRequest', name }));
    case 4:
      return { type: 'holePunchResponseUnknown' };
    case 5:
      return withName(reader, (name) =>
        withText(reader, (text) => {
          const remote = parseEndpoint(text);
          return remote !== undefined && isUnicast(remote)
            ? { type: 'holePunchInitiate', name, remote }
            : 'badAddress';
        }),
      );
    default:
      return typeof number === 'string' ? number : 'unknownMessage';
  }
}

function withName(reader: Reader, make: (name: string) => Message | Malformed): Message | Malformed {
  return withText(reader, (name) => (nameFault(name) === undefined ? make(name) : 'badName'));
}

function withText(reader: Reader, make: (text: string) => Message | Malformed): Message | Malformed {
  const length = readNumber(reader);
  if (typeof length === 'string') return length;
  const { bytes, offset } = reader;
  if (length > bytes.length - offset) return 'truncated';
  reader.offset = offset + length;
  try {
    return make(strictUtf8.decode(bytes.subarray(offset, reader.offset)));
  } catch {
    return 'notUtf8';
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readNumber(reader: Reader): number | Malformed {
  const first = reader.bytes[reader.offset];
  if (first === undefined) return 'truncated';
  reader.offset += 1;
  if (first < 251) return first;
  if (first > 253) return 'badNumber';
  const width = first === 251 ? 2 : first === 252 ? 4 : 8;
  if (reader.offset + width > reader.bytes.length) return 'truncated';
  let value = 0;
  for (let index = width - 1; index >= 0; index -= 1) {
    value = value * 256 + (reader.bytes[reader.offset + index] ?? 0);
  }
  reader.offset += width;
  return value;
}

function concat(number: number, ...strings: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(strings.reduce((sum, string) => sum + 1 + string.length, 1));
  bytes[0] = number;
  let offset = 1;
  for (const string of strings) {
    bytes[offset] = string.length;
    bytes.set(string, offset + 1);
    offset += 1 + string.length;
  }
  return bytes;
}

const encoder = new TextEncoder();

function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
