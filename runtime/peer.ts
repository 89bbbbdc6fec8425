import type { EventFrom } from 'xstate';
import { type ClientOutput, type ClientPhase, clientMachine } from '../machines/client.ts';
import { type Endpoint, sameEndpoint } from '../machines/endpoint.ts';
import { PATIENCE_MS } from '../machines/timing.ts';
import { decode, encode, type Message } from '../machines/wire.ts';
import { onAbort, unlessAborted } from './abort.ts';
import { Counters } from './counters.ts';
import { PunchError, registrationError } from './errors.ts';
import { Feed } from './feed.ts';
import type { Link } from './link.ts';
import { Links } from './links.ts';
import { checkName, checkPeerName } from './names.ts';
import { enact, type Live, phaseOf, type Stage } from './stage.ts';
import type { Transport } from './transport.ts';

export type PeerHostOptions = {
  /** 1 to 63 bytes of UTF-8 without control characters. */
  readonly name: string;
  /** How the server is called in messages for people. */
  readonly server: string;
  /** How long to try to register, and then to find and reach a peer, in ms. Default 60,000; punching ends after 30,000 at the latest. */
  readonly timeoutMs?: number;
  /** Closes the peer and all its links. */
  readonly signal?: AbortSignal;
};

export type PeerState = {
  readonly state: ClientPhase;
  /** The server's address, once it is known. */
  readonly server?: Endpoint;
  /** Milliseconds since the peer was created. */
  readonly elapsedMs: number;
  /** Why it failed. */
  readonly error?: PunchError;
};

export type PeerStatus = {
  readonly received: number;
  readonly sent: number;
  /** Well-formed datagrams that were for nobody, by reason. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Datagrams that are no message, by reason. */
  readonly malformed: Readonly<Record<string, number>>;
  /** Datagrams the operating system would not send, by its code. */
  readonly unsent: Readonly<Record<string, number>>;
};

/** The host of a client's chart and of the charts of its links, all over one socket. */
export class PeerHost {
  readonly name: string;
  readonly states = new Feed<PeerState>();
  readonly links = new Feed<Link>();
  readonly registered: Promise<void>;
  readonly #stage: Stage;
  readonly #server: string;
  readonly #startedAt: number;
  readonly #chart: Live<typeof clientMachine>;
  readonly #links: Links;
  readonly #counters = new Counters();
  #transport: Transport | undefined;
  #shown: PeerState | undefined;
  #failure: PunchError | undefined;
  #settle!: { registered(): void; failed(error: PunchError): void };
  #isJoined = false;
  #forgetSignal = () => {};

