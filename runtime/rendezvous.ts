import type { Endpoint } from '../machines/endpoint.ts';
import { isEnvelope } from '../machines/envelope.ts';
import { SESSION_TTL_MS } from '../machines/timing.ts';
import { onAbort } from './abort.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { realAmbient } from './ambient.ts';
import { Counters } from './counters.ts';
import { packed } from './packing.ts';
import { PlainService } from './plain-service.ts';
import { SealedService, type SealedServiceOptions } from './sealed-service.ts';
import type { Stage } from './stage.ts';
import { SeededHash } from './tables/seeded-hash.ts';
import type { PackedEndpoint, PackedTransport, Transport } from './transport.ts';

export type RendezvousOptions = {
  /** Clients registered at once, at most. Default 100,000. */
  readonly maxClients?: number;
  /** A client that is silent for this long is forgotten, in ms. Default 90,000. */
  readonly ttlMs?: number;
  /** What one source address may send. */
  readonly admission?: AdmissionLimits;
  /** Speaks protocol 2 with these keys. Without them, the server speaks protocol 1. */
  readonly sealed?: SealedOptions;
  /** Speaks protocol 1 beside protocol 2. Names that belong to a key are refused to those who have none. */
  readonly allowProtocol1?: boolean;
  /** Closes the server. */
  readonly signal?: AbortSignal;
};

export type SealedOptions = Pick<SealedServiceOptions, 'keys' | 'entropy' | 'leases'>;

export type RendezvousStatus = {
  readonly clients: number;
  readonly maxClients: number;
  /** Registrations that were acknowledged, refreshes included. */
  readonly registrations: number;
  /** Pairs that were introduced, repetitions included. */
  readonly introductions: number;
  readonly received: number;
  readonly sent: number;
  /** Well-formed datagrams that were not served, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Datagrams that are no message, by reason. */
  readonly malformed: Readonly<Record<string, number>>;
  /** Datagrams that were passed over unread, since more came than could be served, by reason. */
  readonly shed: Readonly<Record<string, number>>;
  /** Datagrams the operating system would not send, by its code. */
  readonly unsent: Readonly<Record<string, number>>;
  /** Datagrams that the operating system had no room for until we would take them; undefined where it does not tell. */
  readonly overflows?: number;
};

/**
 * The rendezvous server's host: admits datagrams, sheds some under pressure, and hands the rest to the part that speaks
 * their protocol.
 */
export class Rendezvous {
  readonly #transport: PackedTransport;
  readonly #maxClients: number;
  readonly #admission: Admission;
  readonly #counters = new Counters();
  readonly #received = this.#counters.counter('received');
  readonly #sent = this.#counters.counter('sent');
  readonly #unproven = this.#counters.counter('shed.unproven');
  readonly #plain: PlainService | undefined;
  readonly #sealed: SealedService | undefined;
  readonly #forgetSignal: () => void;

  constructor(stage: Stage, transport: Transport, options: RendezvousOptions = {}) {
    const { ttlMs = SESSION_TTL_MS, maxClients = 100_000, sealed, allowProtocol1 } = options;
    this.#transport = packed(transport);
    this.#maxClients = maxClients;
    // Not the stage's chance: nothing that is seen depends on this, and no run differs for it.
    const hash = new SeededHash(realAmbient.random);
    this.#admission = new Admission(stage.clock, hash, options.admission);
    const shared = {
      ...{ maxClients, ttlMs, hash, counters: this.#counters },
      send: (to: PackedEndpoint, bytes: Uint8Array, length: number) => this.#send(to, bytes, length),
    };
    if (sealed === undefined || allowProtocol1)
      this.#plain = new PlainService(stage, {
        ...shared,
        isLeased: (name) => this.#sealed?.isLeased(name) ?? false,
      });
    if (sealed !== undefined)
      this.#sealed = new SealedService(stage, {
        ...sealed,
        ...shared,
        isTaken: (name) => this.#plain?.isTaken(name) ?? false,
      });
    this.#transport.listenPacked({
      datagram: (from, bytes, length) => this.#receive(from, bytes, length),
      sendFailed: (_to, code) => this.#counters.count(`unsent.${code}`),
    });
    this.#forgetSignal = onAbort(options.signal, () => void this.close());
  }

  get endpoint(): Endpoint {
    return this.#transport.local;
  }

  status(): RendezvousStatus {
    const { overflows } = this.#transport;
    return {
      clients: (this.#plain?.size ?? 0) + (this.#sealed?.size ?? 0),
      maxClients: this.#maxClients,
      registrations: this.#counters.of('registrations'),
      introductions: this.#counters.of('introductions'),
      received: this.#counters.of('received'),
      sent: this.#counters.of('sent'),
      refused: this.#counters.under('refused'),
      malformed: this.#counters.under('malformed'),
      shed: this.#counters.under('shed'),
      unsent: this.#counters.under('unsent'),
      ...(overflows === undefined ? {} : { overflows }),
    };
  }

  /** Forgets everybody and frees the port. */
  async close(): Promise<void> {
    this.#forgetSignal?.();
    this.#sealed?.close();
    this.#plain?.close();
    await this.#transport.close();
  }

  #receive(from: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#received.count += 1;
    if (this.#transport.isBehind && !this.#isProven(from, bytes, length)) {
      this.#unproven.count += 1;
      return;
    }
    if (!this.#admission.admits(from)) return this.#counters.count('refused.tooMany');
    if (this.#sealed !== undefined && isEnvelope(bytes, length))
      return this.#sealed.receive(from, bytes, length);
    if (this.#plain === undefined) return this.#counters.count('refused.protocol1');
    this.#plain.receive(from, bytes, length);
  }

  /** Whether a datagram seems to be of a client that is registered: a look at one table, before anything is decoded. */
  #isProven(from: PackedEndpoint, bytes: Uint8Array, length: number): boolean {
    if (this.#sealed !== undefined && isEnvelope(bytes, length)) return this.#sealed.isProven(bytes, length);
    return this.#plain?.isKnown(from) ?? false;
  }

  #send(to: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#sent.count += 1;
    this.#transport.sendPacked(to, bytes, length);
  }
}
