import type { Clock } from '../ambient.ts';
import { type Links, Queue } from '../tables/queue.ts';
import { NONE, type Records } from '../tables/records.ts';

export type ExpiryOptions = {
  readonly clock: Clock;
  /** What each delay takes, in ms. */
  readonly delaysMs: readonly number[];
  /** Where in a record the queue is, and the time, which takes two words. */
  readonly links: Links;
  readonly due: number;
  /** Hears that a delay of a slot has passed, and must disarm it. */
  expire(slot: number, delay: number): void;
};

/** Slots that expire one after the other before anything else gets its turn: some milliseconds' worth. */
const AT_ONCE = 256;

/**
 * A timer for each of many slots, by one of a few delays, with one timer of the clock. Who waits for the same time is due
 * in the order of arming, so a queue for each delay has them sorted.
 */
export class Expiry {
  readonly #records: Records;
  readonly #options: ExpiryOptions;
  readonly #queues: readonly Queue[];
  #timer: { readonly id: unknown; readonly due: number } | undefined;

  constructor(records: Records, options: ExpiryOptions) {
    this.#records = records;
    this.#options = options;
    this.#queues = options.delaysMs.map(() => new Queue(records, options.links));
  }

  /** Lets a slot that is not armed expire. */
  arm(slot: number, delay: number): void {
    const { clock, delaysMs } = this.#options;
    const due = clock.now() + (delaysMs[delay] as number);
    const { doubles, size } = this.#records;
    doubles[(slot * size + this.#options.due) / 2] = due;
    this.#queues[delay]?.append(slot);
    if (this.#timer === undefined || this.#timer.due > due) this.#wake(due);
  }

  disarm(slot: number, delay: number): void {
    this.#queues[delay]?.remove(slot);
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#timer?.id);
    this.#timer = undefined;
  }

  #run(): void {
    const now = this.#options.clock.now();
    let left = AT_ONCE;
    let next = Number.POSITIVE_INFINITY;
    for (const [delay, queue] of this.#queues.entries()) {
      for (; queue.first !== NONE && this.#dueAt(queue.first) <= now && left > 0; left -= 1)
        this.#options.expire(queue.first, delay);
      if (queue.first !== NONE) next = Math.min(next, this.#dueAt(queue.first));
    }
    this.#timer = undefined;
    if (next < Number.POSITIVE_INFINITY) this.#wake(next);
  }

  #wake(due: number): void {
    const { clock } = this.#options;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer.id);
    this.#timer = { id: clock.setTimeout(() => this.#run(), Math.max(0, due - clock.now())), due };
  }

  #dueAt(slot: number): number {
    const { doubles, size } = this.#records;
    return doubles[(slot * size + this.#options.due) / 2] as number;
  }
}
