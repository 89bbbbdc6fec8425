import { onAbort } from '../runtime/abort.ts';
import type { Watcher } from '../runtime/watcher.ts';
import type { Terminal } from './terminal.ts';

export type InspectOptions = {
  readonly inspect?: boolean;
  /** Where, if that was said: another port than the usual one, or the Stately Inspector. */
  readonly inspectTo?: 'stately' | number;
};

export type Inspection = Watcher & {
  readonly isServingPage: boolean;
  close(): Promise<void>;
};

/** Starts streaming what happens if that is wanted, and says where to watch. Rejects with a PunchError. */
export async function inspectIf(
  { inspect, inspectTo }: InspectOptions,
  label: string,
  terminal: Terminal,
  prefix = label,
): Promise<Inspection | undefined> {
  if (inspectTo === 'stately') {
    const { startStatelyInspection } = await import('../runtime/inspect/stately.ts');
    const inspection = await startStatelyInspection({ label });
    terminal.report({ type: 'inspector', url: inspection.url, isStately: true });
    return inspection;
  }
  if (inspect !== true && inspectTo === undefined) return undefined;
  const { startInspection } = await import('../runtime/inspect/inspection.ts');
  const inspection = await startInspection({
    label,
    prefix,
    ...(inspectTo === undefined ? {} : { port: inspectTo }),
  });
  terminal.report({ type: 'inspector', url: inspection.url });
  return inspection;
}

/** Goes on serving the page until the user has seen enough. */
export function showUntilInterrupted({ interrupted, report }: Terminal): Promise<void> {
  report({ type: 'notice', text: 'Ctrl-C ends the page.' });
  return new Promise((resolve) => onAbort(interrupted, resolve));
}
