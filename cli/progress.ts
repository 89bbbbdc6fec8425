import type { Clock } from '../runtime/ambient.ts';

/** A bar on standard error, where that is a terminal, and nothing elsewhere. */
export class Progress {
  readonly #clock: Clock;
  readonly #total: number;
  readonly #startedAt: number;
  readonly #isShown = process.stderr.isTTY === true;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, total: number) {
    this.#clock = clock;
    this.#total = total;
    this.#startedAt = clock.now();
  }

  show(done: number): void {
    const now = this.#clock.now();
    if (!this.#isShown || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    process.stderr.write(`\r\x1b[K${barOf(done, this.#total, now - this.#startedAt)}`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown && this.#drawnAt > Number.NEGATIVE_INFINITY) process.stderr.write('\r\x1b[K');
  }
}

/** `█████░░░░░ 500 of 1000 · 3 s left`. */
export function barOf(done: number, total: number, elapsedMs: number): string {
  const full = Math.floor((done / Math.max(1, total)) * BAR_WIDTH);
  const leftSeconds = done === 0 ? undefined : Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  const left = leftSeconds === undefined ? '' : ` · ${leftSeconds} s left`;
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${done} of ${total}${left}`;
}

const REDRAW_MS = 100;
const BAR_WIDTH = 30;