  /** Throws a {@link PunchError} (`badName`) when nobody can have that name. */
  constructor(stage: Stage, options: PeerHostOptions) {
    checkName(options.name);
    this.name = options.name;
    this.#stage = stage;
    this.#server = options.server;
    const timeoutMs = options.timeoutMs ?? PATIENCE_MS;
    this.#links = new Links(stage, options.name, timeoutMs, (to, message, hops) =>
      this.#transmit(to, message, hops),
    );
    this.#startedAt = stage.clock.now();
    this.registered = new Promise((resolve, reject) => {
      this.#settle = { registered: resolve, failed: reject };
    });
    // Whoever does not wait for the registration learns of its failure from `states`.
    this.registered.catch(() => {});
    this.#chart = enact(
      stage,
      clientMachine,
      'client',
      { name: options.name, patienceMs: timeoutMs },
      {
        perform: (effect) => this.#perform(effect),
        observe: (snapshot) => this.#show(phaseOf(snapshot), snapshot.context.server),
      },
    );
    this.#forgetSignal = onAbort(options.signal, () => void this.close());
  }

  get state(): ClientPhase {
    return this.#shown?.state ?? 'registering';
  }

  get local(): Endpoint | undefined {
    return this.#transport?.local;
  }

  status(): PeerStatus {
    return {
      received: this.#counters.of('received'),
      sent: this.#counters.of('sent'),
      ignored: this.#counters.under('ignored'),
      malformed: this.#counters.under('malformed'),
      unsent: this.#counters.under('unsent'),
    };
  }

  /** The socket is there: registration begins. */
  opened(transport: Transport, server: Endpoint): void {
    this.#transport = transport;
    transport.listen({
      datagram: (from, bytes) => this.#receive(from, bytes),
      sendFailed: (_to, code) => this.#counters.count(`unsent.${code}`),
    });
    this.#chart.send({ type: 'transport.opened', server });
  }

  /** There will be no socket. */
  unopened(error: PunchError): void {
    this.#failure = error;
    this.#chart.send({ type: 'transport.failed' });
  }

  /** The link to a peer: the one there is, or a new one that asks the server for an introduction. */
  link(peer: string): Link {
    checkPeerName(this.name, peer);
    if (this.state === 'stopped' || this.state === 'failed') {
      throw new PunchError('closed', 'This peer has ended. Create another.');
    }
    const server = this.#shown?.server;
    if (server === undefined || !this.#isJoined) {
      throw new PunchError('notConnected', 'Not registered yet. Wait for `registered`, then ask for a link.');
    }
    return this.#links.named(peer) ?? this.#links.open(peer, server, null);
  }

  /** Waits for the registration, then for the connection; rejects with a {@link PunchError} when there will be none. */
  async connect(peer: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Link> {
    signal?.throwIfAborted();
    if (!this.#isJoined) await unlessAborted(this.registered, signal);
    const link = this.link(peer);
    try {
      await unlessAborted(link.connected, signal);
    } catch (error) {
      if (signal?.aborted) link.close();
      throw error;
    }
    return link;
  }

  /** Ends all links and the registration, and frees the port. */
  async close(): Promise<void> {
    this.#links.close();
    this.#chart.send({ type: 'stop' });
    await this.#transport?.close();
  }

  #receive(from: Endpoint, bytes: Uint8Array): void {
    this.#counters.count('received');
    const message = decode(bytes);
    if (typeof message === 'string') return this.#counters.count(`malformed.${message}`);
    switch (message.type) {
      case 'registerAck':
        return this.#fromServer(from, { type: 'datagram.registerAck', from, jitter: this.#stage.random() });
      case 'holePunchResponseUnknown':
        return this.#fromServer(from, { type: 'datagram.holePunchResponseUnknown', from });
      case 'holePunchInitiate':
        return this.#fromServer(from, {
          type: 'datagram.holePunchInitiate',
          from,
          name: message.name,
          remote: message.remote,
        });
      case 'message':
        return this.#links.hear(from, message.text) ? undefined : this.#counters.count('ignored.stranger');
      default:
        return this.#counters.count('ignored.notForClients');
    }
  }

  /** Whether the server really sent it is for the chart to judge; here it is only counted. */
  #fromServer(from: Endpoint, event: EventFrom<typeof clientMachine>): void {
    const server = this.#shown?.server;
    if (server === undefined || !sameEndpoint(from, server)) this.#counters.count('ignored.notFromServer');
    this.#chart.send(event);
  }

  #perform(effect: ClientOutput): void {
    switch (effect.type) {
      case 'transmit':
        return this.#transmit(effect.to, effect.message);
      case 'introduce':
        return this.#introduce(effect.name, effect.remote);
      case 'disappoint':
        return this.#links.disappoint();
      case 'failed':
        this.#failure ??= registrationError(effect.reason, this.#server);
    }
  }

  #introduce(peer: string, remote: Endpoint): void {
    const known = this.#links.named(peer);
    if (known !== undefined) return known.introduced(remote);
    const server = this.#shown?.server;
    if (server === undefined) return;
    if (this.#links.isFull) return this.#counters.count('ignored.tooManyLinks');
    this.links.push(this.#links.open(peer, server, remote));
  }

  #transmit(to: Endpoint, message: Message, hops?: number): void {
    this.#counters.count('sent');
    this.#transport?.send(to, encode(message), hops);
  }

  #show(state: ClientPhase, server: Endpoint | null): void {
    if (this.#shown?.state === state) return;
    const error = state === 'failed' ? this.#failure : undefined;
    this.#shown = {
      state,
      elapsedMs: this.#stage.clock.now() - this.#startedAt,
      ...(server === null ? {} : { server }),
      ...(error === undefined ? {} : { error }),
    };
    this.states.push(this.#shown);
    if (state === 'registered') {
      this.#isJoined = true;
      this.#settle.registered();
    }
    if (state === 'failed' || state === 'stopped') this.#end(error);
  }

  #end(error: PunchError | undefined): void {
    this.#forgetSignal();
    this.#settle.failed(error ?? new PunchError('closed', 'The peer was closed before it was registered.'));
    this.states.end();
    this.links.end();
  }
}
