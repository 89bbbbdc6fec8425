import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { barOf } from '../../cli/progress.ts';
import { readOptions, type SimulateOptions } from '../../cli/simulate-options.ts';
import { endingOf, replayed, stepsIn } from '../trace/run.ts';

describe('the options of simulate', () => {
  test('have defaults', () => {
    const plan = readOptions({ a: 'none', b: 'same' });
    assert.ok(typeof plan !== 'string');
    assert.deepEqual([plan.rttMs, plan.seed, plan.runs, plan.pair?.bob], [40, 1, undefined, 'same']);
    assert.deepEqual(plan.path, { delayMs: 20, jitterMs: 0, loss: 0, duplication: 0, reordering: 0 });
  });

  test('are in milliseconds and per cent', () => {
    const plan = readOptions({
      a: 'none',
      b: 'none',
      rtt: '101',
      jitter: '5',
      loss: '12.5',
      duplicate: '1',
      reorder: '100',
    });
    assert.ok(typeof plan !== 'string');
    const path = { delayMs: 50.5, jitterMs: 5, loss: 0.125, duplication: 0.01, reordering: 1 };
    assert.deepEqual(plan.path, path);
  });

  const faults: [options: SimulateOptions, says: RegExp][] = [
    [{}, /Give --a and --b/],
    [{ a: 'none' }, /Give --a and --b/],
    [{ matrix: true, a: 'none' }, /leave --a and --b out/],
    [{ matrix: true, record: 'run.jsonl' }, /--record takes one run, not every pair/],
    [{ a: 'none', b: 'cone' }, /no NAT "cone"/],
    [{ a: 'same', b: 'none' }, /no NAT "same"/],
    [{ a: 'none', b: 'none', loss: '101' }, /--loss "101" is no number from 0 to 100/],
    [{ a: 'none', b: 'none', loss: '1e1' }, /--loss "1e1" is no number/],
    [{ a: 'none', b: 'none', runs: '0' }, /--runs "0" is no number from 1/],
    [{ a: 'none', b: 'none', seed: '1.5' }, /--seed "1.5" is not a whole number/],
  ];
  for (const [options, says] of faults) {
    test(`cannot be ${JSON.stringify(options)}`, () => {
      const fault = readOptions(options);
      assert.ok(typeof fault === 'string');
      assert.match(fault, says);
    });
  }
});

describe('simulate', { timeout: 60_000 }, () => {
  test('draws a run that connects, and ends with 0', async () => {
    const { code, output } = await run({ a: 'home-router', b: 'full-cone' });
    assert.equal(code, 0);
    assert.match(output, /alice behind home-router calls bob behind full-cone/);
    assert.match(
      output,
      /Knock.*Challenge.*RegisterAck, sealed.*HolePunchRequest\(bob\).*Probe, asks.*\nConnected: alice after/s,
    );
  });

  test('draws the original’s protocol where that is asked for', async () => {
    const { code, output } = await run({ a: 'home-router', b: 'full-cone', protocol: 1 });
    assert.equal(code, 0);
    assert.match(output, /HolePunchRequest\(bob\).*\nConnected: alice after/s);
  });

  test('ends as the call of alice ended', async () => {
    const ended = async (a: string, b: string) => (await run({ a, b })).code;
    assert.deepEqual(
      await Promise.all([
        ended('symmetric', 'symmetric'),
        ended('udp-blocked', 'none'),
        ended('none', 'udp-blocked'),
        ended('nothing', 'none'),
      ]),
      [5, 3, 4, 2],
    );
  });

  test('tells in JSON what happened, and how it ended', async () => {
    const { output } = await run({ a: 'none', b: 'none', json: true });
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    assert.deepEqual(new Set(lines.map(({ type }) => type)), new Set(['state', 'datagram', 'end']));
  });

  test('adds up many runs, and ends with 1 where one is against theory', async () => {
    const fine = await run({ a: 'home-router', b: 'none', runs: '20' });
    assert.equal(fine.code, 0);
    assert.match(fine.output, /20 runs, seeds 1 to 20: 20 connected \(100 %\).*p50 .* p99/s);
    const deaf = await run({ a: 'home-router', b: 'none', loss: '100', runs: '2' });
    assert.equal(deaf.code, 1);
    assert.match(deaf.output, /Against theory: 2, the first with --seed 1\./);
  });

  test('runs every pair', async () => {
    const { code, output } = await run({ matrix: true });
    assert.equal(code, 0);
    assert.match(output, /All agree with theory\.\n$/);
  });

  test('ends at once when it is interrupted, with what it has', async () => {
    const child = start({ a: 'home-router', b: 'none', runs: '1000000', json: true });
    await once(child.stdout ?? child, 'data');
    child.kill('SIGINT');
    const { code, output } = await end(child);
    assert.equal(code, 130);
    assert.match(output, /"type":"summary"/);
  });
});

