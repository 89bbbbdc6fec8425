import type { Watcher } from './watcher.ts';

/** Calls that wait for a watcher, at most: those that come later are lost. */
const WAITING_MAX = 10_000;

/**
 * A watcher that is not there yet: what it would have seen is kept until it is. If it never comes, `failed` hears why,
 * and nobody looks on.
 */
export function lateWatcher(coming: Promise<Watcher>, failed: (error: unknown) => void): Required<Watcher> {
  let waiting: ((watcher: Watcher) => void)[] = [];
  let present: Watcher | undefined;
  let isAwaited = true;
  const see = (look: (watcher: Watcher) => void) => {
    if (present !== undefined) look(present);
    else if (isAwaited && waiting.length < WAITING_MAX) waiting.push(look);
  };
  coming
    .then((watcher) => {
      for (const look of waiting) look(watcher);
      present = watcher;
    })
    .catch((error: unknown) => failed(error))
    .finally(() => {
      isAwaited = false;
      waiting = [];
    });
  const kept = (bytes: Uint8Array) => (present === undefined ? bytes.slice() : bytes);
  return {
    inspect: (event) => see((watcher) => watcher.inspect(event)),
    overhear: (datagram, letter) => {
      const bytes = kept(datagram);
      see((watcher) => watcher.overhear?.(bytes, letter));
    },
    sent: (local, to, datagram, hops) => {
      const bytes = kept(datagram);
      see((watcher) => watcher.sent?.(local, to, bytes, hops));
    },
    received: (local, from, datagram) => {
      const bytes = kept(datagram);
      see((watcher) => watcher.received?.(local, from, bytes));
    },
    unsent: (to, code) => see((watcher) => watcher.unsent?.(to, code)),
  };
}
