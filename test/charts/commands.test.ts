import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runDiagram } from '../../cli/diagram.ts';
import { exitCodes } from '../../cli/exit.ts';
import { runPaths } from '../../cli/paths.ts';
import { drawChart } from '../../runtime/drawing/drawing.ts';
import { introductionChart } from '../../runtime/exploration/introduction-chart.ts';
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

test('punch diagram draws, in the colours asked for', async (t) => {
  for (const theme of ['auto', 'light', 'dark'] as const) {
    assert.deepEqual(await printed(t, () => runDiagram('introduction', { format: 'svg', theme })), {
      code: exitCodes.done,
      out: (await drawChart(introductionChart.machine, { theme })).svg,
      err: '',
    });
  }
});

test('a chart, a format or a theme that there is not is a usage error that names those there are', async (t) => {
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
  assert.deepEqual(await printed(t, () => runDiagram('link', { format: 'svg', theme: 'sepia' })), {
    code: exitCodes.usage,
    out: '',
    err: 'There is no theme "sepia". There are auto, light, and dark.\n',
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
  assert.deepEqual(coverage.states, { reached: 14, total: 14, unreached: [] });
  assert.deepEqual(Object.keys(lines[0]), ['chart', 'path', 'beginning', 'state', 'steps']);
  assert.deepEqual(Object.keys(lines[0].steps[0]), ['stimulus', 'event', 'state']);
});

/** What a command writes. What the test runner reports meanwhile is bytes. */
async function printed(t: TestContext, command: () => Promise<number>) {
  const texts = { out: '', err: '' };
  const capture = (stream: NodeJS.WriteStream, name: 'out' | 'err') => {
    const write = stream.write.bind(stream);
    return t.mock.method(stream, 'write', (written: string | Uint8Array) => {
      if (typeof written !== 'string') return write(written);
      texts[name] += written;
      return true;
    });
  };
  const captures = [capture(process.stdout, 'out'), capture(process.stderr, 'err')];
  const code = await command();
  for (const { mock } of captures) mock.restore();
  return { code, ...texts };
}
