/**
 * What a client and its server say inside the envelopes of protocol 2: the two payloads of a registration's handshake,
 * and what they seal for each other from then on.
 */
import { Reader, type ReadFault, Writer } from './bytes.ts';
import type { Endpoint } from './endpoint.ts';
import { COOKIE_BYTES, ID_BYTES, KEY_BYTES } from './envelope.ts';

/** In Register: who wants to be found. Always of one size, so that names do not show. */
export type Application = { readonly name: string };

/** In RegisterAck. */
export type Admittance =
  | { readonly type: 'admitted'; readonly session: Uint8Array; readonly observed: Endpoint }
  | { readonly type: 'refused'; readonly reason: RefusalReason };

export type RefusalReason = (typeof refusalReasons)[number];

/** By their numbers: the name belongs to another key, there is no room, a client of protocol 1 has the name now. */
const refusalReasons = ['nameTaken', 'full', 'nameInUse'] as const;

/** Sealed by a client for its server. `request` is an id of the caller's choice, the same however often it asks. */
export type ToServer =
  | { readonly type: 'keepalive' }
  | { readonly type: 'lookup'; readonly request: Uint8Array; readonly name: string }
  | {
      readonly type: 'holePunchRequest';
      readonly request: Uint8Array;
      /** Whom: a name, and the key that it must have. One key may have several names. */
      readonly name: string;
      readonly key: Uint8Array;
      readonly offer: Uint8Array;
    }
  | { readonly type: 'holePunchAccept'; readonly request: Uint8Array; readonly answer: Uint8Array }
  | { readonly type: 'holePunchRefuse'; readonly request: Uint8Array }
  | { readonly type: 'pathResponse'; readonly token: Uint8Array }
  | { readonly type: 'bye' };

/** Sealed by the server for a client. */
export type ToClient =
  | { readonly type: 'keepaliveAck'; readonly observed: Endpoint }
  | { readonly type: 'found'; readonly request: Uint8Array; readonly key: Uint8Array }
  /** To who is called. */
  | {
      readonly type: 'holePunchInitiate';
      readonly request: Uint8Array;
      readonly name: string;
      readonly key: Uint8Array;
      readonly remote: Endpoint;
      readonly offer: Uint8Array;
    }
  /** To who called. */
  | {
      readonly type: 'holePunchAnswer';
      readonly request: Uint8Array;
      readonly remote: Endpoint;
      readonly answer: Uint8Array;
      readonly startInMs: number;
    }
  | { readonly type: 'start'; readonly request: Uint8Array; readonly startInMs: number }
  | { readonly type: 'holePunchResponseUnknown'; readonly request: Uint8Array }
  | { readonly type: 'pathChallenge'; readonly token: Uint8Array };

export type LetterFault = ReadFault | 'unknownMessage';

export const TOKEN_BYTES = COOKIE_BYTES;

/** The bytes of a path challenge. */
const TO_SERVER_BYTES_MIN = 1 + TOKEN_BYTES;

/** A name of 63 bytes, its length, the number. */
const APPLICATION_BYTES = 65;

/** The longer of the two, with an IPv6 address. */
const ADMITTANCE_BYTES = 28;

export function encodeApplication({ name }: Application): Uint8Array {
  return new Writer().byte(0).text(name).paddingTo(APPLICATION_BYTES).done();
}

export function decodeApplication(bytes: Uint8Array): Application | LetterFault {
  return read(bytes, (reader) => {
    if (reader.byte() !== 0) return 'unknownMessage';
    const name = reader.name();
    reader.padding();
    return { name };
  });
}

export function encodeAdmittance(admittance: Admittance): Uint8Array {
  const writer =
    admittance.type === 'admitted'
      ? new Writer().byte(0).raw(admittance.session).endpoint(admittance.observed)
      : new Writer().byte(1).byte(refusalReasons.indexOf(admittance.reason));
  return writer.paddingTo(ADMITTANCE_BYTES).done();
}

export function decodeAdmittance(bytes: Uint8Array): Admittance | LetterFault {
  return read(bytes, (reader): Admittance | LetterFault => {
    const number = reader.byte();
    if (number > 1) return 'unknownMessage';
    const admittance: Admittance =
      number === 0
        ? { type: 'admitted', session: reader.raw(ID_BYTES), observed: reader.endpoint() }
        : { type: 'refused', reason: refusalReasons[reader.byte()] ?? 'full' };
    reader.padding();
    return admittance;
  });
}

