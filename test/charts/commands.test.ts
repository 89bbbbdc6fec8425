import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runDiagram } from '../../cli/diagram.ts';
import { exitCodes } from '../../cli/exit.ts';
import { runPaths } from '../../cli/paths.ts';
import { linkChart } from '../../runtime/exploration/link-chart.ts';
import { mermaidOf } from '../../runtime/exploration/mermaid.ts';

test('punch diagram prints Mermaid, or JSON if asked', async (t) => {
  assert.deepEqual(await printed(t, () => runDiagram('link', { format: 'mermaid' })), {
    code: exitCodes.done,
    out: mermaidOf(linkChart.machine),
    err: '',
  });
  const { code, out } = await printed(t, () => runDiagram('client', { format: 'json' }));
  assert.equal(code, exitCodes.done);
  assert.equal(JSON.parse(out).id, 'client');
});

test('a chart or a format that there is not is a usage error that names those there are', async (t) => {
  assert.deepEqual(await printed(t, () => runDiagram('clinet', { format: 'mermaid' })), {
    code: exitCodes.usage,
    out: '',
    err: 'There is no chart "clinet". There are client, link, session, and introduction.\n',
  });
  assert.deepEqual(await printed(t, () => runDiagram('link', { format: 'toString' })), {
    code: exitCodes.usage,
    out: '',
    err: 'There is no format "toString". There are mermaid, svg, and json.\n',
  });
  assert.equal((await printed(t, () => runPaths('constructor', {}))).code, exitCodes.usage);
});

test('punch paths tells people what is covered, then each path step by step', async (t) => {
  const { code, out } = await printed(t, () => runPaths('session', {}));
  assert.equal(code, exitCodes.done);
  assert.match(out, /^session: \d+ paths with \d+ steps cover\n {2}states: 5 of 5\n/);
  assert.match(out, /\nPath 1: a session, registered\n {2}1\. .+ -> \w+\n/);
});

test('punch paths --json prints a path a line, and a summary at the end', async (t) => {
  const { out } = await printed(t, () => runPaths('client', { json: true }));
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { paths, steps, coverage } = lines.pop();
  assert.equal(lines.length, paths);
  assert.equal(lines.flatMap((line) => line.steps).length, steps);
  assert.deepEqual(coverage.states, { reached: 13, total: 13, unreached: [] });
  assert.deepEqual(Object.keys(lines[0]), ['chart', 'path', 'beginning', 'state', 'steps']);
  assert.deepEqual(Object.keys(lines[0].steps[0]), ['stimulus', 'event', 'state']);
});

/** What a command writes while nothing else is written. */
async function printed(t: TestContext, command: () => Promise<number>) {
  const texts = { out: '', err: '' };
  const capture = (stream: NodeJS.WriteStream, name: 'out' | 'err') =>
    t.mock.method(stream, 'write', (text: string) => {
      texts[name] += text;
      return true;
    });
  const captures = [capture(process.stdout, 'out'), capture(process.stderr, 'err')];
  const code = await command();
  for (const { mock } of captures) mock.restore();
  return { code, ...texts };
}
