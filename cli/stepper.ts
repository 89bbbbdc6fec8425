import { emitKeypressEvents, type Key } from 'node:readline';
import type { TraceHeader } from '../runtime/trace/format.ts';
import type { ReplayStep } from '../runtime/trace/replay.ts';
import { Walk } from '../runtime/trace/walk.ts';
import { escapeText } from './render.ts';
import { stateText, stepLines } from './step-text.ts';

/** Shows steps one at a time, by keys, until the user or the signal ends it. */
export async function openStepper(
  steps: readonly ReplayStep[],
  ending: string,
  interrupted: AbortSignal,
  times?: TraceHeader['times'],
): Promise<void> {
  const walk = new Walk(steps);
  walk.moveTo(1);
  const draw = () => {
    // A terminal that does not know its size says 0.
    const rows = process.stdout.rows || 24;
    process.stdout.write(
      `${TO_TOP}${pageLines(walk, ending, rows, times).join(`${END_LINE}\r\n`)}${END_PAGE}`,
    );
  };
  enter();
  process.stdout.on('resize', draw);
  draw();
  try {
    await eachKey(interrupted, (key) => {
      const goal = goalOf(key, walk);
      if (goal === 'quit') return 'quit';
      walk.moveTo(goal);
      draw();
      return 'more';
    });
  } finally {
    process.stdout.off('resize', draw);
    leave();
  }
}

/** What is on the screen, which has that many rows. */
export function pageLines(walk: Walk, ending: string, rows: number, times?: TraceHeader['times']): string[] {
  const { step, standings, steps, position } = walk;
  const shown = step === undefined ? ['Before the first step.'] : stepLines(step, times);
  const isAtEnd = position === steps.length;
  const top = [`Step ${position} of ${steps.length}`, '', ...shown, '', ...(isAtEnd ? [ending, ''] : [])];
  const bottom = ['', HELP];
  const room = Math.max(rows - top.length - bottom.length, 0);
  const all = [...standings].map(
    ([actor, { state }]) =>
      `${actor === step?.actor ? '>' : ' '} ${escapeText(`${actor}: ${stateText(state)}`)}`,
  );
  const hidden = all.length - room + 1;
  const actors = all.length <= room ? all : [...all.slice(0, room - 1), `  and ${hidden} more actors`];
  const page = [...top, ...actors.slice(0, room)];
  return [...page.slice(0, Math.max(rows - bottom.length, 0)), ...bottom].slice(-Math.max(rows, 1));
}

const HELP = 'right, space, enter: next   left: back   home, end: first, last   n: next difference   q: quit';

/** No line wraps: what is too long is cut off at the edge. */
const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE_SCREEN = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const TO_TOP = '\u001b[H';
const END_LINE = '\u001b[K';
const END_PAGE = '\u001b[K\u001b[J';

function enter(): void {
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  process.stdout.write(ENTER_SCREEN);
}

function leave(): void {
  process.stdin.setRawMode(false);
  process.stdin.pause();
  process.stdout.write(LEAVE_SCREEN);
}

function eachKey(interrupted: AbortSignal, take: (key: Key) => 'more' | 'quit'): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      process.stdin.off('keypress', hear).off('end', finish);
      interrupted.removeEventListener('abort', finish);
      resolve();
    };
    const hear = (_text: string | undefined, key: Key) => {
      if (take(key) === 'quit') finish();
    };
    process.stdin.on('keypress', hear).on('end', finish).resume();
    interrupted.addEventListener('abort', finish, { once: true });
  });
}

function goalOf({ name, ctrl }: Key, { position, steps }: Walk): number | 'quit' {
  if (ctrl === true) return name === 'c' || name === 'd' ? 'quit' : position;
  switch (name) {
    case 'right':
    case 'down':
    case 'space':
    case 'return':
    case 'enter':
      return position + 1;
    case 'left':
    case 'up':
    case 'backspace':
      return Math.max(position - 1, 1);
    case 'home':
      return 1;
    case 'end':
      return steps.length;
    case 'n': {
      const next = steps.findIndex(({ difference }, index) => index >= position && difference !== undefined);
      return next < 0 ? position : next + 1;
    }
    case 'q':
    case 'escape':
      return 'quit';
    default:
      return position;
  }
}
