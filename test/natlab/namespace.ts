import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { LabProcess, type SpawnOptions } from './lab-process.ts';
import { enterCommand, hostEnvironment, privateRootCommand } from './root-command.ts';

export { delayUnavailable, labUnavailable } from './availability.ts';

/**
 * A world of its own: process, mount and network namespaces whose first process reads a pipe that we hold. However
 * we die, the pipe closes, that process ends, and the kernel ends and removes everything else in there.
 */
export class PrivateRoot {
  readonly #keeper: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #firstProcess: number;
  readonly #running = new Set<LabProcess>();

  private constructor(keeper: ChildProcess, gone: Promise<unknown>, firstProcess: number) {
    this.#keeper = keeper;
    this.#gone = gone;
    this.#firstProcess = firstProcess;
  }

  static async open(): Promise<PrivateRoot> {
    const [program, ...args] = privateRootCommand('echo ready; exec cat');
    const keeper = spawn(program, args, { env: hostEnvironment(), detached: true });
    const gone = once(keeper, 'close');
    let errors = '';
    keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ready = once(keeper.stdout, 'data').then(() => true);
    if (!(await Promise.race([ready, gone.then(() => false)]))) {
      throw new Error(`no private namespaces: ${errors.trim()}`);
    }
    return new PrivateRoot(keeper, gone, firstChildOf(keeper.pid));
  }

  /** Runs a command to its end, in the root or in one of its network namespaces, and returns what it printed. */
  async run(command: readonly string[], { input = '', namespace }: RunOptions = {}): Promise<string> {
    const process = this.#launch(namespace, command, {});
    process.stdin.end(input);
    let printed = '';
    let errors = '';
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const { code, signal } = await process.ended;
    if (code === 0) return printed;
    const where = namespace === undefined ? '' : ` in ${namespace}`;
    throw new Error(`${command.join(' ')}${where} ended with ${signal ?? code}: ${errors.trim()}`);
  }

  /** Starts a program in a network namespace; it lives until it ends, is stopped, or the root is disposed of. */
  spawn(namespace: string, program: string, args: readonly string[], options: SpawnOptions = {}): LabProcess {
    return this.#launch(namespace, [program, ...args], options);
  }

  /** Ends every process in here and waits until all are gone. */
  async dispose(): Promise<void> {
    this.#keeper.stdin?.destroy();
    const late = setTimeout(() => this.#keeper.kill('SIGKILL'), patience);
    await this.#gone;
    clearTimeout(late);
    await Promise.all([...this.#running].map((process) => process.ended));
  }

  #launch(namespace: string | undefined, command: readonly string[], options: SpawnOptions): LabProcess {
    const folder = `/proc/${this.#firstProcess}/root/run/netns`;
    const network = namespace === undefined ? '--net' : `--net=${folder}/${namespace}`;
    const process = new LabProcess([...enterCommand(this.#firstProcess), network, '--'], command, options);
    this.#running.add(process);
    process.ended.then(() => this.#running.delete(process));
    return process;
  }
}

export type RunOptions = { readonly input?: string; readonly namespace?: string };

/** How long, in milliseconds, the first process may take to see its pipe close. */
const patience = 3000;

function firstChildOf(parent: number | undefined): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return Number.parseInt(children, 10);
}
