import { realAmbient } from '../runtime/ambient.ts';
import { type Report, render, toJson } from './render.ts';

export type Terminal = {
  /** Prints a report: what a peer says to standard output, everything else for people to standard error. */
  report(report: Report): void;
  /** Aborts on Ctrl-C, on a request to terminate, and when nobody reads standard output any more. */
  readonly interrupted: AbortSignal;
};

export type TerminalOptions = {
  /** JSON lines on standard output instead of text. */
  readonly json?: boolean | undefined;
  /** No text but what peers say, and reasons to fail. */
  readonly quiet?: boolean | undefined;
  /** Runs `write` with the line that a person is typing out of the way. */
  readonly besideInput?: ((write: () => void) => void) | undefined;
};

export const clock = realAmbient.clock;

export function openTerminal({ json, quiet, besideInput = (write) => write() }: TerminalOptions): Terminal {
  return {
    interrupted: interruption(),
    report: (report) => {
      if (json) process.stdout.write(`${toJson(report)}\n`);
      else if (!quiet || spokenWhenQuiet.has(report.type)) {
        const text = render(report);
        const stream = report.type === 'message' ? process.stdout : process.stderr;
        if (text !== undefined) besideInput(() => stream.write(`${text}\n`));
      }
    },
  };
}

const spokenWhenQuiet: ReadonlySet<Report['type']> = new Set([
  'message',
  'undelivered',
  'inspector',
  'notice',
  'end',
]);

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
      controller.abort();
    });
  }
  process.stdout.on('error', () => controller.abort());
  process.stderr.on('error', () => {});
  return controller.signal;
}
