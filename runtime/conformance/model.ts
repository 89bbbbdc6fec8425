import type { Endpoint } from '../../machines/endpoint.ts';
import { decode, type Message } from '../../machines/wire.ts';
import { nameOf } from '../exploration/anatomy.ts';
import { noting, type Witnessed } from '../exploration/situation.ts';
import { Rendezvous } from '../rendezvous.ts';
import { createVirtualClock } from '../simulation/virtual-clock.ts';
import type { Receiver, Transport } from '../transport.ts';

/** What a server sends. */
export type Sent = { readonly to: Endpoint; readonly message: Message };

/** Our own server, its charts and its host, in memory and in virtual time: what it answers is what is right. */
export class Model {
  readonly #clock = createVirtualClock();
  readonly #witnessed: Witnessed = { taken: [], preempted: [] };
  readonly #transport = new Outbox();

  /** `ttlMs`: how long a client may be silent. */
  constructor(ttlMs: number) {
    const stage = { clock: this.#clock, random: () => 0, inspect: noting(this.#witnessed) };
    new Rendezvous(stage, this.#transport, { ttlMs });
  }

  /** The transitions of the session chart that it has taken, each as often as it has, by name. */
  get transitions(): readonly string[] {
    return this.#witnessed.taken.map(nameOf);
  }

  /** What it answers, in this order, to a datagram that comes at a time, in ms since it began. */
  answer(atMs: number, from: Endpoint, bytes: Uint8Array): readonly Sent[] {
    this.#clock.advance(Math.max(0, atMs - this.#clock.now()));
    return this.#transport.takes(from, bytes);
  }
}

class Outbox implements Transport {
  readonly local: Endpoint = { address: '192.0.2.1', port: 39_738 };
  #receiver: Receiver | undefined;
  #sent: Sent[] = [];

  takes(from: Endpoint, bytes: Uint8Array): readonly Sent[] {
    this.#sent = [];
    this.#receiver?.datagram(from, bytes);
    return this.#sent;
  }

  send(to: Endpoint, bytes: Uint8Array): void {
    const message = decode(bytes);
    if (typeof message === 'string') throw new Error(`the model sends what is malformed: ${message}`);
    this.#sent.push({ to, message });
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {}
}
