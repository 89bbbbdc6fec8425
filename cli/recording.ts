import { extname } from 'node:path';
import type { InspectionEvent } from 'xstate';
import type { Recording } from '../runtime/trace/recording.ts';
import type { Terminal } from './terminal.ts';

/** Starts recording if a file is named, and says so if that comes to a premature end. Never rejects. */
export async function recordIf(
  file: string | undefined,
  label: string,
  terminal: Terminal,
): Promise<Recording | undefined> {
  if (file === undefined) return undefined;
  const { startRecording } = await import('../runtime/trace/recording.ts');
  const stopped = (text: string) => terminal.report({ type: 'notice', text });
  return startRecording({ file, label, stopped });
}

type Watcher = { inspect(event: InspectionEvent): void };

/** The `inspect` option for those who watch; none if nobody does. */
export function watchedBy(...watchers: readonly (Watcher | undefined)[]): Partial<Watcher> {
  const present = watchers.filter((watcher) => watcher !== undefined);
  if (present.length === 0) return {};
  return {
    inspect: (event) => {
      for (const watcher of present) watcher.inspect(event);
    },
  };
}

/** Where one of several processes records to: `run.jsonl` becomes `run-alice.jsonl`. */
export function recordingOf(who: string, file: string): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${who}${extension}`;
}
