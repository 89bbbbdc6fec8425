import { formatEndpoint } from '../machines/endpoint.ts';
import { realAmbient } from '../runtime/ambient.ts';
import { type Conformance, conform } from '../runtime/conformance/conform.ts';
import { isLoopback } from '../runtime/conformance/contact.ts';
import { vantageTo } from '../runtime/conformance/vantage.ts';
import { PunchError } from '../runtime/errors.ts';
import { DEFAULT_PORT, parseHostAndPort, resolveEndpoint } from '../runtime/resolve.ts';
import { jsonReport } from './conform-json.ts';
import { textReport } from './conform-text.ts';
import { exitCodes, type Outcome, outcomeOf } from './exit.ts';
import { Progress } from './progress.ts';
import { clock, openTerminal } from './terminal.ts';

export type ConformCommandOptions = {
  /** In ms. */
  readonly timeout: number;
  readonly slow?: boolean;
  /** In seconds. */
  readonly ttl: number;
  readonly from?: string;
  readonly seed?: number;
  readonly json?: boolean;
};

/** `punch conform`: drives a live server and says where it deviates. Resolves to the exit code. */
export async function runConform(host: string, options: ConformCommandOptions): Promise<number> {
  const { interrupted } = openTerminal({});
  const { timeout, slow = false, ttl, from, seed = Math.floor(realAmbient.random() * 1e9) } = options;
  try {
    const server = await resolveEndpoint(parseHostAndPort(host, DEFAULT_PORT));
    const subject = {
      server: formatEndpoint(server),
      seed,
      run: `conform-${seed.toString(36)}`,
      isOrderSeen: isLoopback(server.address),
    };
    const report = (options.json ? jsonReport : textReport)(subject);
    let progress: Progress | undefined;
    let done = 0;
    const print = (lines: readonly string[]) => {
      progress?.clear();
      for (const line of lines) process.stdout.write(`${line}\n`);
    };
    const conformance = await conform({
      server,
      clock,
      run: subject.run,
      timeoutMs: timeout,
      ttlMs: ttl * 1000,
      isSlow: slow,
      isOrderSeen: subject.isOrderSeen,
      open: await vantageTo(server, from),
      signal: interrupted,
      observer: {
        began: (contact, plan) => {
          print(report.began(contact, plan));
          progress = new Progress(clock, plan.scenarios.length);
        },
        waits: (ms) => print(report.waits(ms)),
        finished: (result) => {
          print(report.finished(result));
          done += 1;
          progress?.show(done);
        },
      },
    });
    const outcome = outcomeFor(conformance);
    print(report.ended(conformance, outcome));
    return exitCodes[outcome];
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCodes[outcomeOf(error.code)];
  }
}

/** Known repairs that are missing are no deviation: the original's server is a peer that we can live with. */
function outcomeFor({ ending, results }: Conformance): Outcome {
  switch (ending) {
    case 'silent':
      return 'noServer';
    case 'refusing':
      return 'refused';
    case 'interrupted':
      return 'interrupted';
    default:
      if (results.some(({ outcome }) => outcome === 'deviates')) return 'deviates';
      return 'done';
  }
}
