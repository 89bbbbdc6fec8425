import { createRequire } from 'node:module';
import type { EventObject, StateValue } from 'xstate';
import {
  type AnyEffect,
  effectsSum,
  emittedTypes,
  sealed,
  TRACE_FORMAT,
  TRACE_VERSION,
  type TraceEnd,
  type TraceHeader,
  type TraceRecord,
} from './format.ts';
import { greetingsIn, redact } from './redaction.ts';

/** The greatest size of a trace: some 300,000 records. */
export const TRACE_BYTES_MAX = 64 * 1024 * 1024;

/** Where lines go. */
export type TraceSink = {
  /** Takes a line, its end included. False if it cannot, now or ever: the trace is over then. */
  write(line: string): boolean;
};

/** What a trace says of itself, besides the versions. */
export type TraceOrigin = Pick<TraceHeader, 'label' | 'seed' | 'command' | 'times'>;

/** What happened to an actor; `state` is missing and `error` there if the chart threw. */
export type Happening = {
  readonly at: number;
  readonly actor: string;
  readonly state?: StateValue;
  readonly effects: readonly AnyEffect[];
  readonly error?: string;
} & ({ readonly begin: string; readonly input: unknown } | { readonly event: EventObject });

export type TraceWriter = {
  /** Writes one record, without what people say. Does nothing once the trace is over. */
  record(happening: Happening): void;
  /** Writes the last line. */
  end(): void;
  /** Writes a last line that says that there was more. */
  cut(why: 'full' | 'unfit'): void;
  /** Why nothing is written any more, unless {@link TraceWriter.end} was called. `unfit` is what JSON cannot say. */
  readonly stopped: 'full' | 'unfit' | 'refused' | undefined;
};

/** Writes a trace to the sink; the first line at once. */
export function createTraceWriter(
  sink: TraceSink,
  origin: TraceOrigin,
  { maxBytes = TRACE_BYTES_MAX }: { readonly maxBytes?: number } = {},
): TraceWriter {
  return new Writer(sink, origin, maxBytes);
}

/** Kept free for the last line. */
const LAST_LINE_BYTES = 80;

class Writer implements TraceWriter {
  readonly #sink: TraceSink;
  readonly #maxBytes: number;
  /** Of the links so far: no more than fit into the trace. */
  readonly #greetings = new Map<string, ReadonlySet<string>>();
  #sum = '';
  #bytes = 0;
  #records = 0;
  #isOver = false;
  stopped: TraceWriter['stopped'];

  constructor(sink: TraceSink, origin: TraceOrigin, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#write(headerOf(origin));
  }

  record(happening: Happening): void {
    if (this.#isOver) return;
    if ('begin' in happening) this.#greetings.set(happening.actor, greetingsIn(happening.input));
    const { effects, ...rest } = redact(happening, this.#greetings.get(happening.actor) ?? NONE) as Happening;
    const { error, ...others } = rest;
    const record: TraceRecord = {
      ...others,
      emits: emittedTypes(effects),
      effects: effectsSum(effects),
      ...(error === undefined ? {} : { error }),
    };
    if (this.#write(record)) this.#records += 1;
  }

  end(): void {
    if (!this.#isOver) this.#finish({ end: true, records: this.#records });
  }

  cut(why: 'full' | 'unfit'): void {
    if (this.#isOver) return;
    this.stopped = why;
    this.#finish({ cut: true, records: this.#records });
  }

  #write(content: object): boolean {
    const { line, sum } = sealed(content, this.#sum);
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#maxBytes - LAST_LINE_BYTES) {
      this.cut('full');
      return false;
    }
    this.#sum = sum;
    this.#bytes += bytes;
    return this.#hand(line);
  }

  #finish(last: TraceEnd): void {
    this.#hand(sealed(last, this.#sum).line);
    this.#isOver = true;
    this.#greetings.clear();
  }

  #hand(line: string): boolean {
    if (this.#sink.write(line)) return true;
    this.#isOver = true;
    this.stopped ??= 'refused';
    return false;
  }
}

const NONE: ReadonlySet<string> = new Set();

const require = createRequire(import.meta.url);

function headerOf({ label, seed, command, times }: TraceOrigin): TraceHeader {
  return {
    format: TRACE_FORMAT,
    version: TRACE_VERSION,
    program: `udp-hole-punch@${versionOf('udp-hole-punch')}`,
    xstate: versionOf('xstate'),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    label,
    ...(seed === undefined ? {} : { seed }),
    ...(command === undefined ? {} : { command }),
    ...(times === undefined ? {} : { times }),
  };
}

function versionOf(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}
