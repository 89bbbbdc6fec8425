import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createActor } from 'xstate';
import { clientMachine } from '../../machines/client.ts';
import { sealed } from '../../runtime/trace/format.ts';
import { readTraceFile } from '../../runtime/trace/reader.ts';
import { createRecorder } from '../../runtime/trace/recorder.ts';
import { createTraceWriter } from '../../runtime/trace/writer.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { endingOf, replayed, stepsIn } from './run.ts';

describe('a trace that is damaged', () => {
  test('is replayed up to where it was cut off, wherever that is', async () => {
    const trace = shortTrace();
    const whole = stepsIn(await replayed(trace));
    const lastLine = lineAt(trace, trace.length - 1);
    for (let length = 0; length < trace.length; length += 1) {
      const items = await replayed(trace.subarray(0, length));
      const steps = stepsIn(items);
      assert.deepEqual(steps, whole.slice(0, steps.length));
      const isMissingOnlyItsLineEnd = length === trace.length - 1;
      const line = length === 0 ? 1 : lineAt(trace, length - 1);
      const expected = length === 0 ? 'empty 1' : isMissingOnlyItsLineEnd ? 'end' : `cutOff ${line}`;
      assert.equal(endingOf(items), expected, `cut to ${length} bytes`);
      assert.equal(steps.length, stepsBefore(trace, length, lastLine), `cut to ${length} bytes`);
    }
  });

  test('is caught at the line of the changed byte, whichever that is', async () => {
    const trace = shortTrace();
    for (let index = 0; index < trace.length; index += 1) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const changed = Buffer.from(trace);
        changed[index] = (changed[index] ?? 0) ^ bit;
        const ending = endingOf(await replayed(changed));
        const line = lineAt(trace, index);
        const expected = line === 1 ? /^(notATrace|unknownVersion|wrongSum|cutOff) 1$/ : `wrongSum ${line}`;
        const isLastByte = index === trace.length - 1;
        if (typeof expected !== 'string') assert.match(ending, expected);
        else assert.equal(ending, isLastByte ? `cutOff ${line}` : expected, `bit ${bit} of byte ${index}`);
      }
    }
  });

  test('is caught where lines are missing, doubled or exchanged', async () => {
    const lines = shortTrace()
      .toString()
      .split(/(?<=\n)/);
    const [first = '', second = '', third = '', ...others] = lines;
    const endings = [
      [first, third, ...others],
      [first, second, second, third, ...others],
      [first, third, second, ...others],
      [second, third, ...others],
      [...lines, '\n'],
      [...lines, first],
    ].map(async (damaged) => endingOf(await replayed(damaged.join(''))));
    assert.deepEqual(await Promise.all(endings), [
      'wrongSum 2',
      'wrongSum 3',
      'wrongSum 2',
      'notATrace 1',
      `afterEnd ${lines.length + 1}`,
      `afterEnd ${lines.length + 1}`,
    ]);
  });
});

