import type { SourceRecord } from './records.ts';

/** The longest line that is passed on. A chart's definition takes about 7 kB. */
export const LINE_LENGTH_MAX = 64 * 1024;

/** A record as it travels, and what those on its way need to know of it. */
export type Line = {
  /** As what it is remembered. */
  readonly kind: Exclude<SourceRecord[0], 'stately'>;
  /** The number or id of what it is about: an actor, a chart, a word. */
  readonly about: number | string;
  /** Whether an actor has ended with it. */
  readonly isLast: boolean;
  readonly text: string;
};

export type LineFault = 'tooLong' | 'notJson' | 'unknownKind';

export function lineOf(record: SourceRecord): Line {
  return natured(record, JSON.stringify(record));
}

/** The line that a text is, or why it is none. */
export function readLine(text: string): Line | LineFault {
  if (text.length > LINE_LENGTH_MAX) return 'tooLong';
  const record = parsed(text);
  if (record === undefined) return 'notJson';
  const [kind, about] = record;
  if (!Array.isArray(record) || typeof kind !== 'string' || !kinds.has(kind)) return 'unknownKind';
  if (typeof about !== 'number' && typeof about !== 'string' && kind !== 'lifelines') return 'unknownKind';
  if (kind === 'stately' && (typeof record[2] !== 'object' || record[2] === null)) return 'unknownKind';
  return natured(record as unknown as SourceRecord, text);
}

/** Messages of some size rather than one for each line. */
export function* inMessages(lines: Iterable<Line>, head?: string): IterableIterator<string> {
  const start = head === undefined ? [] : [head];
  let texts = [...start];
  let size = 0;
  for (const { text } of lines) {
    texts.push(text);
    size += text.length;
    if (size < MESSAGE_SIZE) continue;
    yield texts.join('\n');
    texts = [...start];
    size = 0;
  }
  if (size > 0) yield texts.join('\n');
}

const MESSAGE_SIZE = 64 * 1024;

const kinds: ReadonlySet<string> = new Set<SourceRecord[0]>([
  'word',
  'chart',
  'actor',
  'step',
  'sent',
  'received',
  'unsent',
  'passage',
  'lifelines',
  'note',
  'crowd',
  'found',
  'missed',
  'stately',
]);

function natured(record: SourceRecord, text: string): Line {
  const [kind, about] = record;
  if (kind === 'stately') {
    const { type, snapshot } = record[2] as { type?: string; snapshot?: { status?: string } | null };
    const isLast = type === '@xstate.snapshot' && snapshot?.status !== 'active';
    return { kind: statelyKinds[type ?? ''] ?? 'note', about: record[1], isLast, text };
  }
  const isLast = kind === 'step' && record[6]?.ended !== undefined;
  return { kind, about: typeof about === 'object' ? '' : about, isLast, text };
}

/** As what an event of the Stately Inspector's protocol is remembered. */
const statelyKinds: Readonly<Record<string, Line['kind']>> = {
  '@xstate.actor': 'actor',
  '@xstate.snapshot': 'step',
};

function parsed(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return undefined;
  }
}
