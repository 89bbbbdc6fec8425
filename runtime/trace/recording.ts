import type { InspectionEvent } from 'xstate';
import { type Clock, realAmbient } from '../ambient.ts';
import { openFileSink } from './file-sink.ts';
import { createRecorder } from './recorder.ts';
import {
  createTraceWriter,
  type Happening,
  TRACE_BYTES_MAX,
  type TraceOrigin,
  type TraceWriter,
} from './writer.ts';

export type RecordingOptions = TraceOrigin & {
  readonly file: string;
  readonly clock?: Clock;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
  /** Hears, at most once, in a sentence, why nothing is recorded any more. */
  readonly stopped?: (sentence: string) => void;
};

export type Recording = {
  /** For the `inspect` option of a server, a peer or an actor. */
  inspect(event: InspectionEvent): void;
  /** Writes the last line, and waits until the file is written. */
  close(): Promise<void>;
};

/** Records a process into a file. Never rejects: when the file cannot be written, `stopped` hears why. */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const { sink, writer, tellIfStopped } = await openRecording(options);
  const recorder = createRecorder(writer, options.clock ?? realAmbient.clock);
  return {
    inspect: (event) => {
      recorder.inspect(event);
      tellIfStopped();
    },
    close: async () => {
      recorder.end();
      await sink.close();
    },
  };
}

/** Writes what is known to have happened into a file, as {@link startRecording} does while it happens. Never rejects. */
export async function writeRecording(
  happenings: readonly Happening[],
  options: Omit<RecordingOptions, 'clock'>,
): Promise<void> {
  const { sink, writer, tellIfStopped } = await openRecording(options);
  for (const happening of happenings) writer.record(happening);
  tellIfStopped();
  writer.end();
  await sink.close();
}

async function openRecording(options: RecordingOptions) {
  const { file, maxBytes = TRACE_BYTES_MAX } = options;
  let isTold = false;
  const tell = (why: string) => {
    if (!isTold) options.stopped?.(`${file} is not recorded${why}.`);
    isTold = true;
  };
  const sink = await openFileSink(file, { failed: (why) => tell(`: ${why}`) });
  const writer = createTraceWriter(sink, options, { maxBytes });
  const tellIfStopped = () => {
    const why = stopText(writer, maxBytes);
    if (why !== undefined) tell(why);
  };
  return { sink, writer, tellIfStopped };
}

function stopText({ stopped }: TraceWriter, maxBytes: number): string | undefined {
  if (stopped === 'full') return ` any further: it has reached ${maxBytes} bytes`;
  return stopped === 'unfit' ? ' any further: an event cannot be written as JSON' : undefined;
}
