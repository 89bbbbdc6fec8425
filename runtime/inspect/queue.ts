import type { Clock } from '../ambient.ts';
import { type Line, lineOf } from './lines.ts';
import type { SourceRecord, StepRecord } from './records.ts';

/** How long records gather before they are sent together. */
const GATHERING_MS = 40;

/** Steps and datagrams that are told of one gathering. Traffic comes first: beyond this they are counted only. */
export const GATHERED_MAX = 1_000;

export type QueueOptions = {
  readonly clock: Clock;
  /** Waits for {@link Queue.flush} and tells everything: for runs that nobody else waits for. */
  readonly isPatient?: boolean;
  publish(lines: readonly Line[]): void;
  /** What else there is to tell at the end of a gathering. */
  conclude(missed: number): void;
};

/** A record that is put into words when it is told, or nothing. */
export type Later = () => SourceRecord | undefined;

/** What is to be told, until it is. What it costs to put into words is not paid while events are taken. */
export class Queue {
  readonly #options: QueueOptions;
  #leading: SourceRecord[] = [];
  #waiting: (SourceRecord | Later)[] = [];
  #limited = 0;
  #missed = 0;
  #timer: unknown;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Whether a step or datagram can be told. One that cannot is counted. */
  admits(): boolean {
    if (this.#options.isPatient === true || this.#limited < GATHERED_MAX) return true;
    this.#missed += 1;
    this.wake();
    return false;
  }

  /** Something that must have been admitted. */
  add(record: SourceRecord | Later): void {
    this.#limited += 1;
    this.tell(record);
  }

  /** Something that others refer to. */
  tellFirst(record: SourceRecord): void {
    this.#leading.push(record);
    this.wake();
  }

  /** Something that is told in any case. */
  tell(record: SourceRecord | Later): void {
    this.#waiting.push(record);
    this.wake();
  }

  wake(): void {
    if (this.#timer !== undefined || this.#options.isPatient === true) return;
    this.#timer = this.#options.clock.setTimeout(() => this.flush(), GATHERING_MS);
    // A process that has nothing else to do may end.
    (this.#timer as { unref?(): void }).unref?.();
  }

  flush(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.conclude(this.#missed);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#limited = 0;
    this.#missed = 0;
    // To put something into words may take words that are new.
    const records = waiting
      .map((record) => (typeof record === 'function' ? record() : record))
      .filter((record) => record !== undefined);
    const leading = this.#leading;
    this.#leading = [];
    if (records.length + leading.length > 0) this.#options.publish([...leading, ...records].map(sayable));
  }
}

/** What an event carries may be nothing that JSON can say. It is left out then. */
function sayable(record: SourceRecord): Line {
  try {
    return lineOf(record);
  } catch {
    return lineOf(record[0] === 'step' ? withoutEvent(record) : ['missed', 0, 1]);
  }
}

function withoutEvent([kind, actor, at, event, state, taken, details]: StepRecord): StepRecord {
  const { event: _, ...others } = details ?? {};
  return [kind, actor, at, event, state, taken, others];
}
