import { encodeEnvelope, headerOf, ID_BYTES } from '../../machines/envelope.ts';
import { decodeToPeer, encodeToPeer, type ToPeer } from '../../machines/letter-peer.ts';
import type { Channel } from '../secrecy/noise.ts';
import { createOpener, createSealer, type Opener, type Sealer } from '../secrecy/seal.ts';
import { hex } from './hex.ts';
import type { PairEnvelope } from './renewals.ts';
import type { Ignored } from './server-session.ts';

/** The keys that two peers share, and that nobody else has. */
export class Pair {
  /** In hexadecimal; both have the same. */
  readonly name: string;
  readonly #id: Uint8Array;
  readonly #sealer: Sealer;
  readonly #opener: Opener;

  constructor({ sendKey, receiveKey, hash }: Channel) {
    this.#id = hash.slice(0, ID_BYTES);
    this.name = hex(this.#id);
    this.#sealer = createSealer(sendKey);
    this.#opener = createOpener(receiveKey);
  }

  /** A letter as a datagram. */
  seal(letter: ToPeer): Uint8Array {
    const header = { type: 'pair', pair: this.#id, counter: this.#sealer.next() } as const;
    const sealed = this.#sealer.seal(header.counter, headerOf(header), encodeToPeer(letter));
    return encodeEnvelope({ ...header, sealed });
  }

  /** What the peer has sealed, or why it is not to be heeded. */
  open(envelope: PairEnvelope): ToPeer | Ignored {
    const opened = this.#opener.open(envelope.counter, headerOf(envelope), envelope.sealed);
    if (typeof opened === 'string') return `ignored.${opened}`;
    const letter = decodeToPeer(opened);
    return typeof letter === 'string' ? `malformed.${letter}` : letter;
  }
}
