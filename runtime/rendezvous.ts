import type { Endpoint } from '../machines/endpoint.ts';
import { isEnvelope } from '../machines/envelope.ts';
import { type SessionOutput, sessionMachine } from '../machines/session.ts';
import { SESSION_TTL_MS } from '../machines/timing.ts';
import { decode, encode, type Message } from '../machines/wire.ts';
import { onAbort } from './abort.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { Counters } from './counters.ts';
import { Directory } from './directory.ts';
import { SealedService, type SealedServiceOptions } from './sealed-service.ts';
import { enact, type Live, type Stage } from './stage.ts';
import type { Transport } from './transport.ts';

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
  /** Datagrams the operating system would not send, by its code. */
  readonly unsent: Readonly<Record<string, number>>;
  /** Datagrams that the operating system had no room for until we would take them; undefined where it does not tell. */
  readonly overflows?: number;
};

type Session = Live<typeof sessionMachine>;

/** The rendezvous server's host: datagrams to sessions, and what sessions ask for to datagrams. */
export class Rendezvous {
  readonly #stage: Stage;
  readonly #transport: Transport;
  readonly #ttlMs: number;
  readonly #admission: Admission;
  readonly #directory: Directory<Session>;
  readonly #counters = new Counters();
  readonly #inbox: (() => void)[] = [];
  readonly #sealed: SealedService | undefined;
  readonly #speaksProtocol1: boolean;
  readonly #forgetSignal: () => void;

  constructor(stage: Stage, transport: Transport, options: RendezvousOptions = {}) {
    this.#stage = stage;
    this.#transport = transport;
    this.#ttlMs = options.ttlMs ?? SESSION_TTL_MS;
    this.#admission = new Admission(stage.clock, options.admission);
    this.#directory = new Directory(options.maxClients ?? 100_000);
    this.#speaksProtocol1 = options.sealed === undefined || options.allowProtocol1 === true;
    this.#sealed =
      options.sealed === undefined
        ? undefined
        : new SealedService(stage, {
            ...options.sealed,
            maxClients: this.#directory.capacity,
            ttlMs: this.#ttlMs,
            counters: this.#counters,
            isTaken: (name) => this.#directory.named(name) !== undefined,
            send: (to, bytes) => this.#send(to, bytes),
          });
    transport.listen({
      datagram: (from, bytes) => this.#receive(from, bytes),
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
      clients: this.#directory.size + (this.#sealed?.size ?? 0),
      maxClients: this.#directory.capacity,
      registrations: this.#counters.of('registrations'),
      introductions: this.#counters.of('introductions'),
      received: this.#counters.of('received'),
      sent: this.#counters.of('sent'),
      refused: this.#counters.under('refused'),
      malformed: this.#counters.under('malformed'),
      unsent: this.#counters.under('unsent'),
      ...(overflows === undefined ? {} : { overflows }),
    };
  }

  /** Forgets everybody and frees the port. */
  async close(): Promise<void> {
    this.#forgetSignal?.();
    this.#sealed?.close();
    for (const session of this.#directory) session.stop();
    await this.#transport.close();
  }

  /** One event, run to rest, and then what it has caused, in order. */
  #receive(from: Endpoint, bytes: Uint8Array): void {
    this.#serve(from, bytes);
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) next();
  }

  #serve(from: Endpoint, bytes: Uint8Array): void {
    this.#counters.count('received');
    if (!this.#admission.admits(from)) return this.#counters.count('refused.tooMany');
    if (this.#sealed !== undefined && isEnvelope(bytes)) return this.#sealed.receive(from, bytes);
    if (!this.#speaksProtocol1) return this.#counters.count('refused.protocol1');
    const message = decode(bytes);
    if (typeof message === 'string') return this.#counters.count(`malformed.${message}`);
    switch (message.type) {
      case 'register':
        return this.#register(from, message.name);
      case 'holePunchRequest':
        return this.#request(from, message.name);
      default:
        return this.#counters.count('refused.notForServers');
    }
  }

  #register(from: Endpoint, name: string): void {
    const known = this.#directory.named(name);
    if (known !== undefined) return known.send({ type: 'datagram.register', from });
    if (this.#sealed?.isLeased(name)) return this.#refuse(from, 'nameTaken');
    const neighbour = this.#directory.at(from);
    if (neighbour === undefined && this.#directory.isFull) return this.#refuse(from, 'full');
    neighbour?.send({ type: 'replaced' });
    const session: Session = enact(
      this.#stage,
      sessionMachine,
      name,
      { name, client: from, ttlMs: this.#ttlMs },
      { perform: (effect) => this.#perform(name, session, effect) },
    );
    this.#directory.enter(name, from, session);
    session.send({ type: 'datagram.register', from });
  }

  #request(from: Endpoint, name: string): void {
    const session = this.#directory.at(from);
    if (session !== undefined) return session.send({ type: 'datagram.holePunchRequest', name });
    this.#refuse(from, 'unregistered');
  }

  #perform(name: string, session: Session, effect: SessionOutput): void {
    switch (effect.type) {
      case 'transmit':
        if (effect.message.type === 'registerAck') this.#counters.count('registrations');
        return this.#transmit(effect.to, effect.message as Message);
      case 'seek':
        return this.#introduce(name, session, effect.name);
      case 'moved':
        this.#directory.at(effect.to)?.send({ type: 'replaced' });
        return this.#directory.move(name, effect.to);
      case 'refuse':
        return this.#refuse(effect.to, 'nameTaken');
      case 'ended':
        return this.#directory.remove(name);
    }
  }

  #introduce(name: string, session: Session, peerName: string): void {
    const peer = this.#directory.named(peerName);
    if (peer === undefined || peer === session) return session.send({ type: 'peer.missing' });
    this.#counters.count('introductions');
    // The caller first: an original one dies of a greeting that overtakes its introduction, one that waits does not.
    this.#inbox.push(
      () => session.send({ type: 'peer.found', name: peerName, remote: peer.snapshot().context.client }),
      () => peer.send({ type: 'peer.calls', name, remote: session.snapshot().context.client }),
    );
  }

  /** The one refusal that protocol 1 has words for. */
  #refuse(to: Endpoint, reason: 'full' | 'nameTaken' | 'unregistered'): void {
    this.#counters.count(`refused.${reason}`);
    this.#transmit(to, { type: 'holePunchResponseUnknown' });
  }

  #transmit(to: Endpoint, message: Message): void {
    this.#send(to, encode(message));
  }

  #send(to: Endpoint, bytes: Uint8Array): void {
    this.#counters.count('sent');
    this.#transport.send(to, bytes);
  }
}