describe('simulate --record', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'punch-simulate-'));
  const file = join(folder, 'run.jsonl');
  after(() => rmSync(folder, { recursive: true }));

  test('writes what all three hosts did, which a replay finds the same, and how to make it again', async () => {
    const rough = { a: 'home-router', b: 'symmetric-open', loss: '20', reorder: '5', seed: '9' };
    await run({ ...rough, record: file });
    const [header, ...others] = await replayed(readFileSync(file));
    assert.ok(header?.type === 'header');
    assert.deepEqual(
      [header.header.label, header.header.seed, header.header.times],
      ['simulate', 9, 'virtual'],
    );
    const again = 'punch simulate --a home-router --b symmetric-open --loss 20 --reorder 5 --seed 9';
    assert.equal(header.header.command, again);
    assert.equal(endingOf(others), 'end');
    const steps = stepsIn(others);
    assert.deepEqual(
      steps.filter(({ difference }) => difference !== undefined),
      [],
    );
    const actors = [
      'alice/client',
      'alice/link:bob',
      'bob/client',
      'bob/link:alice',
      'server/alice',
      'server/bob',
      'server/introduction',
    ];
    const named = steps.map(({ actor }) => actor.replace(/:[0-9a-f]{16}$/, ''));
    assert.deepEqual([...new Set(named)].sort(), actors);
  });

  test('goes through the states that the run went through', async () => {
    const { output } = await run({ a: 'none', b: 'symmetric', json: true, record: file });
    const told = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; who?: string; chart?: string; state?: string })
      .filter(({ type, chart }) => type === 'state' && chart === 'link:bob')
      .map(({ state }) => state);
    const linked = stepsIn(await replayed(readFileSync(file))).filter(
      ({ actor }) => actor === 'alice/link:bob',
    );
    const states = linked.map(({ after }) =>
      typeof after === 'string' ? after : Object.keys(after ?? {})[0],
    );
    const entered = states.filter((state, index) => state !== states[index - 1]);
    assert.deepEqual(told, ['requesting', 'punching', 'connected']);
    assert.deepEqual(entered, ['seeking', 'probing', 'verified', 'closed']);
  });

  const many: [what: string, options: SimulateOptions, says: RegExp][] = [
    [
      'the first that went against theory',
      { loss: '100', runs: '2' },
      /seed 1, the first run against theory\.$/m,
    ],
    ['the slowest', { loss: '20', runs: '20' }, /seed \d+, the slowest run\.$/m],
  ];
  for (const [what, options, says] of many) {
    test(`of many runs writes ${what}`, async () => {
      const { output } = await run({ a: 'home-router', b: 'none', ...options, json: true, record: file });
      const notice = output.split('\n').find((line) => line.includes('"notice"')) ?? '{}';
      const { text } = JSON.parse(notice) as { text: string };
      assert.match(text, says);
      const [header] = await replayed(readFileSync(file));
      assert.ok(header?.type === 'header');
      assert.ok(text.includes(`seed ${header.header.seed},`));
    });
  }

  test('says that it cannot write, and comes out as it would have', async () => {
    const { code, output } = await run({
      a: 'none',
      b: 'none',
      json: true,
      record: join(folder, 'no', 'where'),
    });
    assert.equal(code, 0);
    assert.match(output, /where is not recorded: there is no such file or directory\./);
  });
});

test('a progress bar says how far it is, and how long it will take', () => {
  assert.equal(barOf(0, 4, 0), `${'░'.repeat(30)} 0 of 4`);
  assert.equal(barOf(2, 4, 3000), `${'█'.repeat(15)}${'░'.repeat(15)} 2 of 4 · 3 s left`);
});

function run(options: SimulateOptions): Promise<{ code: number; output: string }> {
  return end(start(options));
}

function start(options: SimulateOptions): ChildProcess {
  const source = `
    import { runSimulate } from ${JSON.stringify(fileURLToPath(new URL('../../cli/simulate.ts', import.meta.url)))};
    const code = await runSimulate(${JSON.stringify(options)});
    process.stdout.write('', () => process.exit(code));`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function end(child: ChildProcess): Promise<{ code: number; output: string }> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code: code as number, output };
}
