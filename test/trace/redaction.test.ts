import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { greetingsIn, redact } from '../../runtime/trace/redaction.ts';
import { RecordedRun, SECRET } from './run.ts';

describe('what proves an address', () => {
  test('becomes something else, which is equal where it was', () => {
    const secret = '9ae379b2c447e2c3b991a0b9f4b997d6';
    const told = (value: object) => redact(value, new Set()) as { cookie: string; token: string };
    const one = told({ cookie: secret, token: 'other' });
    assert.ok(!secret.includes(one.cookie));
    assert.equal(told({ cookie: secret }).cookie, one.cookie);
    assert.notEqual(one.token, one.cookie);
  });
});

describe('what people say', () => {
  test('is not in a recording, nor is any part of it', async () => {
    const { trace } = await new RecordedRun().play();
    assert.ok(trace.includes('"type":"say"'));
    for (const word of SECRET.split(' '))
      assert.ok(!trace.includes(` ${word}`) && !trace.includes(`"${word}`), word);
  });

  test('is replaced by as many bytes, wherever it is, and greetings are not', () => {
    const greetings = greetingsIn({ name: 'alice', peer: 'bob' });
    const said = (text: string) => redact({ type: 'say', inner: [{ text }] }, greetings);
    const expected = (text: string) => ({ type: 'say', inner: [{ text }] });
    assert.deepEqual(said('häß€'), expected('*'.repeat(Buffer.byteLength('häß€'))));
    assert.deepEqual(said(''), expected(''));
    assert.deepEqual(said('Hello from bob'), expected('Hello from bob'));
    assert.deepEqual(said('Hello from alice'), expected('Hello from alice'));
    assert.deepEqual(said('Hello from bob!'), expected('*'.repeat(15)));
    assert.deepEqual(redact({ text: 'Hello from bob' }, greetingsIn({ name: 'alice' })), {
      text: '*'.repeat(14),
    });
  });
});
