import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordIf, recordingOf, watchedBy } from '../../cli/recording.ts';
import type { Report } from '../../cli/render.ts';

describe('the option --record', () => {
  test('does nothing unless it is given', async () => {
    assert.equal(await recordIf(undefined, 'server', deaf()), undefined);
    assert.deepEqual(watchedBy(undefined, undefined), {});
  });

  test('says as a notice that the file cannot be written', async () => {
    const reports: Report[] = [];
    const terminal = { ...deaf(), report: (report: Report) => reports.push(report) };
    const recording = await recordIf('/nowhere/at/all/trace', 'server', terminal);
    await recording?.close();
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['notice'],
    );
  });

  test('lets several watch at once', () => {
    const seen: string[] = [];
    const watcher = (name: string) => ({ inspect: () => void seen.push(name) });
    watchedBy(watcher('one'), undefined, watcher('two')).inspect?.inspect({} as never);
    assert.deepEqual(seen, ['one', 'two']);
  });

  test('gives each of several processes its own file', () => {
    assert.equal(recordingOf('bob', 'a.b/run.jsonl'), 'a.b/run-bob.jsonl');
    assert.equal(recordingOf('bob', 'a.b/run'), 'a.b/run-bob');
  });
});

function deaf() {
  return { report: () => {}, interrupted: new AbortController().signal };
}
