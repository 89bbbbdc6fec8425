import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Host, Laboratory, LabProcess } from './laboratory.ts';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Why the command cannot be run, or `undefined` where it can. */
export function commandUnavailable(): string | undefined {
  return existsSync(command) ? undefined : `there is no ${command}: run npm run build`;
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

  /** What it printed that was no report. */
  get complaints(): string {
    return this.#complaints;
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
