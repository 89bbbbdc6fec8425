import { CircularBuffer } from '../structures.ts';
import type { Board } from './board.ts';
import type { Frame } from './frames.ts';

/** Bytes that may wait for one slow reader before it misses steps. */
export const BACKLOG_BYTES_MAX = 4 << 20;

/** Ends of actors that one slow reader is told of later. */
const ENDS_MAX = 1000;

/** As much of a WebSocket as is needed to send. */
export type Outlet = {
  readonly bufferedAmount: number;
  send(text: string, sent: (error?: Error | null) => void): void;
};

/**
 * Keeps one reader up to date with a board: everything at first, then each frame. A reader that is too slow misses
 * frames, and is told which actors have ended and where the others are as soon as it has taken what was on its way.
 */
export class Follower {
  missed = 0;
  readonly #outlet: Outlet;
  readonly #board: Board;
  readonly #missedEnds = new CircularBuffer<Frame>(Array, ENDS_MAX);
  #isBehind = false;

  constructor(outlet: Outlet, board: Board) {
    this.#outlet = outlet;
    this.#board = board;
    for (const frame of board.everything()) this.#send(frame);
  }

  /** A frame that the board has just recorded. */
  follow(frame: Frame): void {
    if (!this.#isBehind && this.#outlet.bufferedAmount <= BACKLOG_BYTES_MAX) return this.#send(frame);
    this.#isBehind = true;
    this.missed += 1;
    if (frame.isLast) this.#missedEnds.push(frame);
  }

  #send(frame: Frame): void {
    this.#outlet.send(frame.text, (error) => {
      if (!error && this.#isBehind && this.#outlet.bufferedAmount === 0) this.#catchUp();
    });
  }

  #catchUp(): void {
    this.#isBehind = false;
    while (this.#missedEnds.size > 0) this.#send(this.#missedEnds.shift() as Frame);
    for (const frame of this.#board.essentials()) this.#send(frame);
  }
}
