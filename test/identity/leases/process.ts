/** A process that holds leases, for tests that kill it. It prints a line for whatever it is told to print. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const modules = {
  openLeases: new URL('../../../runtime/identity/leases/open.ts', import.meta.url).href,
  realAmbient: new URL('../../../runtime/ambient.ts', import.meta.url).href,
};

export type LeaseProcess = {
  readonly child: ChildProcess;
  /** What it has printed, line by line. */
  readonly lines: readonly string[];
  /** The first line that it prints. */
  readonly started: Promise<string>;
  readonly ended: Promise<unknown>;
};

/** Opens the leases in the directory, prints `open` or why not, and then runs the script with `leases` and `say`. */
export function leaseProcess(
  directory: string,
  script = '',
  options: { uid?: number; gid?: number; command?: readonly string[] } = {},
): LeaseProcess {
  const source = `
    const { openLeases } = await import(${JSON.stringify(modules.openLeases)});
    const { realAmbient: { clock } } = await import(${JSON.stringify(modules.realAmbient)});
    const { writeSync } = await import('node:fs');
    const say = (text) => writeSync(1, text + '\\n');
    try {
      const leases = await openLeases({ directory: ${JSON.stringify(directory)}, clock, now: () => 0 });
      say('open');
      ${script}
    } catch (error) {
      say(error.code + ' ' + error.message);
      process.exit(1);
    }
  `;
  const { command = [], ...identity } = options;
  const [program = process.execPath, ...args] = [
    ...command,
    process.execPath,
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    source,
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...identity });
  const lines: string[] = [];
  let rest = '';
  const started = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      if (lines[0] !== undefined) resolve(lines[0]);
    });
    child.on('close', () => resolve(lines[0] ?? ''));
  });
  return { child, lines, started, ended: once(child, 'close') };
}
