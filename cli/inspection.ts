import type { Inspection } from '../runtime/inspect/stately.ts';
import type { Terminal } from './terminal.ts';

/** Starts streaming charts if that is wanted, and says where to watch. Rejects with a PunchError. */
export async function inspectIf(
  wanted: boolean | undefined,
  label: string,
  terminal: Terminal,
): Promise<Inspection | undefined> {
  if (wanted !== true) return undefined;
  const { startInspection } = await import('../runtime/inspect/stately.ts');
  const inspection = await startInspection({ label });
  terminal.report({ type: 'inspector', url: inspection.url });
  return inspection;
}
