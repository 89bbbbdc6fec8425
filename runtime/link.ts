import { type Endpoint, sameAddress, sameEndpoint } from '../machines/endpoint.ts';
import {
  greetingOf,
  type LinkDoubt,
  type LinkEvent,
  type LinkInput,
  type LinkObstacle,
  type LinkOutput,
  type LinkPhase,
  linkMachine,
} from '../machines/link.ts';
import { TEXT_BYTES_MAX } from '../machines/wire.ts';
import { linkError, lossError, PunchError } from './errors.ts';
import { Feed } from './feed.ts';
import { isNews, type LinkPause, type LinkView, PauseWatch } from './link-pause.ts';
import { linkPromises } from './link-promises.ts';
import { enact, type Live, phaseOf, type Stage } from './stage.ts';

export type LinkState = {
  readonly state: LinkPhase;
  /** Where our packets go, once the server has said it. */
  readonly remote?: Endpoint;
  /** Milliseconds since the link was asked for. */
  readonly elapsedMs: number;
  /** Why it failed or was lost. */
  readonly error?: PunchError;
  /** Why one that was connected is `punching` again, or is `connected` again; or why it is at another address. */
  readonly pause?: LinkPause;
};

/** A direct path to one peer, from the wish for it to its end. */
export type Link = {
  readonly peer: string;
  /** Each state as it is reached, from the first. For one reader. */
  readonly states: AsyncIterable<LinkState>;
  /** What the peer says. For one reader; the newest 1024 wait for it. */
  readonly messages: AsyncIterable<string>;
  /** Resolves when the path is there; rejects with a {@link PunchError} when there will be none. */
  readonly connected: Promise<void>;
  /** Resolves when the link is over, with the reason unless we closed it. */
  readonly ended: Promise<PunchError | undefined>;
  readonly state: LinkPhase;
  /** What the peer sends by {@link sendDatagram}. For one reader; the newest 1024 wait for it. */
  readonly datagrams: AsyncIterable<Uint8Array>;
  /**
   * Sends a text. Throws a {@link PunchError} when there is no connection (`notConnected`) or the text cannot be sent
   * (`badText`).
   *
   * With keys: at most 1000 bytes of UTF-8, which arrive once and in order. The promise is kept when the peer has them,
   * and broken (`undelivered`) when the link ends before it says so; nobody needs to look at it. Without keys: at most
   * 126 bytes, sent once. Protocol 1 does not notice loss, and the promise says nothing.
   */
  send(text: string): Promise<void>;
  /**
   * Sends up to 1165 bytes, once: they may be lost, or overtaken by later ones, but neither altered nor doubled. Throws
   * a {@link PunchError}: `notConnected`, `tooLong`, or `unsupported` without keys.
   */
  sendDatagram(bytes: Uint8Array): void;
  /** Tells the peer, and stops sending. Protocol 1 has no word for this: the peer notices after 60 s. */
  close(): void;
};

/** What a link asks of the network. */
export type LinkRequest = Exclude<LinkOutput, { readonly type: 'heard' | 'failed' }>;

/** What the protocol does for a link. */
export type LinkEdge = {
  /** Carries out what the chart asks for. */
  perform(effect: LinkRequest): void;
  /** As {@link Link.send}. */
  send(link: LinkHost, text: string): Promise<void>;
  /** As {@link Link.sendDatagram}. */
  sendDatagram(link: LinkHost, bytes: Uint8Array): void;
  /** The path is there. */
  connected?(link: LinkHost): void;
  ended(link: LinkHost, error: PunchError | undefined): void;
};

/** The host of one link's chart. */
export class LinkHost implements Link {
  readonly peer: string;
  readonly states = new Feed<LinkState>();
  readonly messages = new Feed<string>();
  readonly datagrams = new Feed<Uint8Array>();
  readonly connected: Promise<void>;
  readonly ended: Promise<PunchError | undefined>;
  readonly #stage: Stage;
  readonly #edge: LinkEdge;
  readonly #startedAt: number;
  readonly #protocol: 1 | 2;
  readonly #pauses: PauseWatch;
  #chart: Live<typeof linkMachine>;
  #shown: LinkState | undefined;
  #failure: LinkObstacle | undefined;
  #keyChange: PunchError | undefined;
  #settle!: { connected(): void; over(error: PunchError | undefined): void };

  constructor(stage: Stage, input: LinkInput, edge: LinkEdge) {
    this.peer = input.peer;
    this.#stage = stage;
    this.#edge = edge;
    this.#startedAt = stage.clock.now();
    this.#protocol = input.protocol ?? 1;
    this.#pauses = new PauseWatch(stage.clock);
    const { connected, ended, settle } = linkPromises(input.peer);
    this.connected = connected;
    this.ended = ended;
    this.#settle = settle;
    this.#chart = this.#enact(input);
  }

