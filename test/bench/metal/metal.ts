import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A server that is measured, in a process of its own. */
export type Server = {
  readonly port: number;
  readonly pid: number;
  /** How many clients are registered at it, if it registers any. */
  clients?(): Promise<number | undefined>;
  stop(): Promise<unknown>;
};

export type Replay = {
  readonly file: string;
  /** The port at all of 127.0.0.0/8 that datagrams come from. */
  readonly from: number;
  /** For how long, again and again; or once through the file. */
  readonly forMs: number | 'once';
  /** Datagrams in flight; 0 waits for no answers. */
  readonly window: number;
  /** Datagrams a second, at most. Default any number. */
  readonly rate?: number;
};

/** What the load generator has counted. Times are round trips in µs. */
export type Replayed = Readonly<
  Record<'sent' | 'answered' | 'lost' | 'seconds' | 'p50' | 'p90' | 'p99' | 'worst', number>
>;

/** Why the C programs cannot be had here. */
export function metalUnavailable(): string | undefined {
  if (process.platform !== 'linux')
    return 'only Linux has all of 127.0.0.0/8, recvmmsg and sendmmsg: run it there';
  return has('cc', '--version')
    ? undefined
    : 'the references are built with cc, which is not there: install gcc or clang';
}

/** The C programs of this folder, built. Servers have the first core for themselves, whoever loads them has another. */
export class Metal {
  readonly folder = mkdtempSync(join(tmpdir(), 'punch-metal-'));
  readonly #pins = availableParallelism() > 1 && has('taskset', '--version');
  readonly #prior = process.getuid?.() === 0 && has('chrt', '--version');

  constructor() {
    for (const name of ['echo', 'replay']) {
      const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
      execFileSync('cc', ['-O2', '-pthread', '-o', join(this.folder, name), source]);
    }
  }

  /** A reference that answers with what it gets, or a sink. */
  async echo(mode: 'single' | 'mmsg' | 'sink'): Promise<Server> {
    const child = spawn(join(this.folder, 'echo'), [mode], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = child.pid as number;
    this.toServerCore(pid);
    const stop = async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    };
    return { port: Number(line.toString()), pid, stop };
  }

  async replay(to: number, { file, from, forMs, window, rate = 0 }: Replay): Promise<Replayed> {
    const milliseconds = forMs === 'once' ? 0 : forMs;
    const args = [file, to, from, milliseconds, window, rate].map(String);
    const { stdout } = await run(...this.#beside(rate > 0), join(this.folder, 'replay'), ...args);
    return JSON.parse(stdout) as Replayed;
  }

  /** Moves all threads of a process to the core for servers. */
  toServerCore(pid: number): void {
    if (this.#pins) execFileSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
  }

  /** What a command begins with, to run on the other core; before others there, if it is to take their time. */
  #beside(isPrior: boolean): string[] {
    return [
      ...(this.#pins ? ['taskset', '-c', '1'] : []),
      ...(isPrior && this.#prior ? ['chrt', '-f', '10'] : []),
    ];
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Seconds that a process has had a core. */
export function cpuSecondsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

/** Bytes of memory that a process has. */
export function residentBytesOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

const execute = promisify(execFile);

function run(program = '', ...args: string[]) {
  return execute(program, args);
}

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
