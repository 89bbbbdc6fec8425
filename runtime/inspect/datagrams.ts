import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import type { Malformed, Message } from '../../machines/wire.ts';
import { decode } from '../../machines/wire.ts';
import { Overheard } from '../simulation/overheard.ts';
import { hopsText, wordsFor, wordsIn } from '../simulation/wording.ts';
import type { Letter } from '../stage.ts';
import { redact } from '../trace/redaction.ts';
import type { Tap } from './tap.ts';

/** Turns the datagrams of a process into records. */
export class DatagramTap {
  readonly #tap: Tap;
  readonly #markOf: (bytes: Uint8Array) => number;
  #overheard = new Overheard();
  #heard = 0;

  constructor(tap: Tap, markOf: (bytes: Uint8Array) => number) {
    this.#tap = tap;
    this.#markOf = markOf;
  }

  /** What is about to be sealed, from who seals it. */
  overhear(datagram: Uint8Array, letter: Letter): void {
    if (!this.#tap.queue.admits()) return;
    this.#heard += 1;
    // What was sealed long ago is not sent again.
    if (this.#heard % OVERHEARD_MAX === 0) this.#overheard = new Overheard();
    this.#overheard.hear(datagram, letter);
  }

  sent(local: Endpoint, to: Endpoint, bytes: Uint8Array, hops: number | undefined): void {
    const { queue } = this.#tap;
    if (!queue.admits()) return;
    const words = `${this.#wordsOf(bytes)}${hopsText(hops)}`;
    const [at, size, mark] = [this.#tap.now(), bytes.length, this.#markOf(bytes)];
    queue.add(() => ['sent', at, formatEndpoint(local), formatEndpoint(to), words, size, mark]);
  }

  received(local: Endpoint, from: Endpoint, bytes: Uint8Array): void {
    const { queue } = this.#tap;
    if (!queue.admits()) return;
    const words = this.#wordsOf(bytes);
    const [at, size, mark] = [this.#tap.now(), bytes.length, this.#markOf(bytes)];
    queue.add(() => ['received', at, formatEndpoint(local), formatEndpoint(from), words, size, mark]);
  }

  unsent(to: Endpoint, code: string): void {
    if (this.#tap.queue.admits()) this.#tap.queue.add(['unsent', this.#tap.now(), formatEndpoint(to), code]);
  }

  #wordsOf(bytes: Uint8Array): string {
    const overheard = this.#overheard.wordsIn(bytes);
    if (overheard !== undefined) return overheard;
    const message = decode(bytes);
    if (typeof message === 'string' || message.type !== 'message') return wordsIn(bytes);
    return wordsFor(redact(message, this.#tap.greetings) as Message | Malformed);
  }
}

/** Sealed datagrams whose content is remembered until they are sent. */
const OVERHEARD_MAX = 1024;
