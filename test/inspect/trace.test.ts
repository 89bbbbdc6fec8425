import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Line } from '../../runtime/inspect/lines.ts';
import type { SourceRecord } from '../../runtime/inspect/records.ts';
import { showSimulation } from '../../runtime/inspect/simulated.ts';
import { openTrace } from '../../runtime/inspect/trace.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import type { Scenario } from '../../runtime/simulation/run.ts';
import { simulate } from '../../runtime/simulation/run.ts';
import { createVirtualClock } from '../../runtime/simulation/virtual-clock.ts';
import { startRecording } from '../../runtime/trace/recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'punch-inspect-trace-'));
after(() => rmSync(folder, { recursive: true }));

const path = { delayMs: 20, jitterMs: 0, loss: 0, duplication: 0, reordering: 0 };
const scenario: Scenario = {
  alice: simulatedKinds['home-router'],
  bob: simulatedKinds['full-cone'],
  path,
  seed: 1,
  protocol: 2,
};
const never = new AbortController().signal;

describe('a recording on the page', () => {
  it('shows the same steps as the run that was recorded, and who sent what to whom', async () => {
    const file = join(folder, 'run.jsonl');
    const clock = createVirtualClock();
    const recording = await startRecording({ file, label: 'simulate', clock, times: 'virtual' });
    simulate({ ...scenario, clock, inspect: recording.inspect, isRecorded: false });
    await recording.close();
    const trace = await openTrace(file);
    assert.ok(typeof trace === 'object');
    const lines: Line[] = [];
    assert.equal(await trace.play((told) => lines.push(...told), never), undefined);
    assert.equal(trace.times, 'virtual');
    const [replayed, simulated] = [lines, showSimulation(scenario)].map((told) =>
      stepsIn(told.map(({ text }) => JSON.parse(text) as SourceRecord)),
    );
    assert.ok(replayed !== undefined && replayed.length > 20);
    // What stops is not in a recording before it is closed; all that came before is.
    assert.deepEqual(replayed, simulated?.slice(0, replayed.length));
    const records = lines.map(({ text }) => JSON.parse(text) as SourceRecord);
    const registers = records.filter((record) => record[0] === 'received' && record[8] === 'alice');
    assert.ok(registers.length > 0, 'the server hears alice');
  });

  it('says why there is nothing to show, or not all', async () => {
    const none = join(folder, 'none.jsonl');
    assert.match(String(await openTrace(none)), /there is no such file/);
    writeFileSync(none, 'nothing of ours\n');
    assert.match(String(await openTrace(none)), /not a trace/);
  });
});

describe('a simulated run on the page', () => {
  it('has the life lines, and of every datagram what became of it', () => {
    const records = showSimulation({ ...scenario, bob: simulatedKinds.symmetric }).map(
      ({ text }) => JSON.parse(text) as SourceRecord,
    );
    const [, lifelines] = records.find(([kind]) => kind === 'lifelines') ?? [];
    assert.deepEqual(lifelines, ['alice', "alice's NAT", 'server', "bob's NAT", 'bob']);
    const fates = new Set(records.flatMap((record) => (record[0] === 'passage' ? [record[9].type] : [])));
    assert.ok(fates.has('delivered') && fates.has('dropped'), [...fates].join());
  });
});

/** Each as the actor, the event and the state, in words. */
function stepsIn(records: readonly SourceRecord[]): readonly string[] {
  const words = new Map(
    records.flatMap((record) => (record[0] === 'word' ? [[record[1], record[2]] as const] : [])),
  );
  const ids = new Map(
    records.flatMap((record) => (record[0] === 'actor' ? [[record[1], record[3]] as const] : [])),
  );
  return records.flatMap((record) => {
    if (record[0] !== 'step') return [];
    const [, actor, at, event, state, taken] = record;
    return [
      [ids.get(actor), at, words.get(event), words.get(state), ...taken.map((id) => words.get(id))].join(' '),
    ];
  });
}
