import { createReadStream } from 'node:fs';
import type { EventObject } from 'xstate';
import { reasonOf } from './file-sink.ts';
import {
  chainedSum,
  TRACE_FORMAT,
  TRACE_VERSION,
  type TraceEnd,
  type TraceHeader,
  type TraceRecord,
  unsealed,
} from './format.ts';
import { LINE_BYTES_MAX, type Line, linesOf } from './lines.ts';

/** Why a trace cannot be read further, in a sentence that names the line. */
export type TraceFault = {
  readonly code:
    | 'unreadable'
    | 'empty'
    | 'notATrace'
    | 'unknownVersion'
    | 'lineTooLong'
    | 'wrongSum'
    | 'badRecord'
    | 'cutOff'
    | 'afterEnd';
  /** Counted from 1; 0 if no line is to blame. */
  readonly line: number;
  readonly text: string;
};

/** What is in a trace, in order. The last is an `end` or a `fault`. */
export type TraceItem =
  | { readonly type: 'header'; readonly header: TraceHeader }
  | { readonly type: 'record'; readonly line: number; readonly record: TraceRecord }
  | { readonly type: 'end'; readonly line: number; readonly isWhole: boolean }
  | { readonly type: 'fault'; readonly fault: TraceFault };

/** Reads a file as {@link readTrace} does; what the file system says against it is a fault too. */
export async function* readTraceFile(path: string): AsyncGenerator<TraceItem> {
  try {
    yield* readTrace(createReadStream(path));
  } catch (error) {
    yield fault('unreadable', 0, `${path} cannot be read: ${reasonOf(error as Error)}.`);
  }
}

/** Reads a trace as far as it can be trusted. Never throws for what it reads. */
export async function* readTrace(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TraceItem> {
  let previous: TraceItem | undefined;
  let sum = '';
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number += 1;
    const item = previous === undefined ? firstItem(line, sum) : laterItem(line, number, sum);
    // An end is held back until it is certain that nothing follows.
    if (previous?.type === 'end') {
      return yield fault('afterEnd', number, `Line ${number} comes after the end of the trace.`);
    }
    if (item.type !== 'end') yield item;
    if (item.type === 'fault') return;
    sum = sumIn(line) ?? '';
    previous = item;
  }
  if (previous === undefined) yield fault('empty', 1, 'The file is empty: nothing was recorded.');
  else if (previous.type === 'end') yield previous;
  else yield cutOff(number, `The trace breaks off after line ${number}, without its last line.`);
}

function firstItem(line: Line, sum: string): TraceItem {
  const content = line.isTooLong ? undefined : parsed(line.bytes);
  if (line.isTooLong || content === undefined || content.format !== TRACE_FORMAT) {
    const beginning = line.isTooLong ? 'none' : beginningOf(line.bytes);
    const isWholeLine = !line.isTooLong && line.isTerminated;
    if (beginning === 'all' && isWholeLine) return changed(1);
    if (beginning !== 'none' && !isWholeLine) return cutOff(1, 'The trace breaks off in line 1.');
    return fault('notATrace', 1, 'This is not a trace: line 1 is not what a recording begins with.');
  }
  const { version, program } = content;
  if (version !== TRACE_VERSION) {
    const text =
      `Line 1 says that the trace is of version ${JSON.stringify(version)}, but this program reads version ` +
      `${TRACE_VERSION}. Use what recorded it: ${JSON.stringify(program)}.`;
    return fault('unknownVersion', 1, text);
  }
  const names = ['program', 'xstate', 'node', 'platform', 'label'];
  const isComplete = names.every((name) => typeof content[name] === 'string');
  return isIntact(line.bytes, sum) && isComplete
    ? { type: 'header', header: content as TraceHeader }
    : changed(1);
}

function laterItem(line: Line, number: number, sum: string): TraceItem {
  if (line.isTooLong) {
    const text = `Line ${number} is longer than ${LINE_BYTES_MAX} bytes, which no recording writes.`;
    return fault('lineTooLong', number, text);
  }
  if (!isIntact(line.bytes, sum)) {
    if (!line.isTerminated && sumIn(line) === undefined) {
      return cutOff(number, `The trace breaks off in line ${number}.`);
    }
    return changed(number);
  }
  const content = parsed(line.bytes);
  const item = content === undefined ? undefined : contentItem(content, number);
  return item ?? fault('badRecord', number, `Line ${number} is no record of a chart.`);
}

function isIntact(bytes: Buffer, sum: string): boolean {
  const parts = unsealed(bytes);
  return parts !== undefined && parts.sum === chainedSum(sum, parts.body);
}

function sumIn(line: Line): string | undefined {
  return line.isTooLong ? undefined : unsealed(line.bytes)?.sum;
}

function contentItem(content: Readonly<Record<string, unknown>>, line: number): TraceItem | undefined {
  if (content.end === true || content.cut === true) {
    return { type: 'end', line, isWhole: (content as TraceEnd & { end?: true }).end === true };
  }
  return isRecord(content) ? { type: 'record', line, record: content } : undefined;
}

function isRecord(content: Readonly<Record<string, unknown>>): content is TraceRecord & typeof content {
  const { at, actor, state, emits, effects, begin, event, error } = content;
  return (
    typeof at === 'number' &&
    typeof actor === 'string' &&
    (typeof begin === 'string' || isEvent(event)) &&
    (state === undefined ? typeof error === 'string' : isStateValue(state)) &&
    Array.isArray(emits) &&
    emits.every((type) => typeof type === 'string') &&
    (effects === undefined || typeof effects === 'string')
  );
}

function isEvent(value: unknown): value is EventObject {
  return isObject(value) && typeof value.type === 'string';
}

function isStateValue(value: unknown): boolean {
  return typeof value === 'string' || (isObject(value) && Object.values(value).every(isStateValue));
}

/** Deeper than any record; what is nested without end would exhaust the stack of whoever walks it. */
const DEPTH_MAX = 32;

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) && isAtMost(DEPTH_MAX, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAtMost(depth: number, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  return depth > 0 && Object.values(value).every((part) => isAtMost(depth - 1, part));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** How much there is of the words that every trace begins with. */
function beginningOf(bytes: Buffer): 'all' | 'some' | 'none' {
  const words = `{"format":"${TRACE_FORMAT}"`;
  const text = bytes.toString('latin1', 0, words.length);
  if (text === words) return 'all';
  return text !== '' && words.startsWith(text) ? 'some' : 'none';
}

function changed(line: number): TraceItem {
  const text =
    line === 1
      ? 'Line 1 was changed after it was written.'
      : `Line ${line} does not follow from the lines before it: it was changed, or lines are missing.`;
  return fault('wrongSum', line, text);
}

function cutOff(line: number, text: string): TraceItem {
  return fault('cutOff', line, text);
}

function fault(code: TraceFault['code'], line: number, text: string): TraceItem {
  return { type: 'fault', fault: { code, line, text } };
}
