import { PunchError } from '../runtime/errors.ts';
import { type Exhibition, type ExhibitionOptions, openExhibition } from '../runtime/inspect/inspection.ts';
import type { OpenTrace } from '../runtime/inspect/trace.ts';
import { openInBrowser } from './browser.ts';
import { exitCodes, type Outcome } from './exit.ts';
import { showUntilInterrupted } from './inspection.ts';
import { openTerminal } from './terminal.ts';

export type InspectCommandOptions = {
  readonly port?: number;
  /** Default true, on a terminal. */
  readonly open?: boolean;
  readonly json?: boolean;
};

/** `punch inspect`: serves the page, of all that runs with --inspect or of a recording. Resolves to the exit code. */
export async function runInspect(file: string | undefined, options: InspectCommandOptions): Promise<number> {
  const terminal = openTerminal(options);
  const end = (outcome: Outcome, reason?: string) => {
    const code = exitCodes[outcome];
    terminal.report({ type: 'end', outcome, code, ...(reason === undefined ? {} : { reason }) });
    return code;
  };
  let exhibition: Exhibition | undefined;
  try {
    const trace = file === undefined ? undefined : await openTraceIn(file);
    if (typeof trace === 'string') return end('failed', trace);
    exhibition = await openExhibition(placeOf(trace, options.port));
    const { url } = exhibition;
    terminal.report({ type: 'inspector', url });
    if (options.open !== false && process.stdout.isTTY === true) openInBrowser(url);
    const notice = await trace?.play(exhibition.publish, terminal.interrupted);
    if (notice !== undefined) terminal.report({ type: 'notice', text: notice });
    await showUntilInterrupted(terminal);
    return end('done');
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    return end('failed', error.message);
  } finally {
    await exhibition?.close();
  }
}

async function openTraceIn(file: string): Promise<OpenTrace | string> {
  const { openTrace } = await import('../runtime/inspect/trace.ts');
  return openTrace(file);
}

/** A recording is alone at its port; what runs meets where everybody does. */
function placeOf(trace: OpenTrace | undefined, port: number | undefined): ExhibitionOptions {
  if (trace !== undefined) return { label: trace.label, times: trace.times, port: port ?? 0 };
  return { label: 'inspect', times: 'real', ...(port === undefined ? {} : { port }) };
}
