import { PunchError } from '../runtime/errors.ts';
import { type Exhibition, openExhibition } from '../runtime/inspect/inspection.ts';
import { openInBrowser } from './browser.ts';
import { exitCodes, type Outcome } from './exit.ts';
import { showUntilInterrupted } from './inspection.ts';
import { openTerminal, type Terminal } from './terminal.ts';

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
  let exhibition: Exhibition | string | undefined;
  try {
    exhibition = await (file === undefined
      ? openMeetingPlace(options)
      : openRecording(file, options, terminal));
    if (typeof exhibition === 'string') return end('failed', exhibition);
    const { url } = exhibition;
    terminal.report({ type: 'inspector', url });
    if (options.open !== false && process.stdout.isTTY === true) openInBrowser(url);
    await showUntilInterrupted(terminal);
    return end('done');
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    return end('failed', error.message);
  } finally {
    if (typeof exhibition === 'object') await exhibition.close();
  }
}

function openMeetingPlace({ port }: InspectCommandOptions): Promise<Exhibition> {
  return openExhibition({ label: 'inspect', times: 'real', ...(port === undefined ? {} : { port }) });
}

async function openRecording(
  file: string,
  { port = 0 }: InspectCommandOptions,
  terminal: Terminal,
): Promise<Exhibition | string> {
  const { showTrace } = await import('../runtime/inspect/trace.ts');
  const trace = await showTrace(file, terminal.interrupted);
  if (typeof trace === 'string') return trace;
  const { label, times, lines, notice } = trace;
  const exhibition = await openExhibition({ label, times, port });
  exhibition.publish(lines);
  if (notice !== undefined) terminal.report({ type: 'notice', text: notice });
  return exhibition;
}
