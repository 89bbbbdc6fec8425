import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { hostEnvironment } from './root-command.ts';

export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type SpawnOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the program starts; where we are, unless told. */
  readonly folder?: string;
};

/** A program in a lab: its pipes, its end, and a way to signal it through the `nsenter` that carries it. */
export class LabProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves, and never rejects, when the program has ended and its pipes are drained. */
  readonly ended: Promise<Ending>;
  readonly #carrier: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(
    [carrier, ...entering]: readonly [string, ...string[]],
    command: readonly string[],
    { environment = {}, folder = process.cwd() }: SpawnOptions,
  ) {
    // Entering a mount namespace lands in its root folder, so a shell goes back to where we are.
    this.#carrier = spawn(carrier, [...entering, 'sh', '-c', 'cd "$0" && exec "$@"', folder, ...command], {
      env: { ...hostEnvironment(), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A terminal's Ctrl-C is for us; we end the lab in our own order.
      detached: true,
    });
    this.stdin = this.#carrier.stdin;
    this.stdout = this.#carrier.stdout;
    this.stderr = this.#carrier.stderr;
    // A program may end before it has read all we wrote; its exit tells more than EPIPE.
    this.stdin.on('error', () => {});
    this.ended = once(this.#carrier, 'close').then(
      ([code, signal]: unknown[]) => ({ code, signal }) as Ending,
      () => ({ code: 127, signal: null }),
    );
  }

  /** Every line that the program prints, as it comes. Read it once, or listen to `stdout`, not both. */
  lines(): AsyncIterable<string> {
    return createInterface({ input: this.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  }

  /** Signals the program itself: its carrier would die of a signal and leave the program running. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#carrier;
    for (const child of childrenOf(pid)) {
      try {
        process.kill(child, name);
      } catch {
        // It ended in between, as was wanted.
      }
    }
  }

  /** Asks the program to end, and makes it after a while. */
  async stop(graceMilliseconds = 1000): Promise<Ending> {
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), graceMilliseconds);
    const ending = await this.ended;
    clearTimeout(late);
    return ending;
  }
}

function childrenOf(parent: number | undefined): number[] {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
