import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createActor, setup } from 'xstate';
import { createPeer, createRendezvousServer } from '../../runtime/index.ts';
import { openFileSink } from '../../runtime/trace/file-sink.ts';
import { createRecorder } from '../../runtime/trace/recorder.ts';
import { startRecording } from '../../runtime/trace/recording.ts';
import { createTraceWriter } from '../../runtime/trace/writer.ts';
import { requires } from '../support/requirements.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { endingOf, RecordedRun, replayed, SECRET, stepsIn, transitionOf } from './run.ts';

const directory = mkdtempSync(join(tmpdir(), 'punch-trace-'));
after(() => rmSync(directory, { recursive: true }));

describe('a recording', () => {
  test('gives, when it is replayed, the transitions that XState saw, with loss and without', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const run = await new RecordedRun({ seed, loss: seed % 2 === 0 ? 0.3 : 0 }).play();
      const items = await replayed(run.trace);
      const steps = stepsIn(items);
      assert.equal(endingOf(items), 'end');
      assert.deepEqual(
        steps.filter(({ difference }) => difference !== undefined),
        [],
      );
      assert.deepEqual(byActor(steps.map(transitionOf)), byActor(run.witnessed));
    }
  });

  test('has causes before what they cause', async () => {
    const { trace } = await new RecordedRun().play();
    const order = stepsIn(await replayed(trace)).map(({ actor, event }) => `${actor} ${event.type}`);
    const asked = order.indexOf('server/alice datagram.holePunchRequest');
    assert.deepEqual(order.slice(asked, asked + 3), [
      'server/alice datagram.holePunchRequest',
      'server/alice peer.found',
      'server/bob peer.calls',
    ]);
  });

  test('is the same, byte for byte, for the same seed', async () => {
    const [one, other] = [
      await new RecordedRun({ seed: 7 }).play(),
      await new RecordedRun({ seed: 7 }).play(),
    ];
    assert.equal(one.trace, other.trace);
  });

  for (const { protocol, heard } of [
    { protocol: 2, heard: 'datagram.probe' },
    { protocol: 1, heard: 'say' },
  ] as const)
    test(`of real sockets replays too, of protocol ${protocol}`, async () => {
      const file = join(directory, `loopback-${protocol}.jsonl`);
      const complaints: string[] = [];
      const recording = await startRecording({
        file,
        label: 'loopback',
        stopped: (text) => complaints.push(text),
      });
      const { inspect } = recording;
      const server = await createRendezvousServer({
        host: '127.0.0.1',
        port: 0,
        protocols: [protocol],
        inspect,
      });
      const alice = createPeer({ server: server.endpoint, name: 'alice', protocol, inspect });
      const bob = createPeer({ server: server.endpoint, name: 'bob', protocol, inspect });
      await bob.registered;
      const link = await alice.connect('bob');
      link.send(SECRET);
      await Promise.all([alice.close(), bob.close(), server.close()]);
      await recording.close();
      const text = readFileSync(file, 'utf8');
      const items = await replayed(text);
      assert.equal(endingOf(items), 'end');
      const steps = stepsIn(items);
      assert.ok(steps.some(({ actor, event }) => actor === 'alice/link:bob' && event.type === heard));
      assert.ok(steps.every(({ difference }) => difference === undefined));
      assert.ok(!text.includes(SECRET));
      assert.deepEqual(complaints, []);
      assert.equal(statSync(file).mode & 0o077, 0, 'others may not read it');
    });

  test('tells actors apart that are called the same', async () => {
    const { trace, recorder } = bare();
    const options = { id: 'one', inspect: recorder.inspect.bind(recorder) };
    const first = createActor(lamp, options).start();
    createActor(lamp, options).start();
    first.stop();
    createActor(lamp, options).start();
    recorder.end();
    const actors = (await replayed(trace(), { lamp })).flatMap((item) =>
      item.type === 'step' ? [`${item.actor} ${item.event.type}`] : [],
    );
    assert.deepEqual(actors, ['one xstate.init', 'one#2 xstate.init', 'one xstate.stop', 'one xstate.init']);
  });

  test('holds the event that a chart has thrown at, and replays the throw', async () => {
    const { trace, recorder } = bare();
    const actor = createActor(lamp, { id: 'lamp', inspect: recorder.inspect.bind(recorder) });
    actor.subscribe({ error: () => {} });
    actor.start();
    actor.send({ type: 'switch' });
    actor.send({ type: 'burst' });
    await Promise.resolve();
    recorder.end();
    const items = await replayed(trace(), { lamp });
    assert.equal(endingOf(items), 'end');
    const last = stepsIn(items).at(-1);
    assert.equal(last?.event.type, 'burst');
    assert.match(last?.recorded.error ?? '', /broken glass/);
    assert.match(last?.error ?? '', /broken glass/);
    assert.equal(last?.difference, undefined);
  });

  test('that has grown to its greatest size says so, and replays up to there', async () => {
    const whole = (await new RecordedRun().play()).trace;
    for (const maxBytes of [0, 100, 500, 5000]) {
      const { trace } = await new RecordedRun({ maxBytes }).play();
      assert.ok(trace.length <= Math.max(maxBytes, 200), `${trace.length} for ${maxBytes}`);
      if (maxBytes < 500) continue;
      const items = await replayed(trace);
      assert.equal(endingOf(items), 'cut');
      assert.deepEqual(stepsIn(items), stepsIn(await replayed(whole)).slice(0, stepsIn(items).length));
    }
  });
});

