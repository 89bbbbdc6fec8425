/**
 * A run as text that a person can follow, and paste into an issue: life lines on the left, words on the right, one
 * line for each thing that happened, in the order in which it began.
 *
 *                       alice's         bob's
 *      sent arrived alice   NAT   server   NAT    bob
 *       0.0    20.0   ├──────┼─────▶│      │      │  Register(alice)
 *
 * Times are milliseconds.
 */
import { type DatagramHappening, fold, type Item, type StateHappening } from './folding.ts';
import type { Happening } from './happening.ts';
import { Ladder } from './ladder.ts';
import type { Lifeline } from './lifelines.ts';

export type SequenceOptions = {
  /** From left to right. */
  readonly lifelines: readonly Lifeline[];
  /** Characters on a line. 100 unless told, and never less than the life lines and a few words need. */
  readonly width?: number;
};

/** The lines of the diagram, without line ends. */
export function drawSequence(
  happenings: readonly Happening[],
  { lifelines, width = 100 }: SequenceOptions,
): readonly string[] {
  const room = width - 2 * TIME_WIDTH - LADDER_MARGINS - TEXT_WIDTH;
  const gap = Math.max(GAP_MIN, Math.min(GAP_MAX, Math.floor(room / Math.max(1, lifelines.length - 1))));
  const ladder = new Ladder(lifelines, gap);
  const textWidth = Math.max(TEXT_WIDTH_MIN, width - 2 * TIME_WIDTH - ladder.width - 2);
  const heads = ladder.heads().map((head, line, { length }) => {
    const isLast = line === length - 1;
    return `${(isLast ? 'ms sent' : '').padStart(TIME_WIDTH)}${(isLast ? 'arrived' : '').padStart(TIME_WIDTH)}${head}`;
  });
  const rows = fold(happenings).flatMap((item) => {
    const { sent, arrived = '', picture, text } = rowOf(item, ladder);
    const [first = '', ...others] = wrap(text, textWidth);
    return [
      `${sent.padStart(TIME_WIDTH)}${arrived.padStart(TIME_WIDTH)}${picture}  ${first}`,
      ...others.map((line) => `${' '.repeat(2 * TIME_WIDTH)}${ladder.plain()}    ${line}`),
    ];
  });
  return [...heads, ...rows].map((line) => line.trimEnd());
}

const TIME_WIDTH = 8;
const LADDER_MARGINS = 6;
const TEXT_WIDTH = 32;
const TEXT_WIDTH_MIN = 24;
const GAP_MIN = 7;
const GAP_MAX = 9;

type Row = {
  readonly sent: string;
  readonly arrived?: string;
  readonly picture: string;
  readonly text: string;
};

function rowOf(item: Item, ladder: Ladder): Row {
  if (item.type === 'more') {
    const { like, count, untilMs } = item;
    return {
      sent: `…${timeOf(untilMs)}`,
      picture: arrowOf(like, ladder),
      text: `${count} more: ${like.message}${fateOf(like)}`,
    };
  }
  if (item.type === 'passage') {
    const { last, states } = item;
    return {
      sent: timeOf(last.atMs),
      picture: ladder.marked(last.who, '●'),
      text: `${subjectOf(last)}: ${states.join(', ')}`,
    };
  }
  const { happening } = item;
  const sent = timeOf(happening.atMs);
  switch (happening.type) {
    case 'datagram':
      return {
        sent,
        ...(happening.fate.type === 'delivered' ? { arrived: timeOf(happening.fate.atMs) } : {}),
        picture: arrowOf(happening, ladder),
        text: `${happening.message}${fateOf(happening)}`,
      };
    case 'note':
      return { sent, picture: ladder.marked(happening.who, '○'), text: `${happening.who} ${happening.text}` };
  }
}

function arrowOf({ sender, receiver, fate }: DatagramHappening, ladder: Ladder): string {
  if (fate.type === 'delivered') return ladder.arrow(sender, receiver);
  return ladder.arrow(sender, receiver, fate.type === 'dropped' ? fate.by : '');
}

function fateOf({ fate }: DatagramHappening): string {
  switch (fate.type) {
    case 'delivered':
      return '';
    case 'lost':
      return ' ✗ lost';
    case 'dropped':
      return ` ✗ ${fate.by}: ${fate.why}`;
  }
}

/** `alice`, `alice to bob`, `session of alice`. */
function subjectOf({ who, chart }: StateHappening): string {
  const [kind, of] = chart.split(':', 2);
  if (of === undefined) return who;
  return kind === 'session' ? `session of ${of}` : `${who} to ${of}`;
}

function timeOf(ms: number): string {
  return ms < 100_000 ? ms.toFixed(1) : ms.toFixed(0);
}

/** Breaks between words; a word that is longer than a line is broken too. What follows the first line is indented. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    const room = () => width - (lines.length === 0 ? 0 : INDENT);
    if (line !== '' && line.length + 1 + rest.length > room()) {
      lines.push(line);
      line = '';
    }
    while (rest.length > room()) {
      lines.push(rest.slice(0, room()));
      rest = rest.slice(lines.at(-1)?.length);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

const INDENT = 2;
