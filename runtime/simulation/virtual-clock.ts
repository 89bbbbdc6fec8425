import type { Clock } from '../ambient.ts';
import { Heap } from '../structures.ts';

export type VirtualTimer = { readonly due: number; readonly delayMs: number; readonly run: () => void };

/** A clock that stands still until it is told to go on, and then jumps from deadline to deadline. */
export type VirtualClock = Clock & {
  /** The timers that have neither run nor been cleared, the next one first. */
  armed(): readonly VirtualTimer[];
  /** Lets time pass, and runs everything that falls due in it. */
  advance(ms: number): void;
  /** Jumps to the next deadline and runs one timer. False if there is none. */
  runNext(): boolean;
  /** Runs one timer whatever others are due before it. Time jumps to its deadline, if that is yet to come. */
  fire(timer: VirtualTimer): void;
};

export function createVirtualClock(): VirtualClock {
  let now = 0;
  let sequence = 0;
  const live = new Set<VirtualTimer>();
  let queue = new Heap<QueuedTimer>(inOrder);

  const armed = () => ([...live] as QueuedTimer[]).sort(inOrder);

  const fire = (timer: VirtualTimer) => {
    if (!live.delete(timer)) throw new Error(`the timer for ${timer.due} ms is not armed`);
    now = Math.max(now, timer.due);
    timer.run();
  };

  const next = () => {
    for (;;) {
      const first = queue.peek();
      if (first === undefined || live.has(first)) return first;
      queue.pop();
    }
  };

  const runNext = (until = Infinity) => {
    const first = next();
    if (first === undefined || first.due > until) return false;
    queue.pop();
    fire(first);
    return true;
  };

  return {
    now: () => now,
    setTimeout: (run, delayMs) => {
      if (!(delayMs >= 0 && delayMs <= DELAY_MS_MAX))
        throw new Error(`${delayMs} ms is no delay for a timer`);
      const timer: QueuedTimer = { due: now + delayMs, delayMs, run, sequence };
      sequence += 1;
      live.add(timer);
      queue.push(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      live.delete(timer as VirtualTimer);
      // Timers that are cleared stay queued until they are due: charts clear far more of them than run.
      if (queue.size > 2 * live.size + QUEUE_SLACK) queue = Heap.from([...live] as QueuedTimer[], inOrder);
    },
    armed,
    advance: (ms) => {
      const until = now + ms;
      while (runNext(until));
      now = until;
    },
    runNext: () => runNext(),
    fire,
  };
}

/** What real timers take: they make 1 ms of anything longer. */
const DELAY_MS_MAX = 2 ** 31 - 1;

const QUEUE_SLACK = 64;

type QueuedTimer = VirtualTimer & { readonly sequence: number };

/** Timers of one deadline run in the order in which they were set. */
function inOrder(a: QueuedTimer, b: QueuedTimer): number {
  return a.due - b.due || a.sequence - b.sequence;
}
