import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Host, type Laboratory, type LabProcess, serverAddresses } from './laboratory.ts';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Why the command cannot be run, or `undefined` where it can. */
export function commandUnavailable(): string | undefined {
  return existsSync(command) ? undefined : `there is no ${command}: run npm run build`;
}

/** A server that listens, at the first address of the lab's server unless told. */
export async function startServer(
  lab: Laboratory,
  address: string = serverAddresses.ipv4[0],
): Promise<CommandLine> {
  const server = new CommandLine(lab, lab.server, ['server', '--host', address, '--json']);
  if (!(await server.report(({ type }) => type === 'listening'))) {
    throw new Error(`the server did not start: ${server.complaints}`);
  }
  return server;
}

/** Satisfied by a report that a client, or one of its links, is in a state. */
export function reaches(of: 'client' | 'link', state: string): (report: Report) => boolean {
  return (report) => report.type === 'state' && report.of === of && report.state === state;
}

/** A line of the command's JSON output; which fields it has depends on its type. */
export type Report = { readonly type: string; readonly [field: string]: unknown };

/** The product's own command, run on a host of a lab, and what it has reported so far. */
export class CommandLine {
  readonly #process: LabProcess;
  readonly #reports: Report[] = [];
  readonly #reading: Promise<void>;
  #wake: () => void = () => {};
  #news: Promise<void>;
  #isOver = false;
  #complaints = '';

  constructor(lab: Laboratory, host: Host, args: readonly string[]) {
    this.#process = lab.spawn(host, process.execPath, [command, ...args]);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#news = this.#nextNews();
    this.#reading = this.#read();
  }

  /** The first report, past or to come, that satisfies; `undefined` when the command ends without one. */
  async report(satisfies: (report: Report) => boolean): Promise<Report | undefined> {
    for (;;) {
      const found = this.#reports.find(satisfies);
      if (found !== undefined || this.#isOver) return found;
      await this.#news;
    }
  }

  /** Types a line. */
  say(text: string): void {
    this.#process.stdin.write(`${text}\n`);
  }

  /** Whether the peer's words, past or to come, contain the text as a line of its own. */
  async hears(text: string): Promise<boolean> {
    return (await this.report((report) => report.type === 'message' && report.text === text)) !== undefined;
  }

  /** All that the peers have said so far, in the order of its coming. */
  get heard(): readonly unknown[] {
    return this.#reports.filter(({ type }) => type === 'message').map(({ text }) => text);
  }

  /** Ends its input, as the end of a pipe does. */
  endInput(): void {
    this.#process.stdin.end();
  }

  /** What it printed that was no report. */
  get complaints(): string {
    return this.#complaints;
  }

  /** The exit code, once it has ended and all of its reports are read; `null` if a signal ended it. */
  get exitCode(): Promise<number | null> {
    return this.#reading.then(async () => (await this.#process.ended).code);
  }

  /** Ends it without a chance to say good-bye. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
  }

  /** Ends it as Ctrl-C does. */
  async interrupt(): Promise<void> {
    this.#process.signal('SIGINT');
    await this.#process.ended;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const line of this.#process.lines()) {
      this.#reports.push(JSON.parse(line) as Report);
      this.#tell();
    }
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    this.#wake();
    this.#news = this.#nextNews();
  }

  #nextNews(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
