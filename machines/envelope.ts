/**
 * The datagrams of protocol 2, as anybody on the way can read them. They share the port with protocol 1, whose numbers
 * end at 5. A key has 32 bytes, a nonce, a session's and a pair's id 8, a cookie 16; `handshake` and `sealed` are what
 * the Noise protocol and its keys have made of something else.
 *
 *     16 Knock        version, nonce, zeros up to 80 bytes
 *     17 Challenge    nonce, cookie, the server's key, the client's address as the server sees it
 *     18 Register     cookie, nonce, handshake
 *     19 RegisterAck  nonce, handshake
 *     20 Sealed       session, counter, sealed
 *     21 Stale        session
 *     22 Pair         pair, counter, sealed
 */
import { Reader, type ReadFault, Writer } from './bytes.ts';
import type { Endpoint } from './endpoint.ts';

export type Envelope =
  /** Client to server: here I am, it seems. Padded, so that the answer is not larger. */
  | { readonly type: 'knock'; readonly nonce: Uint8Array }
  /** Server to client: say this again, from there. The server keeps nothing. */
  | {
      readonly type: 'challenge';
      readonly nonce: Uint8Array;
      readonly cookie: Uint8Array;
      readonly serverKey: Uint8Array;
      readonly observed: Endpoint;
    }
  /** Client to server, with the first message of a Noise handshake. */
  | {
      readonly type: 'register';
      readonly cookie: Uint8Array;
      readonly nonce: Uint8Array;
      readonly handshake: Uint8Array;
    }
  /** Server to client, with the second message of the handshake. */
  | { readonly type: 'registerAck'; readonly nonce: Uint8Array; readonly handshake: Uint8Array }
  /** Between a client and the server, once they have keys. */
  | {
      readonly type: 'sealed';
      readonly session: Uint8Array;
      readonly counter: number;
      readonly sealed: Uint8Array;
    }
  /** Server to client: there is no such session. Nothing proves it. */
  | { readonly type: 'stale'; readonly session: Uint8Array }
  /** Between two peers. */
  | {
      readonly type: 'pair';
      readonly pair: Uint8Array;
      readonly counter: number;
      readonly sealed: Uint8Array;
    };

export type EnvelopeFault = ReadFault | 'empty' | 'tooLong' | 'unknownMessage' | 'otherVersion';

/** The first number of protocol 2. */
export const FIRST_NUMBER = 16;

/** The longest datagram of protocol 2: crosses every path that IPv6 can (RFC 8200 5), with room for headers. */
export const ENVELOPE_BYTES_MAX = 1200;

/** The number of what a client and its server say, once they have keys. */
export const SEALED = 20;

export const VERSION = 2;
export const KEY_BYTES = 32;
export const ID_BYTES = 8;
export const COOKIE_BYTES = 16;

const KNOCK_BYTES = 80;

/** Whether a datagram is of protocol 2, whatever else is wrong with it: from 251 on, protocol 1's long numbers begin. */
export function isEnvelope(bytes: Uint8Array, length: number = bytes.length): boolean {
  const first = length > 0 ? (bytes[0] ?? 0) : 0;
  return first >= FIRST_NUMBER && first < 251;
}

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  switch (envelope.type) {
    case 'knock':
      return new Writer().byte(16).byte(VERSION).raw(envelope.nonce).paddingTo(KNOCK_BYTES).done();
    case 'challenge':
      return new Writer()
        .byte(17)
        .raw(envelope.nonce)
        .raw(envelope.cookie)
        .raw(envelope.serverKey)
        .endpoint(envelope.observed)
        .done();
    case 'register':
      return new Writer().byte(18).raw(envelope.cookie).raw(envelope.nonce).bytes(envelope.handshake).done();
    case 'registerAck':
      return new Writer().byte(19).raw(envelope.nonce).bytes(envelope.handshake).done();
    case 'sealed':
      return new Writer().raw(headerOf(envelope)).raw(envelope.sealed).done();
    case 'stale':
      return new Writer().byte(21).raw(envelope.session).done();
    case 'pair':
      return new Writer().raw(headerOf(envelope)).raw(envelope.sealed).done();
  }
}

/** What goes before the sealed part, and is authenticated with it. */
export function headerOf(
  envelope:
    | { readonly type: 'sealed'; readonly session: Uint8Array; readonly counter: number }
    | { readonly type: 'pair'; readonly pair: Uint8Array; readonly counter: number },
): Uint8Array {
  return envelope.type === 'sealed'
    ? new Writer().byte(20).raw(envelope.session).counter(envelope.counter).done()
    : new Writer().byte(22).raw(envelope.pair).counter(envelope.counter).done();
}

/** The envelope that a datagram's bytes are, as copies, or why they are none. Never throws. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | EnvelopeFault {
  if (bytes.length === 0) return 'empty';
  if (bytes.length > ENVELOPE_BYTES_MAX) return 'tooLong';
  const reader = new Reader(bytes);
  const envelope = readEnvelope(reader);
  return typeof envelope === 'string' ? envelope : (reader.fault ?? envelope);
}

function readEnvelope(reader: Reader): Envelope | EnvelopeFault {
  switch (reader.byte()) {
    case 16: {
      if (reader.byte() !== VERSION) return 'otherVersion';
      const nonce = reader.raw(ID_BYTES);
      reader.raw(KNOCK_BYTES - 2 - ID_BYTES);
      return { type: 'knock', nonce };
    }
    case 17:
      return {
        type: 'challenge',
        nonce: reader.raw(ID_BYTES),
        cookie: reader.raw(COOKIE_BYTES),
        serverKey: reader.raw(KEY_BYTES),
        observed: reader.endpoint(),
      };
    case 18:
      return {
        type: 'register',
        cookie: reader.raw(COOKIE_BYTES),
        nonce: reader.raw(ID_BYTES),
        handshake: reader.bytes(),
      };
    case 19:
      return { type: 'registerAck', nonce: reader.raw(ID_BYTES), handshake: reader.bytes() };
    case 20:
      return {
        type: 'sealed',
        session: reader.raw(ID_BYTES),
        counter: reader.counter(),
        sealed: reader.rest(),
      };
    case 21:
      return { type: 'stale', session: reader.raw(ID_BYTES) };
    case 22:
      return { type: 'pair', pair: reader.raw(ID_BYTES), counter: reader.counter(), sealed: reader.rest() };
    default:
      return 'unknownMessage';
  }
}
