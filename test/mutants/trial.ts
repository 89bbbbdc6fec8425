import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { briefly } from './briefly.ts';

/** A fault that keeps a program from ending is found by that. Many times what the slowest killer takes. */
const PATIENCE_MS = 120_000;

/** What these files of tests find first in the program at `root`, in a sentence; undefined if nothing. */
export function findingOf(files: readonly string[], root: string): Promise<string | undefined> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reporting = [`--test-reporter=${beside('reporter.ts')}`, '--test-reporter-destination=stdout'];
  const program = ['--expose-gc', '--import', loader, ...reporting, beside('together.ts'), ...files];
  const child = spawn(process.execPath, program, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve) => {
    let errors = '';
    let finding: string | undefined;
    const end = (found: string) => {
      finding ??= found;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(`it did not end within ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
    child.stderr.on('data', (text) => {
      errors += text;
    });
    createInterface(child.stdout).on('line', (line) => end(JSON.parse(line)));
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code !== 0) finding ??= `it breaks off: ${briefly(/^\w*Error.*/m.exec(errors)?.[0] ?? errors)}`;
      resolve(finding);
    });
  });
}

const loader = import.meta.resolve('tsx');

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