describe('a recording whose file cannot be written', () => {
  test('says why in one sentence, and lets the program go on', async () => {
    const precious = join(directory, 'precious.txt');
    writeFileSync(precious, 'not a trace');
    await assertRefused(
      join(directory, 'nowhere', 'trace.jsonl'),
      /is not recorded: there is no such file or dir/,
    );
    await assertRefused(directory, /is not recorded: it is a directory\.$/);
    await assertRefused(
      join(precious, 'trace.jsonl'),
      /is not recorded: a part of its path is not a directory\.$/,
    );
    await assertRefused(precious, /is not recorded: it is there already and is no trace/);
    assert.equal(readFileSync(precious, 'utf8'), 'not a trace');
  });

  test('because the disk is full', requires('/dev/full', fullDiskUnavailable()), async () => {
    await assertRefused('/dev/full', /^\/dev\/full is not recorded: the disk is full\.$/);
  });

  test('because the disk does not keep up', async () => {
    const complaints: string[] = [];
    const failed = (why: string) => complaints.push(why);
    const sink = await openFileSink(join(directory, 'slow.jsonl'), { backlogBytesMax: 100, failed });
    assert.ok(sink.write('x'.repeat(60)));
    assert.ok(!sink.write('x'.repeat(60)));
    assert.ok(!sink.write('x'));
    await sink.close();
    assert.deepEqual(complaints, ['the disk does not keep up']);
  });

  test('takes the place of an older trace, and leaves alone who still writes to that', async () => {
    const file = join(directory, 'again.jsonl');
    const older = await startRecording({ file, label: 'older' });
    const newer = await startRecording({ file, label: 'newer' });
    createActor(lamp, { id: 'lamp', inspect: older.inspect }).start();
    await older.close();
    await newer.close();
    const items = await replayed(readFileSync(file));
    assert.equal(endingOf(items), 'end');
    assert.equal(items[0]?.type === 'header' && items[0].header.label, 'newer');
    assert.deepEqual(stepsIn(items), []);
  });

  test('because it is at its greatest size', async () => {
    const complaints: string[] = [];
    const file = join(directory, 'small.jsonl');
    const stopped = (text: string) => complaints.push(text);
    const recording = await startRecording({ file, label: 'lamp', maxBytes: 1000, stopped });
    const actor = createActor(lamp, { id: 'lamp', inspect: recording.inspect }).start();
    for (let time = 0; time < 100; time += 1) actor.send({ type: 'switch' });
    await recording.close();
    assert.deepEqual(complaints, [`${file} is not recorded any further: it has reached 1000 bytes.`]);
    assert.equal(endingOf(await replayed(readFileSync(file), { lamp })), 'cut');
  });
});

/** A chart that breaks. */
const lamp = setup({
  guards: {
    breaks: () => {
      throw new Error('broken glass');
    },
  },
}).createMachine({
  id: 'lamp',
  initial: 'off',
  on: { burst: { guard: 'breaks', target: '.off' } },
  states: { off: { on: { switch: 'on' } }, on: { on: { switch: 'off' } } },
});

function bare() {
  let text = '';
  const sink = {
    write: (line: string) => {
      text += line;
      return true;
    },
  };
  const recorder = createRecorder(createTraceWriter(sink, { label: 'bare' }), createVirtualClock());
  return { recorder, trace: () => text };
}

async function assertRefused(file: string, expected: RegExp): Promise<void> {
  const complaints: string[] = [];
  const recording = await startRecording({ file, label: 'lamp', stopped: (text) => complaints.push(text) });
  const actor = createActor(lamp, { id: 'lamp', inspect: recording.inspect }).start();
  for (let time = 0; time < 1000; time += 1) actor.send({ type: 'switch' });
  await recording.close();
  assert.equal(actor.getSnapshot().value, 'off');
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] ?? '', expected);
}

function fullDiskUnavailable(): string | undefined {
  return existsSync('/dev/full') ? undefined : 'this system has no device that is always full';
}

function byActor(transitions: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const transition of transitions) {
    const [actor = ''] = transition.split(' ', 1);
    groups.set(actor, [...(groups.get(actor) ?? []), transition]);
  }
  return groups;
}
