import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from '../../runtime/counters.ts';

test('what never happened counts as nothing', () => {
  assert.equal(new Counters().of('refused.full'), 0);
});

test('every time counts', () => {
  const counters = new Counters();
  for (let time = 0; time < 3; time += 1) counters.count('refused.full');
  assert.equal(counters.of('refused.full'), 3);
});

test('counts are listed by what follows their prefix', () => {
  const counters = new Counters();
  for (const reason of [
    'refused.full',
    'malformed.empty',
    'refused.nameTaken',
    'refused.full',
    'refusedToo',
    'sent',
  ])
    counters.count(reason);
  assert.deepEqual(counters.under('refused'), { full: 2, nameTaken: 1 });
  assert.deepEqual(counters.under('ignored'), {});
});

test('a list that was handed out does not change afterwards', () => {
  const counters = new Counters();
  counters.count('refused.full');
  const listed = counters.under('refused');
  counters.count('refused.full');
  assert.deepEqual(listed, { full: 1 });
});
