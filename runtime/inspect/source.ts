import type { WebSocket } from 'ws';
import { type Ambient, pause } from '../ambient.ts';
import { PunchError } from '../errors.ts';
import { Board, RECORDED_STEPS_MAX, STEPS_MAX } from './board.ts';
import { Follower } from './follower.ts';
import { connectToHub } from './handshake.ts';
import { Hub } from './hub.ts';
import { type HubRequest, readRequest } from './interest.ts';
import { inMessages, type Line } from './lines.ts';
import type { SourceIdentity } from './records.ts';
import type { Secret } from './secret.ts';
import { closeAll } from './sockets.ts';
import { UsedTickets } from './used-tickets.ts';

/** Between attempts to reach a hub or to be it, at random, so that those who lost one do not all come at once. */
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 250;

/** Attempts before a start is given up: a hub that is just ending is gone by then. */
const START_ATTEMPTS = 20;

/** How long the last frames may take. */
const CLOSE_PATIENCE_MS = 1_000;

export type SourceOptions = Ambient & {
  readonly port: number;
  readonly secret: Secret;
  readonly identity: SourceIdentity;
  /** Hears what viewers want to know. */
  asked?(request: Extract<HubRequest, { actors: unknown }>): void;
};

/**
 * This process's side of the inspector: brings its lines to the hub, and is the hub if nobody else is. When the
 * hub ends, whoever comes first takes over, and everyone tells everything again.
 */
export class Source {
  readonly #options: SourceOptions;
  readonly #board: Board;
  readonly #used = new UsedTickets();
  readonly #closing = new AbortController();
  #port: number;
  #hub: Hub | undefined;
  /** To viewers, if they are here. */
  #spread: ((lines: readonly Line[]) => void) | undefined;
  #socket: WebSocket | undefined;
  #follower: Follower | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** Rejects with a {@link PunchError} when the port is not to be had. */
  static async open(options: SourceOptions): Promise<Source> {
    const source = new Source(options);
    await source.#start();
    return source;
  }

  private constructor(options: SourceOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#board = new Board(options.identity.isRecorded ? RECORDED_STEPS_MAX : STEPS_MAX);
  }

  get port(): number {
    return this.#port;
  }

  /** Whether this process is where all others meet. */
  get isHub(): boolean {
    return this.#hub !== undefined;
  }

  publish(lines: readonly Line[]): void {
    for (const line of lines) this.#board.record(line);
    this.#spread?.(lines);
    if (this.#follower === undefined) return;
    for (const message of inMessages(lines)) {
      this.#follower.follow(message, lines.length, this.#options.identity.isRecorded);
    }
  }

  /** Waits until the hub has everything that was published, and ends; and ends the hub if that is here. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#socket !== undefined) await closeAll([this.#socket], this.#options.clock, CLOSE_PATIENCE_MS);
    await this.#ended;
    await this.#hub?.close();
  }

  async #start(): Promise<void> {
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
      const outcome = await this.#attach().catch((error: NodeJS.ErrnoException) => error);
      if (outcome === 'attached') {
        this.#ended = this.#stay();
        return;
      }
      if (outcome !== 'absent') break;
      await this.#rest();
    }
    await this.#hub?.close();
    throw new PunchError(
      'addressInUse',
      `The inspector cannot use TCP port ${this.#port}: another program or another user has it. ` +
        'Free it, or run without --inspect.',
    );
  }

  async #stay(): Promise<void> {
    for (;;) {
      if (this.#socket === undefined) return;
      await lost(this.#socket);
      this.#socket = undefined;
      this.#follower = undefined;
      await this.#rest();
      while (!this.#closing.signal.aborted && (await this.#attach().catch(() => 'absent')) !== 'attached') {
        await this.#rest();
      }
    }
  }

  async #attach(): Promise<'attached' | 'absent' | 'foreign'> {
    const { secret, identity, clock } = this.#options;
    this.#hub = await Hub.open({ port: this.#port, secret, clock, used: this.#used }).catch(unlessInUse);
    if (this.#hub !== undefined) {
      this.#port = this.#hub.port;
      this.#spread = this.#hub.join(identity, this.#board, (request) => this.#heed(request));
      return 'attached';
    }
    const socket = await connectToHub(this.#port, secret, identity, clock);
    if (typeof socket === 'string') return socket;
    this.#socket = socket;
    socket.on('message', (data) => {
      const request = readRequest(String(data));
      if (request !== undefined) this.#heed(request);
    });
    this.#follower = new Follower(socket, {
      everything: () => inMessages(this.#board.everything()),
      essentials: () => inMessages(this.#board.essentials()),
    });
    if (this.#closing.signal.aborted) await closeAll([socket], clock, CLOSE_PATIENCE_MS);
    return 'attached';
  }

  #heed(request: HubRequest): void {
    if ('used' in request) this.#used.use(request.used);
    else this.#options.asked?.(request);
  }

  #rest(): Promise<void> {
    const { clock, random } = this.#options;
    const delayMs = RETRY_MIN_MS + random() * (RETRY_MAX_MS - RETRY_MIN_MS);
    return pause(clock, delayMs, this.#closing.signal);
  }
}

function lost(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve();
    else socket.once('close', () => resolve());
  });
}

function unlessInUse(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EADDRINUSE') throw error;
}
