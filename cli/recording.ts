import { extname } from 'node:path';
import type { Recording, RecordingOptions } from '../runtime/trace/recording.ts';
import type { Happening } from '../runtime/trace/writer.ts';
import { together, type Watcher } from '../runtime/watcher.ts';
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

/** Records a run in virtual time, which `play` makes; says so too if not all of it could be written. Never rejects. */
export async function recordRun(
  { said, ...options }: Omit<RecordingOptions, 'stopped' | 'times'> & { readonly said: string },
  terminal: Terminal,
  play: (inspect: Recording['inspect']) => void,
): Promise<void> {
  const { startRecording } = await import('../runtime/trace/recording.ts');
  let text = `Recorded in ${options.file}: ${said}.`;
  const stopped = (sentence: string) => {
    text = sentence;
  };
  const recording = await startRecording({ ...options, times: 'virtual', stopped });
  play(recording.inspect);
  await recording.close();
  terminal.report({ type: 'notice', text });
}

/** Records a run that is known already, in the same way. Never rejects. */
export async function recordTold(
  happenings: readonly Happening[],
  { said, ...options }: Omit<RecordingOptions, 'stopped' | 'clock'> & { readonly said: string },
  terminal: Terminal,
): Promise<void> {
  const { writeRecording } = await import('../runtime/trace/recording.ts');
  let text = `Recorded in ${options.file}: ${said}.`;
  const stopped = (sentence: string) => {
    text = sentence;
  };
  await writeRecording(happenings, { ...options, stopped });
  terminal.report({ type: 'notice', text });
}

/** The `inspect` option for those who watch; none if nobody does. */
export function watchedBy(...watchers: readonly (Watcher | undefined)[]): { readonly inspect?: Watcher } {
  const watcher = together(...watchers);
  return watcher === undefined ? {} : { inspect: watcher };
}

/** Where one of several processes records to: `run.jsonl` becomes `run-alice.jsonl`. */
export function recordingOf(who: string, file: string): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${who}${extension}`;
}
