import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pageLines } from '../../cli/stepper.ts';
import { sealed } from '../../runtime/trace/format.ts';
import { Walk } from '../../runtime/trace/walk.ts';
import { requires } from '../support/requirements.ts';
import { RecordedRun, replayed, stepsIn } from './run.ts';

const program = [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('./program.ts', import.meta.url)),
];
const directory = mkdtempSync(join(tmpdir(), 'punch-replay-'));
const whole = join(directory, 'whole.jsonl');
let trace = '';

before(async () => {
  trace = (await new RecordedRun().play()).trace;
  writeFileSync(whole, trace);
});

after(() => rmSync(directory, { recursive: true }));

describe('punch replay, where nobody watches', () => {
  test('prints every step', () => {
    const { stdout, stderr, status } = replayFile(whole);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^"all", recorded by udp-hole-punch@/);
    assert.match(stdout, /#1 +0\.00 ms {2}alice\/client: begins as client name="alice"/);
    assert.match(stdout, /seeking\.\S+ → punching\.\S+\n/);
    assert.match(stdout, /sends registerAck to 198\.51\.100\.10:5000\n/);
    assert.match(stdout, /timer keepalive of joined\.registered is due\n/);
    assert.match(stdout, /connected\([\w.]+, [\w.]+\)\n/);
  });

  test('prints the same as JSON lines', async () => {
    const { stdout, status } = replayFile(whole, '--json');
    assert.equal(status, 0);
    const lines = stdout.trimEnd().split('\n');
    const expected = await replayed(trace);
    assert.deepEqual(
      lines.slice(0, -1).map((line) => JSON.parse(line) as unknown),
      expected.map((item) => JSON.parse(JSON.stringify(item)) as unknown),
    );
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { type: 'end', outcome: 'done', code: 0 });
  });

  test('checks, and says so with its exit code', () => {
    const same = replayFile(whole, '--check');
    assert.match(
      same.stdout,
      /^The same: replayed \d+ steps, each as recorded by udp-hole-punch@[0-9.]+\.\n$/,
    );
    assert.equal(same.status, 0);
    const other = join(directory, 'other.jsonl');
    writeFileSync(
      other,
      resealed(trace.replace('"state":{"joined":"registered"}', '"state":{"joined":"elsewhere"}')),
    );
    const different = replayFile(other, '--check');
    assert.match(
      different.stdout,
      /^Different at step (\d+), line \d+\.\n#\1 [\s\S]*DIFFERS: the state was joined\.elsewhere, and is/,
    );
    assert.equal(different.status, 1);
    const verdict = JSON.parse(
      replayFile(other, '--check', '--json').stdout.split('\n', 1)[0] ?? '',
    ) as object;
    assert.equal('same' in verdict && verdict.same, false);
  });

  test('replays what was cut off as far as it goes, and says where that is', () => {
    const cut = join(directory, 'cut.jsonl');
    writeFileSync(cut, trace.slice(0, 1500));
    const { stdout, stderr, status } = replayFile(cut);
    assert.match(stdout, /#2 /);
    assert.match(stderr, /^The trace breaks off in line \d+\. Replayed \d steps? before it\.\n$/);
    assert.equal(status, 1);
  });

  test('says in one line what is wrong with a file', () => {
    for (const file of [
      join(directory, 'missing'),
      directory,
      process.execPath,
      fileURLToPath(import.meta.url),
    ]) {
      const { stdout, stderr, status } = replayFile(file);
      assert.equal(stdout, '');
      assert.match(stderr, /^(This is not a trace|.* cannot be read): [^\n]+\.\n$/);
      assert.equal(status, 1);
    }
  });
});

describe('punch replay, at a terminal', {
  ...requires('script', terminalUnavailable()),
  timeout: 120_000,
}, () => {
  test('steps forward and back by keys', async () => {
    const terminal = new PseudoTerminal(whole);
    await terminal.shows(/Step 1 of \d+/);
    await terminal.shows(/q: quit/);
    for (const [key, page] of [
      ['\u001b[C', /Step 2 of/],
      [' ', /Step 3 of/],
      ['\r', /Step 4 of/],
      ['\u001b[D', /Step 3 of/],
      ['\u001b[F', /Step (\d+) of \1[\s\S]*The recording ends here/],
      ['\u001b[H', /Step 1 of/],
      ['\u001b[D', /Step 1 of/],
    ] as const) {
      terminal.press(key);
      await terminal.shows(page);
    }
    terminal.press('q');
    assert.equal(await terminal.ended, 0);
    assert.match(terminal.text, /\?1049l/);
  });

  test('ends on Ctrl-C and leaves the terminal as it was', async () => {
    const terminal = new PseudoTerminal(whole);
    await terminal.shows(/q: quit/);
    terminal.press('\u0003');
    assert.equal(await terminal.ended, 0);
    assert.match(terminal.text, /\?25h[\s\S]*\?1049l/);
  });
});

describe('a page of the replay', () => {
  test('fits, however small the screen is, and names every actor where there is room', async () => {
    const walk = new Walk(stepsIn(await replayed(trace)));
    for (let position = 0; position <= walk.steps.length; position += 1) {
      walk.moveTo(position);
      for (let rows = 1; rows < 30; rows += 1) {
        const page = pageLines(walk, 'The end.', rows);
        assert.ok(page.length <= rows, `${page.length} lines on ${rows} rows`);
        assert.match(page.at(-1) ?? '', /q: quit/);
      }
      const page = pageLines(walk, 'The end.', 40).join('\n');
      for (const actor of walk.standings.keys()) assert.ok(page.includes(`${actor}: `), actor);
    }
  });

  test('spells out what could steer the terminal', async () => {
    const input = { name: '\u001b[2J', patienceMs: 1 };
    const record = { at: 0, actor: '\u001b]0;x\u0007', begin: 'client', input, state: 'x', emits: [] };
    const [header = ''] = trace.split('\n', 1);
    const steps = stepsIn(
      await replayed(resealed(`${header}\n${JSON.stringify({ ...record, sum: '0'.repeat(12) })}\n`)),
    );
    const walk = new Walk(steps);
    walk.moveTo(1);
    assert.equal(steps.length, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
    assert.doesNotMatch(pageLines(walk, '', 24).join(''), /[\u0000-\u001f]/);
  });
});

function replayFile(file: string, ...flags: readonly string[]) {
  return spawnSync(process.execPath, [...program, file, ...flags], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** The same lines with sums that fit. */
function resealed(text: string): string {
  let sum = '';
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { sum: _, ...content } = JSON.parse(line) as Record<string, unknown>;
      const next = sealed(content, sum);
      sum = next.sum;
      return next.line;
    })
    .join('');
}

function terminalUnavailable(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux')
    ? undefined
    : 'util-linux is needed for a pseudo-terminal: install it';
}

/** The replay of a file in a terminal of its own. */
class PseudoTerminal {
  readonly ended: Promise<number | null>;
  text = '';
  readonly #process: ChildProcess;
  #wake: () => void = () => {};

  constructor(file: string) {
    const command = [process.execPath, ...program, file].map((part) => `'${part}'`).join(' ');
    this.#process = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm' },
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#process.on('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  /** Types a key; what was shown before counts no longer. */
  press(key: string): void {
    this.text = '';
    this.#process.stdin?.write(key);
  }

  async shows(page: RegExp): Promise<void> {
    while (!page.test(this.text)) {
      if (this.#process.exitCode !== null) assert.match(this.text, page);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