  get state(): LinkPhase {
    return this.#shown?.state ?? 'requesting';
  }

  get isOver(): boolean {
    return ['closed', 'failed', 'lost', 'left'].includes(this.state);
  }

  /** Where our packets go. */
  get remote(): Endpoint | null {
    return this.#chart.snapshot().context.remote;
  }

  send(text: string): Promise<void> {
    return this.#edge.send(this, text);
  }

  sendDatagram(bytes: Uint8Array): void {
    this.#edge.sendDatagram(this, bytes);
  }

  close(): void {
    this.tell({ type: 'stop' });
  }

  tell(event: LinkEvent): void {
    this.#chart.send(event);
    this.#pauses.happened(event);
  }

  /** Begins anew, as a link that is not over yet: the peer has called us while we were calling it. */
  restart(input: LinkInput): void {
    this.#chart.stop();
    this.#chart = this.#enact(input);
  }

  /** For the user, if the link fails because of the peer's key: more than the chart knows. */
  explain(error: PunchError | undefined): void {
    this.#keyChange = error;
  }

  notConnected(): PunchError {
    return new PunchError(
      'notConnected',
      `Not connected to ${this.peer}. Wait for the state "connected", then send.`,
    );
  }

  /** Whether a datagram from there is the peer's for certain (`exactly`), may be, or cannot be. */
  expects(from: Endpoint): 'exactly' | 'perhaps' | 'no' {
    const { remote, tried } = this.#chart.snapshot().context;
    if (tried.some((endpoint) => sameEndpoint(endpoint, from))) return 'exactly';
    return this.state === 'punching' && remote !== null && sameAddress(remote, from) ? 'perhaps' : 'no';
  }

  #perform(effect: LinkOutput): void {
    switch (effect.type) {
      case 'heard':
        if (effect.text !== greetingOf(this.peer)) this.messages.push(effect.text);
        return;
      case 'failed':
        this.#failure = effect.reason;
        return;
      default:
        return this.#edge.perform(effect);
    }
  }

  #enact(input: LinkInput): Live<typeof linkMachine> {
    return enact(this.#stage, linkMachine, `link:${input.peer}`, input, {
      perform: (effect) => this.#perform(effect),
      observe: (snapshot) => {
        const { remote, doubt } = snapshot.context;
        this.#show({ state: phaseOf(snapshot), remote, doubt });
      },
    });
  }

  #show(view: LinkView): void {
    const { state, remote, doubt } = view;
    const pause = this.#pauses.see(view);
    const looksAlike = this.#shown?.state === state && isSamePlace(this.#shown.remote, remote);
    if (looksAlike && (pause === undefined || !isNews(pause))) return;
    const error = this.#errorIn(state, doubt);
    this.#shown = {
      state,
      elapsedMs: this.#stage.clock.now() - this.#startedAt,
      ...(remote === null ? {} : { remote }),
      ...(error === undefined ? {} : { error }),
      ...(pause === undefined || this.#protocol === 1 ? {} : { pause }),
    };
    this.states.push(this.#shown);
    if (state === 'connected') {
      this.#settle.connected();
      this.#edge.connected?.(this);
    }
    if (this.isOver) this.#end(error);
  }

  #errorIn(state: LinkPhase, doubt: LinkDoubt | null): PunchError | undefined {
    if (state === 'lost') {
      return doubt === null
        ? linkError('linkLost', this.peer, this.#protocol)
        : lossError(this.peer, this.#pauses.unansweredMs, doubt);
    }
    if (state === 'left') return linkError('left', this.peer, this.#protocol);
    if (this.#failure === 'peerKeyChanged' && this.#keyChange !== undefined) return this.#keyChange;
    return state === 'failed'
      ? linkError(this.#failure ?? 'punchingFailed', this.peer, this.#protocol)
      : undefined;
  }

  #end(error: PunchError | undefined): void {
    this.states.end();
    this.messages.end();
    this.datagrams.end();
    this.#settle.over(error);
    this.#edge.ended(this, error);
  }
}

function isSamePlace(a: Endpoint | undefined, b: Endpoint | null): boolean {
  return a === undefined || b === null ? a === (b ?? undefined) : sameEndpoint(a, b);
}

/** Why protocol 1 cannot carry a text for a client of this name; undefined if it can. */
export function textFault(text: string, ownName: string): string | undefined {
  const size = new TextEncoder().encode(text).length;
  if (size > TEXT_BYTES_MAX) {
    return `A text of ${size} bytes does not fit: protocol 1 carries ${TEXT_BYTES_MAX}. Send it in parts.`;
  }
  if (text === greetingOf(ownName)) {
    return `"${text}" is the greeting that holds the path open, and would not be shown. Use other words.`;
  }
  return undefined;
}
