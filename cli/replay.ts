import { once } from 'node:events';
import type { TraceHeader } from '../runtime/trace/format.ts';
import { readTraceFile, type TraceFault } from '../runtime/trace/reader.ts';
import {
  type Charts,
  protocolCharts,
  type ReplayItem,
  type ReplayStep,
  replay,
} from '../runtime/trace/replay.ts';
import { exitCodes, type Outcome } from './exit.ts';
import { escapeText } from './render.ts';
import { stepLines } from './step-text.ts';
import { openTerminal, type Terminal } from './terminal.ts';

export type ReplayCommandOptions = {
  readonly check?: boolean;
  readonly json?: boolean;
  /** In place of the protocol's. */
  readonly charts?: Charts;
};

/** `punch replay`: runs the charts over a trace once more. Resolves to the exit code. */
export async function runReplay(file: string, options: ReplayCommandOptions): Promise<number> {
  const terminal = openTerminal(options);
  const items = replay(readTraceFile(file), options.charts ?? protocolCharts);
  if (options.check !== true && options.json !== true && isInteractive()) return walkThrough(items, terminal);
  const tally = newTally();
  for await (const item of items) {
    if (terminal.interrupted.aborted) return end(terminal, 'interrupted');
    count(tally, item);
    if (options.check !== true)
      await print(options.json ? `${JSON.stringify(item)}\n` : itemText(item, tally), terminal);
  }
  if (options.check === true) await print(verdictText(tally, options.json === true), terminal);
  return conclude(terminal, tally, options.check === true);
}

/** What there is to say of a replay when it is over. */
type Tally = {
  steps: number;
  differing: number;
  first: ReplayStep | undefined;
  header: TraceHeader | undefined;
  isWhole: boolean;
  fault: TraceFault | undefined;
};

function newTally(): Tally {
  return { steps: 0, differing: 0, first: undefined, header: undefined, isWhole: false, fault: undefined };
}

function count(tally: Tally, item: ReplayItem): void {
  switch (item.type) {
    case 'header':
      tally.header = item.header;
      return;
    case 'step':
      tally.steps += 1;
      if (item.difference === undefined) return;
      tally.differing += 1;
      tally.first ??= item;
      return;
    case 'end':
      tally.isWhole = item.isWhole;
      return;
    case 'fault':
      tally.fault = item.fault;
  }
}

function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

async function walkThrough(items: AsyncIterable<ReplayItem>, terminal: Terminal): Promise<number> {
  const { openStepper } = await import('./stepper.ts');
  const tally = newTally();
  const steps: ReplayStep[] = [];
  for await (const item of items) {
    if (terminal.interrupted.aborted) return end(terminal, 'interrupted');
    count(tally, item);
    if (item.type === 'step') steps.push(item);
  }
  if (steps.length === 0) process.stdout.write(tally.fault === undefined ? 'Nothing was recorded.\n' : '');
  else await openStepper(steps, endingText(tally), terminal.interrupted, tally.header?.times);
  return conclude(terminal, tally, false);
}

function conclude(terminal: Terminal, tally: Tally, isChecking: boolean): number {
  const { fault, steps, differing } = tally;
  if (fault !== undefined) {
    return end(terminal, 'failed', steps === 0 ? fault.text : `${fault.text} ${upTo(steps)} before it.`);
  }
  return end(terminal, isChecking && differing > 0 ? 'failed' : 'done');
}

function end(terminal: Terminal, outcome: Outcome, reason?: string): number {
  const code = exitCodes[outcome];
  terminal.report({ type: 'end', outcome, code, ...(reason === undefined ? {} : { reason }) });
  return code;
}

function itemText(item: ReplayItem, { header }: Tally): string {
  switch (item.type) {
    case 'header':
      return `${headerLines(item.header).join('\n')}\n`;
    case 'step':
      return `${stepLines(item, header?.times).join('\n')}\n`;
    case 'end':
      return item.isWhole ? '' : `${CUT_TEXT}\n`;
    case 'fault':
      return '';
  }
}

function headerLines({ label, program, node, platform, xstate, command, times }: TraceHeader): string[] {
  const on = `with XState ${xstate}, Node ${node}, ${platform}`;
  return [
    `${JSON.stringify(label)}, recorded by ${program} ${on}${times === 'virtual' ? ', in virtual time' : ''}`,
    ...(command === undefined ? [] : [`The same run again: ${command}`]),
  ].map(escapeText);
}

const CUT_TEXT = 'There was more, but the recording was cut here.';

function endingText({ fault, isWhole }: Tally): string {
  if (fault !== undefined) return fault.text;
  return isWhole ? 'The recording ends here.' : CUT_TEXT;
}

function verdictText({ steps, differing, first, header, isWhole, fault }: Tally, json: boolean): string {
  if (json) {
    const isSame = differing === 0;
    return `${JSON.stringify({ type: 'verdict', same: isSame, steps, differing, ...(first && { first }) })}\n`;
  }
  if (steps === 0) return fault === undefined ? 'Nothing was recorded, so nothing differs.\n' : '';
  if (first === undefined) {
    const end = isWhole || fault !== undefined ? '' : ` ${CUT_TEXT}`;
    return `The same: ${upTo(steps).toLowerCase()}, each as recorded by ${header?.program}.${end}\n`;
  }
  const others = differing === 1 ? '' : ` ${differing} of ${steps} steps differ; this is the first.`;
  return `Different at step ${first.index}, line ${first.line}.${others}\n${stepLines(first, header?.times).join('\n')}\n`;
}

function upTo(steps: number): string {
  return `Replayed ${steps} step${steps === 1 ? '' : 's'}`;
}

/** Waits while the reader is slower than we are. */
async function print(text: string, { interrupted }: Terminal): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  await once(process.stdout, 'drain', { signal: interrupted }).catch(() => {});
}
