import { type ClientOutput, type ClientPhase, clientMachine } from '../machines/client.ts';
import type { Endpoint } from '../machines/endpoint.ts';
import { PATIENCE_MS } from '../machines/timing.ts';
import { onAbort, unlessAborted } from './abort.ts';
import { Counters } from './counters.ts';
import type { Edge, EdgeSurroundings } from './edge.ts';
import { PunchError, registrationError } from './errors.ts';
import { Feed } from './feed.ts';
import type { Link } from './link.ts';
import { checkName, checkPeerName } from './names.ts';
import { PlainEdge } from './plain-edge.ts';
import { SealedEdge } from './sealed/edge.ts';
import type { Secrecy } from './sealed/secrecy.ts';
import { enact, type Live, phaseOf, type Stage } from './stage.ts';
import type { Transport } from './transport.ts';

export type PeerHostOptions = {
  /** 1 to 63 bytes of UTF-8 without control characters. */
  readonly name: string;
  /** How the server is called in messages for people. */
  readonly server: string;
  /** How long to try to register, and then to find and reach a peer, in ms. Default 60,000; punching ends after 30,000 at the latest. */
  readonly timeoutMs?: number;
  /** Speaks protocol 2 with these keys. Without them, the peer speaks protocol 1. */
  readonly secrecy?: Secrecy;
  /** Where else peers of protocol 2 may reach us now: our private addresses, with our port. At most 7 are told. */
  readonly candidates?: () => readonly Endpoint[];
  /** Closes the peer and all its links. */
  readonly signal?: AbortSignal;
};

export type PeerState = {
  readonly state: ClientPhase;
  /** The server's address, once it is known. */
  readonly server?: Endpoint;
  /** Milliseconds since the peer was created. */
  readonly elapsedMs: number;
  /** Why it failed; or, while it is unregistered, that what answers in the server's place has another key. */
  readonly error?: PunchError;
};

export type PeerStatus = {
  /** Our address as the server sees it, which protocol 2 tells. */
  readonly observed?: Endpoint;
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
  /** Resolves when the peer has failed or was closed. */
  readonly over: Promise<void>;
  readonly #stage: Stage;
  readonly #server: string;
  readonly #startedAt: number;
  readonly #chart: Live<typeof clientMachine>;
  readonly #edge: Edge;
  readonly #secrecy: Secrecy | undefined;
  readonly #counters = new Counters();
  #transport: Transport | undefined;
  #shown: PeerState | undefined;
  #failure: PunchError | undefined;
  #keyChange: PunchError | undefined;
  #settle!: { registered(): void; failed(error: PunchError): void; over(): void };
  #isJoined = false;
  #forgetSignal = () => {};

  /** Throws a {@link PunchError} (`badName`) when nobody can have that name. */
  constructor(stage: Stage, options: PeerHostOptions) {
    checkName(options.name);
    this.name = options.name;
    this.#stage = stage;
    this.#server = options.server;
    this.#secrecy = options.secrecy;
    const timeoutMs = options.timeoutMs ?? PATIENCE_MS;
    this.#edge = edgeFor(options, {
      stage,
      name: options.name,
      timeoutMs,
      counters: this.#counters,
      send: (to, bytes, hops) => {
        this.#counters.count('sent');
        this.#transport?.send(to, bytes, hops);
      },
      server: () => this.#shown?.server,
      tell: (event) => this.#chart.send(event),
      explain: (error) => this.#explain(error),
      called: (link) => this.links.push(link),
    });
    this.#startedAt = stage.clock.now();
    let over = () => {};
    this.over = new Promise((resolve) => {
      over = resolve;
    });
    this.registered = new Promise((resolve, reject) => {
      this.#settle = { registered: resolve, failed: reject, over };
    });
    // Whoever does not wait for the registration learns of its failure from `states`.
    this.registered.catch(() => {});
    this.#chart = enact(
      stage,
      clientMachine,
      'client',
      { name: options.name, patienceMs: timeoutMs, protocol: this.#edge.protocol, jitter: stage.random() },
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
    const { observed } = this.#edge;
    return {
      ...(observed === undefined ? {} : { observed }),
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
      datagram: (from, bytes) => {
        this.#counters.count('received');
        this.#edge.receive(from, bytes);
      },
      sendFailed: (_to, code) => this.#counters.count(`unsent.${code}`),
    });
    this.#chart.send({ type: 'transport.opened', server });
  }

  /** There will be no socket. */
  unopened(error: PunchError): void {
    this.#failure = error;
    this.#chart.send({ type: 'transport.failed' });
  }

  /**
   * The link to a peer: the one there is, or a new one that asks the server for an introduction. The peer must have
   * the key, if one is given: throws a {@link PunchError} (`peerKeyChanged`) if there is a link to it under another.
   */
  link(peer: string, { key }: { readonly key?: Uint8Array } = {}): Link {
    checkPeerName(this.name, peer);
    if (this.state === 'stopped' || this.state === 'failed') {
      throw new PunchError('closed', 'This peer has ended. Create another.');
    }
    const server = this.#shown?.server;
    if (server === undefined || !this.#isJoined) {
      throw new PunchError('notConnected', 'Not registered yet. Wait for `registered`, then ask for a link.');
    }
    return this.#edge.link(peer, server, key);
  }

  /** Waits for the registration, then for the connection; rejects with a {@link PunchError} when there will be none. */
  async connect(
    peer: string,
    { signal, ...options }: { readonly signal?: AbortSignal; readonly key?: Uint8Array } = {},
  ): Promise<Link> {
    signal?.throwIfAborted();
    if (!this.#isJoined) await unlessAborted(this.registered, signal);
    const link = this.link(peer, options);
    try {
      await unlessAborted(link.connected, signal);
    } catch (error) {
      if (signal?.aborted) link.close();
      throw error;
    }
    return link;
  }

  /** This machine has woken, or has other addresses than before: asks at once whether server and peers are there. */
  networkChanged(): void {
    this.#edge.networkChanged();
  }

  /** Ends all links and the registration, frees the port, and waits until new keys are remembered. */
  async close(): Promise<void> {
    this.#edge.close();
    this.#chart.send({ type: 'stop' });
    await this.#transport?.close();
    await this.#secrecy?.settled?.();
  }

  #perform(effect: ClientOutput): void {
    if (effect.type !== 'failed') return this.#edge.perform(effect);
    const keyChange = effect.reason === 'serverKeyChanged' ? this.#keyChange : undefined;
    this.#failure ??= keyChange ?? registrationError(effect.reason, this.#server, this.#edge.protocol);
  }

  /** The chart does not heed it once the client has joined, since anybody can say it; the user may want to know. */
  #explain(keyChange: PunchError | undefined): void {
    this.#keyChange = keyChange ?? registrationError('serverKeyChanged', this.#server, this.#edge.protocol);
    const shown = this.#shown;
    if (shown?.state !== 'unregistered' || shown.error !== undefined) return;
    this.#shown = undefined;
    this.#show('unregistered', shown.server ?? null);
  }

  #show(state: ClientPhase, server: Endpoint | null): void {
    if (this.#shown?.state === state) return;
    if (state === 'registered') this.#keyChange = undefined;
    const error = state === 'failed' ? this.#failure : state === 'unregistered' ? this.#keyChange : undefined;
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
    this.#settle.over();
  }
}

function edgeFor({ secrecy, candidates = () => [] }: PeerHostOptions, surroundings: EdgeSurroundings): Edge {
  return secrecy === undefined
    ? new PlainEdge(surroundings)
    : new SealedEdge(secrecy, candidates, surroundings);
}
