import { climb, LINE_LADDER_MS, rung } from '../../machines/timing.ts';
import type { Clock } from '../ambient.ts';
import { PunchError } from '../errors.ts';
import type { Frame } from './frames.ts';

type LineFrame = Extract<Frame, { readonly type: 'line' | 'acknowledgement' }>;

export type LinesSurroundings = {
  readonly clock: Clock;
  transmit(frame: LineFrame): void;
  /** Hands over a line of the peer's; false if there is no room for it yet. */
  deliver(text: string): boolean;
  /** Something came that an honest peer does not send. */
  distrust(reason: 'lineAhead' | 'acknowledgedAhead'): void;
};

/** Lines under way at once, which is also how far ahead of the next one a line may come. */
export const LINE_WINDOW = 32;

/** Lines that wait to be acknowledged. */
export const LINES_WAITING_MAX = 1024;

/**
 * Lines to and from one peer, over datagrams that may be lost, doubled and overtaken. A line arrives once and in order,
 * or its sender is told that nobody knows whether it did. A reader who is slow is waited for: a line that finds no room
 * is not acknowledged, and comes again.
 */
export class Lines {
  readonly #surroundings: LinesSurroundings;
  /** From the first that is not acknowledged. */
  #waiting: Waiting[] = [];
  #nextToSend = 0;
  #attempt = 0;
  #timer: unknown;
  #nextToDeliver = 0;
  readonly #ahead = new Map<number, string>();
  #end: PunchError | undefined;

  constructor(surroundings: LinesSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Kept when the peer has the line; broken when the link ends before it says so, or when too many wait. */
  send(text: string): Promise<void> {
    const delivery = new Promise<void>((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      if (this.#waiting.length >= LINES_WAITING_MAX) return reject(tooMany());
      this.#waiting.push({ number: this.#nextToSend, text, resolve, reject });
      this.#nextToSend += 1;
      if (this.#waiting.length <= LINE_WINDOW) this.#transmit(this.#waiting.slice(-1));
      if (this.#timer === undefined) this.#arm();
    });
    // Who does not look at it has chosen not to know.
    delivery.catch(() => {});
    return delivery;
  }

  receive(frame: LineFrame): void {
    if (this.#end !== undefined) return;
    if (frame.type === 'line') this.#takeIn(frame.number, frame.text);
    else this.#acknowledged(frame.next);
  }

  /** No line goes or comes any more. */
  end(error: PunchError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#disarm();
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }

  #takeIn(number: number, text: string): void {
    if (number >= this.#nextToDeliver + LINE_WINDOW) return this.#surroundings.distrust('lineAhead');
    if (number >= this.#nextToDeliver) this.#ahead.set(number, text);
    for (;;) {
      const next = this.#ahead.get(this.#nextToDeliver);
      if (next === undefined || !this.#surroundings.deliver(next)) break;
      this.#ahead.delete(this.#nextToDeliver);
      this.#nextToDeliver += 1;
    }
    // For one that came before too: the acknowledgement was lost.
    this.#surroundings.transmit({ type: 'acknowledgement', next: this.#nextToDeliver });
  }

  #acknowledged(next: number): void {
    const first = this.#nextToSend - this.#waiting.length;
    const count = next - first;
    if (count > Math.min(this.#waiting.length, LINE_WINDOW)) {
      return this.#surroundings.distrust('acknowledgedAhead');
    }
    if (count <= 0) return;
    const known = this.#waiting.slice(0, count);
    const underWay = LINE_WINDOW - count;
    this.#waiting = this.#waiting.slice(count);
    this.#attempt = 0;
    this.#disarm();
    this.#transmit(this.#waiting.slice(underWay, LINE_WINDOW));
    if (this.#waiting.length > 0) this.#arm();
    for (const { resolve } of known) resolve();
  }

  #transmit(lines: readonly Waiting[]): void {
    for (const { number, text } of lines) this.#surroundings.transmit({ type: 'line', number, text });
  }

  #arm(): void {
    this.#timer = this.#surroundings.clock.setTimeout(
      () => {
        this.#attempt = climb(LINE_LADDER_MS, this.#attempt);
        this.#arm();
        this.#transmit(this.#waiting.slice(0, LINE_WINDOW));
      },
      rung(LINE_LADDER_MS, this.#attempt),
    );
  }

  #disarm(): void {
    this.#surroundings.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

type Waiting = {
  readonly number: number;
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: PunchError) => void;
};

function tooMany(): PunchError {
  return new PunchError(
    'undelivered',
    `${LINES_WAITING_MAX} lines wait for the peer already. Wait until some have arrived, then send this one again.`,
  );
}
