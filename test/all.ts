/** Everything that this machine can check, and a last word on what was left out. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { hunt } from './mutants/hunt.ts';
import { killers } from './mutants/killers.ts';
import { mutants } from './mutants/mutants.ts';
import { verdictOn } from './mutants/telling.ts';

const counts = { passed: 0, failed: 0, skipped: 0 };
const leftOut = new Set<string>();

check('type check and build', 'npm', ['run', '--silent', 'build']);
check('type check of the tests', 'npx', ['tsc', '-p', '.']);
check('lint', 'npx', ['biome', 'check', '--error-on-warnings']);
const named = process.argv.slice(2);
if (counts.failed === 0) await runTests(named);
if (counts.failed === 0 && named.length === 0) await runMutants();
report();

function check(what: string, command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  counts[status === 0 ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${status === 0 ? '✔' : '✖'} ${what}\n`);
}

/** Two files at a time: the machines that run this have two cores, and some tests measure real time. */
function runTests(named: readonly string[]): Promise<void> {
  const files = named.length > 0 ? [...named] : testFiles();
  const stream = run({ files, concurrency: 2, timeout: 600_000 });
  stream.on('test:pass', ({ skip, details }) => {
    if (typeof skip === 'string') leftOut.add(skip);
    if (details.type !== 'suite' || skip !== undefined)
      counts[skip === undefined ? 'passed' : 'skipped'] += 1;
  });
  stream.on('test:fail', () => {
    counts.failed += 1;
  });
  const printed = stream.compose(new spec());
  printed.pipe(process.stdout);
  return new Promise((resolve) => printed.on('end', resolve));
}

/** The tests are tested too: each planted fault that they find counts as passed. */
async function runMutants(): Promise<void> {
  try {
    for (const outcome of await hunt({ root: process.cwd(), mutants, killers })) {
      counts[outcome.killedBy === undefined ? 'failed' : 'passed'] += 1;
      process.stdout.write(`${verdictOn(outcome)}\n`);
    }
  } catch (error) {
    counts.failed += 1;
    process.stdout.write(`✖ ${error instanceof Error ? error.message : error}\n`);
  }
}

function testFiles(): string[] {
  const names = readdirSync('test', { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .sort();
}

function report(): void {
  for (const reason of leftOut) process.stdout.write(`Left out: ${reason}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = counts.failed === 0 && counts.passed > 3 ? 0 : 1;
}
