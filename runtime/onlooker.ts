import type { InspectionEvent } from 'xstate';
import { lateWatcher } from './late-watcher.ts';
import type { Watcher } from './watcher.ts';

export type Onlooker = {
  readonly watcher: Watcher | undefined;
  /** Ends what was begun for it. */
  close(): Promise<void>;
};

/**
 * Who looks on, as a user of the library says it. `true` loads the inspector, which is not there otherwise; if it cannot
 * be, that is a warning of the process, and everything else goes on.
 */
export function onlookerFor(
  label: string,
  wanted: boolean | ((event: InspectionEvent) => void) | Watcher | undefined,
  prefix = label,
): Onlooker {
  if (typeof wanted === 'function') return { watcher: { inspect: wanted }, close: async () => {} };
  if (typeof wanted === 'object') return { watcher: wanted, close: async () => {} };
  if (wanted !== true) return { watcher: undefined, close: async () => {} };
  const started = import('./inspect/inspection.ts').then(({ startInspection }) =>
    startInspection({ label, prefix }),
  );
  return {
    watcher: lateWatcher(started, (error) => process.emitWarning(String(error))),
    close: () => started.then((inspection) => inspection.close()).catch(() => {}),
  };
}
