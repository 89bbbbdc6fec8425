import { type Endpoint, sameAddress, sameEndpoint } from '../machines/endpoint.ts';
import {
  greetingOf,
  type LinkInput,
  type LinkObstacle,
  type LinkOutput,
  type LinkPhase,
  linkMachine,
} from '../machines/link.ts';
import { type Message, TEXT_BYTES_MAX } from '../machines/wire.ts';
import { linkError, PunchError } from './errors.ts';
import { Feed } from './feed.ts';
import { enact, type Live, phaseOf, type Stage } from './stage.ts';

export type LinkState = {
  readonly state: LinkPhase;
  /** Where our packets go, once the server has said it. */
  readonly remote?: Endpoint;
  /** Milliseconds since the link was asked for. */
  readonly elapsedMs: number;
  /** Why it failed or was lost. */
  readonly error?: PunchError;
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
  /**
   * Sends a text of at most 126 bytes of UTF-8, once: protocol 1 does not notice loss. Throws a {@link PunchError}
   * when there is no connection (`notConnected`) or the text cannot be sent (`badText`).
   */
  send(text: string): void;
  /** Stops sending. Protocol 1 has no word for this: the peer notices after 60 s. */
  close(): void;
};

/** What the chart of a link needs of the client it belongs to. */
export type LinkSurroundings = {
  transmit(to: Endpoint, message: Message, hops?: number): void;
  ended(link: LinkHost): void;
};

/** The host of one link's chart. */
export class LinkHost implements Link {
  readonly peer: string;
  readonly states = new Feed<LinkState>();
  readonly messages = new Feed<string>();
  readonly connected: Promise<void>;
  readonly ended: Promise<PunchError | undefined>;
  readonly #stage: Stage;
  readonly #ownName: string;
  readonly #surroundings: LinkSurroundings;
  readonly #startedAt: number;
  readonly #chart: Live<typeof linkMachine>;
  #shown: LinkState | undefined;
  #failure: LinkObstacle | undefined;
  #settle!: { connected(): void; over(error: PunchError | undefined): void };

  constructor(stage: Stage, input: LinkInput, surroundings: LinkSurroundings) {
    this.peer = input.peer;
    this.#stage = stage;
    this.#ownName = input.name;
    this.#surroundings = surroundings;
    this.#startedAt = stage.clock.now();
    const { connected, ended, settle } = promises(input.peer);
    this.connected = connected;
    this.ended = ended;
    this.#settle = settle;
    this.#chart = enact(stage, linkMachine, `link:${input.peer}`, input, {
      perform: (effect) => this.#perform(effect),
      observe: (snapshot) => this.#show(phaseOf(snapshot), snapshot.context.remote),
    });
  }

  get state(): LinkPhase {
    return this.#shown?.state ?? 'requesting';
  }

  get isOver(): boolean {
    return ['closed', 'failed', 'lost'].includes(this.state);
  }

  send(text: string): void {
    if (this.state !== 'connected') {
      throw new PunchError(
        'notConnected',
        `Not connected to ${this.peer}. Wait for the state "connected", then send.`,
      );
    }
    const fault = textFault(text, this.#ownName);
    if (fault !== undefined) throw new PunchError('badText', fault);
    this.#chart.send({ type: 'say', text });
  }

  close(): void {
    this.#chart.send({ type: 'stop' });
  }

  introduced(remote: Endpoint): void {
    this.#chart.send({ type: 'introduced', remote });
  }

  disappointed(): void {
    this.#chart.send({ type: 'disappointed' });
  }

  heard(from: Endpoint, text: string): void {
    this.#chart.send({ type: 'datagram.message', from, text });
  }

  /** Whether a datagram from there is the peer's for certain (`exactly`), may be, or cannot be. */
  expects(from: Endpoint): 'exactly' | 'perhaps' | 'no' {
    const { remote, tried } = this.#chart.snapshot().context;
    if (tried.some((endpoint) => sameEndpoint(endpoint, from))) return 'exactly';
    return this.state === 'punching' && remote !== null && sameAddress(remote, from) ? 'perhaps' : 'no';
  }

  #perform(effect: LinkOutput): void {
    switch (effect.type) {
      case 'transmit':
        return this.#surroundings.transmit(effect.to, effect.message, effect.hops);
      case 'heard':
        if (effect.text !== greetingOf(this.peer)) this.messages.push(effect.text);
        return;
      case 'failed':
        this.#failure = effect.reason;
    }
  }

  #show(state: LinkPhase, remote: Endpoint | null): void {
    if (this.#shown?.state === state && (this.#shown.remote ?? null) === remote) return;
    const error = this.#errorIn(state);
    this.#shown = {
      state,
      elapsedMs: this.#stage.clock.now() - this.#startedAt,
      ...(remote === null ? {} : { remote }),
      ...(error === undefined ? {} : { error }),
    };
    this.states.push(this.#shown);
    if (state === 'connected') this.#settle.connected();
    if (this.isOver) this.#end(error);
  }

  #errorIn(state: LinkPhase): PunchError | undefined {
    if (state === 'lost') return linkError('linkLost', this.peer);
    return state === 'failed' ? linkError(this.#failure ?? 'punchingFailed', this.peer) : undefined;
  }

  #end(error: PunchError | undefined): void {
    this.states.end();
    this.messages.end();
    this.#settle.over(error);
    this.#surroundings.ended(this);
  }
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

function promises(peer: string) {
  let connected = () => {};
  let fail = (_error: PunchError) => {};
  let over = (_error: PunchError | undefined) => {};
  const whenConnected = new Promise<void>((resolve, reject) => {
    connected = resolve;
    fail = reject;
  });
  // Whoever does not wait for the connection learns of its failure from `ended`.
  whenConnected.catch(() => {});
  const whenOver = new Promise<PunchError | undefined>((resolve) => {
    over = resolve;
  });
  return {
    connected: whenConnected,
    ended: whenOver,
    settle: {
      connected,
      over: (error: PunchError | undefined) => {
        fail(error ?? new PunchError('closed', `The link to ${peer} was closed before it was connected.`));
        over(error);
      },
    },
  };
}
