/**
 * A run as text that a person can follow, and paste into an issue: life lines on the left, words on the right, one
 * line for each thing that happened, in the order in which it began.
 *
 *                       alice's         bob's
 *      sent arrived alice   NAT   server   NAT    bob
 *       0.0    20.0   ├──────┼─────▶│      │      │  Register(alice)
 *
 * Times are milliseconds; or, where an explored run has only an order, the numbers of its moves.
 */
import { type DatagramHappening, fold, type Item, type StateHappening } from './folding.ts';
import type { Happening } from './happening.ts';
import { Ladder } from './ladder.ts';
import type { Lifeline } from './lifelines.ts';
import { wrap } from './wrap.ts';

export type SequenceOptions = {
  /** From left to right. */
  readonly lifelines: readonly Lifeline[];
  /** Characters on a line. 100 unless told, and never less than the life lines and a few words need. */
  readonly width?: number;
  readonly times?: 'ms' | 'moves';
};

/** The lines of the diagram, without line ends. */
export function drawSequence(
  happenings: readonly Happening[],
  { lifelines, width = 100, times = 'ms' }: SequenceOptions,
): readonly string[] {
  const room = width - 2 * TIME_WIDTH - LADDER_MARGINS - TEXT_WIDTH;
  const gap = Math.max(GAP_MIN, Math.min(GAP_MAX, Math.floor(room / Math.max(1, lifelines.length - 1))));
  const ladder = new Ladder(lifelines, gap);
  const textWidth = Math.max(TEXT_WIDTH_MIN, width - 2 * TIME_WIDTH - ladder.width - 2);
  const heads = ladder.heads().map((head, line, { length }) => {
    const isLast = line === length - 1;
    return `${(isLast ? (times === 'ms' ? 'ms sent' : 'move') : '').padStart(TIME_WIDTH)}${(isLast ? 'arrived' : '').padStart(TIME_WIDTH)}${head}`;
  });
  const rows = fold(happenings).flatMap((item) => {
    const {
      sent,
      arrived = '',
      picture,
      text,
    } = rowOf(item, ladder, times === 'ms' ? inMilliseconds : String);
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

function rowOf(item: Item, ladder: Ladder, timeOf: (at: number) => string): Row {
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
    case 'timer': {
      const text = `${subjectOf(happening)}: timer ${happening.timer} is due`;
      return { sent, picture: ladder.marked(happening.who, '◷'), text };
    }
    case 'note':
      return { sent, picture: ladder.marked(happening.who, '○'), text: `${happening.who} ${happening.text}` };
  }
}

function arrowOf({ sender, receiver, fate }: DatagramHappening, ladder: Ladder): string {
  if (fate.type === 'delivered') return ladder.arrow(sender, receiver);
  if (fate.type === 'underway') return ladder.arrow(sender, receiver, '', '…');
  return ladder.arrow(sender, receiver, fate.type === 'dropped' ? fate.by : '');
}

function fateOf({ fate }: DatagramHappening): string {
  switch (fate.type) {
    case 'delivered':
      return '';
    case 'lost':
      return ' ✗ lost';
    case 'underway':
      return ' … still on its way';
    case 'dropped':
      return ` ✗ ${fate.by}: ${fate.why}`;
  }
}

/** `alice`, `alice to bob`, `session of alice`. */
function subjectOf({ who, chart }: Pick<StateHappening, 'who' | 'chart'>): string {
  const [kind, of] = chart.split(':', 2);
  if (of === undefined) return who;
  return kind === 'session' ? `session of ${of}` : `${who} to ${of}`;
}

function inMilliseconds(ms: number): string {
  return ms < 100_000 ? ms.toFixed(1) : ms.toFixed(0);
}
