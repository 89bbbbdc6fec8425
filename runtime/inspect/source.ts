import type { WebSocket } from 'ws';
import { type Ambient, pause } from '../ambient.ts';
import { PunchError } from '../errors.ts';
import { Board } from './board.ts';
import { Follower } from './follower.ts';
import type { Frame } from './frames.ts';
import { connectToRelay } from './handshake.ts';
import { Relay } from './relay.ts';
import type { Secret } from './secret.ts';
import { closeAll } from './sockets.ts';

/** Between attempts to reach a relay or to be it, at random, so that those who lost one do not all come at once. */
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 250;

/** Attempts before a start is given up: a relay that is just ending is gone by then. */
const START_ATTEMPTS = 20;

/** How long the last frames may take. */
const CLOSE_PATIENCE_MS = 1_000;

export type SourceOptions = Ambient & {
  readonly port: number;
  readonly secret: Secret;
  /** What the ids of this process's actors begin with. */
  readonly prefix: string;
};

/**
 * This process's side of the inspector: brings its frames to the relay, and is the relay if nobody else is. When the
 * relay ends, whoever comes first takes over, and everyone tells everything again.
 */
export class Source {
  readonly #options: SourceOptions;
  readonly #board = new Board();
  readonly #closing = new AbortController();
  #port: number;
  #relay: Relay | undefined;
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
  }

  get port(): number {
    return this.#port;
  }

  publish(frame: Frame): void {
    this.#board.record(frame);
    this.#follower?.follow(frame);
  }

  /** Waits until the relay has everything that was published, and ends; and ends the relay if that is here. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#socket !== undefined) await closeAll([this.#socket], this.#options.clock, CLOSE_PATIENCE_MS);
    await this.#ended;
    await this.#relay?.close();
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
    await this.#relay?.close();
    throw new PunchError(
      'addressInUse',
      `The inspector cannot use TCP port ${this.#port}: another program or another user has it. ` +
        'Free it, or run without --inspect.',
    );
  }

  async #stay(): Promise<void> {
    for (;;) {
      if (this.#socket !== undefined) await lost(this.#socket);
      this.#socket = undefined;
      this.#follower = undefined;
      await this.#rest();
      if (this.#closing.signal.aborted) return;
      await this.#attach().catch(() => {});
    }
  }

  async #attach(): Promise<'attached' | 'absent' | 'foreign'> {
    const { secret, prefix, clock } = this.#options;
    this.#relay ??= await Relay.open({ port: this.#port, secret, clock }).catch(unlessInUse);
    this.#port = this.#relay?.port ?? this.#port;
    const socket = await connectToRelay(this.#port, secret, prefix, clock);
    if (typeof socket === 'string') return socket;
    this.#socket = socket;
    this.#follower = new Follower(socket, this.#board);
    if (this.#closing.signal.aborted) await closeAll([socket], clock, CLOSE_PATIENCE_MS);
    return 'attached';
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
