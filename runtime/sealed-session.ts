import type { Endpoint } from '../machines/endpoint.ts';
import { type Envelope, encodeEnvelope, headerOf } from '../machines/envelope.ts';
import { decodeToServer, encodeToClient, type ToClient, type ToServer } from '../machines/letter-server.ts';
import type { sessionMachine } from '../machines/session.ts';
import { Budget } from './budget.ts';
import type { Channel } from './secrecy/noise.ts';
import { createOpener, createSealer, type Opener, type Sealer } from './secrecy/seal.ts';
import type { Live, Stage } from './stage.ts';

/** What one client may ask for on average and at once: every request reaches somebody else. */
const REQUESTS = { perSecond: 5, burst: 50 };

/** A client of protocol 2 as the server knows it: its name and key, the keys of the session, and its chart. */
export class SealedSession {
  readonly id: Uint8Array;
  readonly name: string;
  readonly key: Uint8Array;
  /** What answers the Register that began it, however often that comes. */
  readonly acknowledgement: Uint8Array;
  /** What tells the Register that began it from all others. */
  readonly registration: string;
  /** Which of all sessions it is: those that began later have higher numbers. */
  readonly order: number;
  readonly requests: Budget;
  chart!: Live<typeof sessionMachine>;
  /** The time to the client and back, in ms, as its first answer took it. */
  roundTripMs = 0;
  readonly #acknowledgedAt: number;
  readonly #sealer: Sealer;
  readonly #opener: Opener;

  constructor(
    stage: Stage,
    {
      id,
      name,
      key,
      channel,
      acknowledgement,
      registration,
      order,
    }: {
      readonly id: Uint8Array;
      readonly name: string;
      readonly key: Uint8Array;
      readonly channel: Channel;
      readonly acknowledgement: Uint8Array;
      readonly registration: string;
      readonly order: number;
    },
  ) {
    this.id = id;
    this.name = name;
    this.key = key;
    this.acknowledgement = acknowledgement;
    this.registration = registration;
    this.order = order;
    this.requests = new Budget(stage.clock, REQUESTS);
    this.#acknowledgedAt = stage.clock.now();
    this.#sealer = createSealer(channel.sendKey);
    this.#opener = createOpener(channel.receiveKey);
  }

  get client(): Endpoint {
    return this.chart.snapshot().context.client;
  }

  /** The client has answered for the first time. */
  proven(now: number): void {
    this.roundTripMs = now - this.#acknowledgedAt;
  }

  /** What the client has sealed, or why it is not to be heeded. */
  open(envelope: Extract<Envelope, { readonly type: 'sealed' }>): ToServer | string {
    const opened = this.#opener.open(envelope.counter, headerOf(envelope), envelope.sealed);
    return typeof opened === 'string' ? opened : decodeToServer(opened);
  }

  seal(letter: ToClient): Uint8Array {
    const envelope = { type: 'sealed', session: this.id, counter: this.#sealer.next() } as const;
    const sealed = this.#sealer.seal(envelope.counter, headerOf(envelope), encodeToClient(letter));
    return encodeEnvelope({ ...envelope, sealed });
  }
}
