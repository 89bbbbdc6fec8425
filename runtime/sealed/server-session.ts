import { type Envelope, encodeEnvelope, headerOf } from '../../machines/envelope.ts';
import {
  decodeToClient,
  encodeToServer,
  type LetterFault,
  type ToClient,
  type ToServer,
} from '../../machines/letter-server.ts';
import type { Channel } from '../secrecy/noise.ts';
import { createOpener, createSealer, type Opener, type Sealer } from '../secrecy/seal.ts';

/** What a client has with its server from one registration to the next. */
export class ServerSession {
  readonly id: Uint8Array;
  readonly #sealer: Sealer;
  readonly #opener: Opener;

  constructor(id: Uint8Array, { sendKey, receiveKey }: Channel) {
    this.id = id;
    this.#sealer = createSealer(sendKey);
    this.#opener = createOpener(receiveKey);
  }

  /** A letter as a datagram. */
  seal(letter: ToServer): Uint8Array {
    const header = { type: 'sealed', session: this.id, counter: this.#sealer.next() } as const;
    const sealed = this.#sealer.seal(header.counter, headerOf(header), encodeToServer(letter));
    return encodeEnvelope({ ...header, sealed });
  }

  /** What the server has sealed, or why it is not to be heeded: `ignored` if nobody with our keys said it. */
  open(envelope: Extract<Envelope, { readonly type: 'sealed' }>): ToClient | Ignored {
    const opened = this.#opener.open(envelope.counter, headerOf(envelope), envelope.sealed);
    if (typeof opened === 'string') return `ignored.${opened}`;
    const letter = decodeToClient(opened);
    return typeof letter === 'string' ? `malformed.${letter}` : letter;
  }
}

/** Why something that came does not count, as it is counted. */
export type Ignored = `ignored.${string}` | `malformed.${LetterFault}`;
