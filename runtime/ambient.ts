/** All the time and all the chance there is. Everything else is handed these, so a run can be repeated exactly. */

/** Milliseconds on a clock that never goes backwards, and timers on it. XState's own clock interface, and `now`. */
export type Clock = {
  now(): number;
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
};

/** A number from 0 to below 1. */
export type Random = () => number;

/** So many bytes that nobody can guess: keys, nonces, ids. */
export type Entropy = (length: number) => Uint8Array;

export type Ambient = { readonly clock: Clock; readonly random: Random };

export const realEntropy: Entropy = (length) => crypto.getRandomValues(new Uint8Array(length));

export const realAmbient: Ambient = {
  clock: {
    now: () => performance.now(),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  },
  random: Math.random,
};

/** Milliseconds since 1970 on the clock on the wall, which others may set, and which goes on while the machine sleeps. */
export const wallClock = (): number => Date.now();

/** Runs `task` in a turn of the event loop of its own, as soon as the loop has heard of everything that is ready. */
export function inNextTurn(task: () => void): void {
  setImmediate(task);
}

/** Milliseconds since 1970 when the real clock was at 0: what tells processes' clocks from each other, to a microsecond. */
export const wallClockOrigin = (): number => performance.timeOrigin;

/** Resolves after `delayMs`, or at once when the signal aborts. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.setTimeout(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
