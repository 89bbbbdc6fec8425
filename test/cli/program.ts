/** `punch` as its users run it: a process of its own, its output, its end. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../cli/render.ts';
import { testUser, type User } from './user.ts';

/** The built command line, which test/all.ts builds before it runs the tests. */
export const mainFile = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a command is given before it counts as hung. A lost server is noticed after 36 s at the latest. */
const DEADLINE_MS = 50_000;

export type ProgramOptions = {
  readonly deadlineMs?: number;
  /** Where it starts; where we are, unless told. */
  readonly folder?: string;
  /** Variables besides ours and those of the {@link testUser}. */
  readonly environment?: Readonly<Record<string, string>>;
};

export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const running = new Set<Program>();
after(() => {
  for (const program of running) program.signal('SIGKILL');
});

/** Starts `punch` with these arguments. */
export function punch(...args: readonly string[]): Program {
  return new Program([process.execPath, mainFile, ...args]);
}

/** The same as another user of this machine. */
export function punchAs({ environment }: User, ...args: readonly string[]): Program {
  return new Program([process.execPath, mainFile, ...args], { environment });
}

/** A process under test. It is killed at its deadline and, whatever happens, after the tests of its file. */
export class Program {
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #command: string;
  readonly #news = new EventEmitter();
  #output = '';
  #errors = '';
  #unread = '';
  readonly #reports: Report[] = [];
  #ending: Ending | undefined;

  constructor(
    [command, ...args]: readonly [string, ...string[]],
    { deadlineMs = DEADLINE_MS, folder = process.cwd(), environment = {} }: ProgramOptions = {},
  ) {
    this.#command = args.slice(1).join(' ');
    this.#child = spawn(command, args, {
      stdio: 'pipe',
      cwd: folder,
      env: { ...process.env, ...testUser.environment, ...environment },
    });
    this.pid = this.#child.pid ?? 0;
    running.add(this);
    const deadline = setTimeout(() => this.signal('SIGKILL'), deadlineMs);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#news.emit('news');
    });
    // A program may end before it has read all we wrote; its exit tells more than EPIPE.
    this.#child.stdin.on('error', () => {});
    this.#child.on('close', (code, signal) => {
      clearTimeout(deadline);
      running.delete(this);
      this.#ending = { code, signal };
      this.#news.emit('news');
    });
    this.#news.setMaxListeners(0);
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  get reports(): readonly Report[] {
    return this.#reports;
  }

  /** The states reported so far, in order: its own and those of its links. */
  get states(): readonly string[] {
    return this.#reports.flatMap((report) => (report.type === 'state' ? [report.state] : []));
  }

  /** What peers have said, in order, as `--json` reports it. */
  get heard(): readonly string[] {
    return this.#reports.flatMap((report) => (report.type === 'message' ? [report.text] : []));
  }

  types(text: string): void {
    this.#child.stdin.write(text);
  }

  closeInput(): void {
    this.#child.stdin.end();
  }

  /** As a reader like `head` does when it has seen enough. */
  closeOutput(): void {
    this.#child.stdout.destroy();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The first JSON report of a kind, once it is there. */
  tells<Wanted extends Report>(isWanted: (report: Report) => report is Wanted): Promise<Wanted> {
    return this.until(() => this.#reports.find(isWanted), 'a report');
  }

  /** Waits until the output, or the errors, match. */
  async shows(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.#output) || pattern.test(this.#errors) || undefined, pattern);
  }

  /** Waits until so many lines of peers are reported. */
  async hears(count: number): Promise<readonly string[]> {
    return this.until(() => (this.heard.length >= count ? this.heard : undefined), `${count} messages`);
  }

  /** The end. Whatever the reason for it, people never see a stack trace. */
  async ends(): Promise<Ending> {
    const ending = await this.until(() => this.#ending, 'the end');
    assert.doesNotMatch(this.#errors, /^\s+at .*:\d+/m, `a stack trace\n${this.transcript()}`);
    return ending;
  }

  /** Waits for the end, and that it came with this exit code. */
  async endsWith(code: number): Promise<void> {
    assert.equal((await this.ends()).code, code, this.transcript());
  }

  /** Interrupts it as Ctrl-C does, and waits for the end. */
  async interrupt(): Promise<Ending> {
    this.signal('SIGINT');
    return this.ends();
  }

  async until<Value>(look: () => Value | undefined, what: unknown): Promise<Value> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#ending !== undefined) assert.fail(`ended without ${what}\n${this.transcript()}`);
      await new Promise((resolve) => this.#news.once('news', resolve));
    }
  }

  transcript(): string {
    const { code, signal } = this.#ending ?? {};
    return [
      `punch ${this.#command}`,
      `ended: ${code ?? signal ?? 'not yet'}`,
      `output: ${this.#output.slice(-4000)}`,
      `errors: ${this.#errors.slice(-4000)}`,
    ].join('\n');
  }

  #hear(text: string): void {
    this.#output += text;
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) this.#reports.push(JSON.parse(line) as Report);
    this.#news.emit('news');
  }
}
