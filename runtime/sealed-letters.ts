import { ENVELOPE_BYTES_MAX, ID_BYTES, SEALED } from '../machines/envelope.ts';
import {
  decodeToServer,
  encodeToClient,
  type LetterFault,
  type ToClient,
  type ToServer,
} from '../machines/letter-server.ts';
import { HEADER_BYTES, type SealedSessions } from './sealed-sessions.ts';
import { SEAL_OVERHEAD } from './secrecy/seal.ts';
import type { Stage } from './stage.ts';

/** Letters out of datagrams and into them, in buffers that are used again. */
export class SealedLetters {
  /** What was sealed last. */
  readonly sealed = Uint8Array.of(SEALED, ...new Uint8Array(ENVELOPE_BYTES_MAX - 1));
  readonly #header = this.sealed.subarray(0, HEADER_BYTES);
  readonly #plain = new Uint8Array(ENVELOPE_BYTES_MAX);
  readonly #sessions: SealedSessions;
  readonly #overhear: Stage['overhear'];

  constructor(sessions: SealedSessions, overhear: Stage['overhear']) {
    this.#sessions = sessions;
    this.#overhear = overhear;
  }

  /** What the client of a session has sealed, or why it is not to be heeded. */
  open(
    session: number,
    counter: number,
    bytes: Uint8Array,
    length: number,
  ): ToServer | LetterFault | 'forged' | 'replayed' {
    const sealed = bytes.subarray(HEADER_BYTES, length);
    const plain = this.#plain.subarray(0, Math.max(0, sealed.length - SEAL_OVERHEAD));
    const outcome = this.#sessions.open(session, counter, bytes.subarray(0, HEADER_BYTES), sealed, plain);
    if (outcome !== 'opened') return outcome;
    return isAllZeros(plain) ? KEEPALIVE : decodeToServer(plain);
  }

  /** Seals a letter for the client of a session. The length of {@link sealed} then. */
  seal(session: number, letter: ToClient): number {
    const plain = encodeToClient(letter);
    const length = HEADER_BYTES + plain.length + SEAL_OVERHEAD;
    const counter = this.#sessions.next(session, this.#header);
    this.#sessions.seal(session, counter, this.#header, plain, this.sealed.subarray(HEADER_BYTES, length));
    this.#overhear?.(this.sealed.subarray(0, length), letter);
    return length;
  }
}

/** The counter of a sealed datagram, big-endian; undefined for any other, and for a counter beyond 2^53 - 1. */
export function counterIn(bytes: Uint8Array, length: number): number | undefined {
  if (bytes[0] !== SEALED || length < HEADER_BYTES || length > ENVELOPE_BYTES_MAX) return undefined;
  let counter = 0;
  for (let index = 1 + ID_BYTES; index < HEADER_BYTES; index += 1)
    counter = counter * 256 + (bytes[index] as number);
  return Number.isSafeInteger(counter) ? counter : undefined;
}

const KEEPALIVE: ToServer = { type: 'keepalive' };

/** A Keepalive is number 0, and padding. */
function isAllZeros(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] !== 0) return false;
  return bytes.length > 0;
}