/** Zeros make every letter as long as a path challenge: no spoofed address is sent more than was sent in its name. */
export function encodeToServer(letter: ToServer): Uint8Array {
  return writeToServer(letter).paddingTo(TO_SERVER_BYTES_MIN).done();
}

function writeToServer(letter: ToServer): Writer {
  switch (letter.type) {
    case 'keepalive':
      return new Writer().byte(0);
    case 'lookup':
      return new Writer().byte(1).raw(letter.request).text(letter.name);
    case 'holePunchRequest':
      return new Writer().byte(2).raw(letter.request).text(letter.name).raw(letter.key).bytes(letter.offer);
    case 'holePunchAccept':
      return new Writer().byte(3).raw(letter.request).bytes(letter.answer);
    case 'holePunchRefuse':
      return new Writer().byte(4).raw(letter.request);
    case 'pathResponse':
      return new Writer().byte(5).raw(letter.token);
    case 'bye':
      return new Writer().byte(6);
  }
}

export function decodeToServer(bytes: Uint8Array): ToServer | LetterFault {
  return read(bytes, (reader) => {
    const letter = readToServer(reader);
    reader.padding();
    return letter;
  });
}

function readToServer(reader: Reader): ToServer | LetterFault {
  switch (reader.byte()) {
    case 0:
      return { type: 'keepalive' };
    case 1:
      return { type: 'lookup', request: reader.raw(ID_BYTES), name: reader.name() };
    case 2:
      return {
        type: 'holePunchRequest',
        request: reader.raw(ID_BYTES),
        name: reader.name(),
        key: reader.raw(KEY_BYTES),
        offer: reader.bytes(),
      };
    case 3:
      return { type: 'holePunchAccept', request: reader.raw(ID_BYTES), answer: reader.bytes() };
    case 4:
      return { type: 'holePunchRefuse', request: reader.raw(ID_BYTES) };
    case 5:
      return { type: 'pathResponse', token: reader.raw(TOKEN_BYTES) };
    case 6:
      return { type: 'bye' };
    default:
      return 'unknownMessage';
  }
}

export function encodeToClient(letter: ToClient): Uint8Array {
  switch (letter.type) {
    case 'keepaliveAck':
      return new Writer().byte(16).endpoint(letter.observed).done();
    case 'found':
      return new Writer().byte(17).raw(letter.request).raw(letter.key).done();
    case 'holePunchInitiate':
      return new Writer()
        .byte(18)
        .raw(letter.request)
        .text(letter.name)
        .raw(letter.key)
        .endpoint(letter.remote)
        .bytes(letter.offer)
        .done();
    case 'holePunchAnswer':
      return new Writer()
        .byte(19)
        .raw(letter.request)
        .endpoint(letter.remote)
        .bytes(letter.answer)
        .short(letter.startInMs)
        .done();
    case 'start':
      return new Writer().byte(20).raw(letter.request).short(letter.startInMs).done();
    case 'holePunchResponseUnknown':
      return new Writer().byte(21).raw(letter.request).done();
    case 'pathChallenge':
      return new Writer().byte(22).raw(letter.token).done();
  }
}

export function decodeToClient(bytes: Uint8Array): ToClient | LetterFault {
  return read(bytes, (reader): ToClient | LetterFault => {
    switch (reader.byte()) {
      case 16:
        return { type: 'keepaliveAck', observed: reader.endpoint() };
      case 17:
        return { type: 'found', request: reader.raw(ID_BYTES), key: reader.raw(KEY_BYTES) };
      case 18:
        return {
          type: 'holePunchInitiate',
          request: reader.raw(ID_BYTES),
          name: reader.name(),
          key: reader.raw(KEY_BYTES),
          remote: reader.endpoint(),
          offer: reader.bytes(),
        };
      case 19:
        return {
          type: 'holePunchAnswer',
          request: reader.raw(ID_BYTES),
          remote: reader.endpoint(),
          answer: reader.bytes(),
          startInMs: reader.short(),
        };
      case 20:
        return { type: 'start', request: reader.raw(ID_BYTES), startInMs: reader.short() };
      case 21:
        return { type: 'holePunchResponseUnknown', request: reader.raw(ID_BYTES) };
      case 22:
        return { type: 'pathChallenge', token: reader.raw(TOKEN_BYTES) };
      default:
        return 'unknownMessage';
    }
  });
}

/** All of some bytes as one letter. */
export function read<Letter extends object>(
  bytes: Uint8Array,
  readLetter: (reader: Reader) => Letter | LetterFault,
): Letter | LetterFault {
  const reader = new Reader(bytes);
  const letter = readLetter(reader);
  return typeof letter === 'string' ? letter : (reader.fault ?? letter);
}