describe('a file that is no trace', () => {
  test('is refused in a sentence that names the line', async () => {
    const header = { format: 'punch-trace', version: 2, program: 'udp-hole-punch@9.0.0' };
    const huge = `${'x'.repeat(200_000)}\n`;
    const cases: readonly (readonly [string | Buffer, string, RegExp])[] = [
      ['', 'empty 1', /The file is empty/],
      ['\n', 'notATrace 1', /line 1/],
      ['hello\nworld\n', 'notATrace 1', /line 1/],
      ['{"name":"package"}\n', 'notATrace 1', /line 1/],
      ['[]', 'notATrace 1', /line 1/],
      [gzipSync('trace'), 'notATrace 1', /line 1/],
      [Buffer.alloc(100_000), 'notATrace 1', /line 1/],
      [huge, 'notATrace 1', /line 1/],
      [
        sealed(header, '').line,
        'unknownVersion 1',
        /version 2, but .* version 1\. Use .*udp-hole-punch@9\.0\.0/,
      ],
      [firstLine() + huge, 'lineTooLong 2', /Line 2 is longer than 65536 bytes/],
    ];
    for (const [content, ending, text] of cases) {
      const items = await replayed(content);
      assert.equal(endingOf(items), ending);
      const last = items.at(-1);
      assert.match(last?.type === 'fault' ? last.fault.text : '', text);
    }
  });

  test('or that cannot be read is refused with the reason', async () => {
    for (const [path, reason] of [
      ['/no/such/file', /cannot be read: there is no such file/],
      ['/', /cannot be read: it is a directory/],
    ] as const) {
      const items = [];
      for await (const item of readTraceFile(path)) items.push(item);
      assert.equal(items.length, 1);
      assert.match(items[0]?.type === 'fault' ? items[0].fault.text : '', reason);
    }
  });

  test('is refused when its sums are right but its records are not', async () => {
    const nested = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown;
    const begin = { at: 0, actor: 'a', begin: 'client', input: {}, state: 'x', emits: [] };
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ nothing: true }, /Line 2 is no record/],
      [{ ...begin, at: 'noon' }, /Line 2 is no record/],
      [{ ...begin, state: { deep: [] } }, /Line 2 is no record/],
      [{ ...begin, input: nested }, /Line 2 is no record/],
      [{ ...begin, begin: 'teapot' }, /Line 2 cannot be replayed: this version has no chart "teapot"/],
      [{ ...begin, begin: '__proto__' }, /no chart "__proto__"/],
      [{ at: 0, actor: 'a', event: { type: 'stop' }, state: 'x', emits: [] }, /the actor "a" has not begun/],
    ];
    for (const [record, text] of cases) {
      const items = await replayed(afterFirstLine(record));
      const last = items.at(-1);
      assert.match(last?.type === 'fault' ? last.fault.text : '', text);
    }
  });

  test('never throws, whatever charts are made to take', async () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const types = [
      'transport.opened',
      'datagram.registerAck',
      'introduced',
      'say',
      'xstate.stop',
      'xstate.init',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('client', 'link', 'session'),
        value,
        fc.array(fc.tuple(fc.constantFrom(...types), value)),
        async (chart, input, events) => {
          const records = [
            { at: 0, actor: 'a', begin: chart, input, state: 'x', emits: [] },
            ...events.map(([type, fields]) => ({
              at: 0,
              actor: 'a',
              event: { ...(fields as object | null), type },
              state: 'x',
              emits: [],
            })),
          ];
          const items = await replayed(afterFirstLine(...records));
          assert.equal(stepsIn(items).length, records.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** A client that registers: six lines. */
function shortTrace(): Buffer {
  let text = '';
  const sink = {
    write: (line: string) => {
      text += line;
      return true;
    },
  };
  const clock = createVirtualClock();
  const recorder = createRecorder(createTraceWriter(sink, { label: 'client älice' }), clock);
  const server = { address: '192.0.2.1', port: 39_738 };
  const input = { name: 'älice', patienceMs: 60_000 };
  const actor = createActor(clientMachine, {
    input,
    id: 'client',
    clock,
    inspect: recorder.inspect.bind(recorder),
  });
  actor.start();
  actor.send({ type: 'transport.opened', server });
  clock.advance(60);
  actor.send({ type: 'datagram.registerAck', from: server, jitter: 0.5 });
  recorder.end();
  return Buffer.from(text);
}

function firstLine(): string {
  return `${shortTrace().toString().split('\n', 1)[0]}\n`;
}

function afterFirstLine(...records: readonly object[]): string {
  let text = firstLine();
  let sum = /"sum":"([0-9a-f]+)"/.exec(text)?.[1] ?? '';
  for (const record of records) {
    const next = sealed(record, sum);
    text += next.line;
    sum = next.sum;
  }
  return text;
}

/** The line that a byte is in, its line end included; from 1. */
function lineAt(trace: Buffer, index: number): number {
  return trace.subarray(0, index).toString('latin1').split('\n').length;
}

/** How many steps the first bytes hold: lines without the first and the last. A line may lack its line end. */
function stepsBefore(trace: Buffer, length: number, lastLine: number): number {
  const isLineComplete = trace[length] === 0x0a;
  const complete = lineAt(trace, length) - 1 + (isLineComplete ? 1 : 0);
  return Math.max(Math.min(complete, lastLine - 1) - 1, 0);
}
