import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock, type VirtualTimer } from '../support/virtual-clock.ts';

test('timers run at their own deadlines, those of one deadline in the order they were set', () => {
  const { clock, ran, note } = observed();
  note('second', 20);
  note('first', 10);
  note('third', 20);
  clock.advance(20);
  assert.deepEqual(ran, ['first at 10', 'second at 20', 'third at 20']);
});

test('a timer that is set while time passes runs in the same passage if it falls due in it', () => {
  const { clock, ran, note } = observed();
  clock.setTimeout(() => note('inner', 5), 10);
  clock.advance(14);
  assert.deepEqual(ran, []);
  clock.advance(1);
  assert.deepEqual(ran, ['inner at 15']);
});

test('runNext jumps to the next deadline, and says when there is none', () => {
  const { clock, ran, note } = observed();
  note('only', 3_600_000);
  assert.equal(clock.runNext(), true);
  assert.equal(clock.runNext(), false);
  assert.deepEqual(ran, ['only at 3600000']);
});

test('a chosen timer fires before earlier ones, which are then late but still armed', () => {
  const { clock, ran, note } = observed();
  note('early', 10);
  clock.fire(note('late', 50));
  clock.runNext();
  assert.deepEqual(ran, ['late at 50', 'early at 50']);
});

test('a timer that is cleared or has run cannot fire', () => {
  const { clock, note } = observed();
  const cleared = note('cleared', 10);
  clock.clearTimeout(cleared);
  assert.throws(() => clock.fire(cleared), /not armed/);
  const run = note('run', 10);
  clock.fire(run);
  assert.throws(() => clock.fire(run), /not armed/);
});

test('a delay that a real timer would not keep is an error', () => {
  const { clock } = observed();
  for (const delayMs of [Number.NaN, -1, 2 ** 31]) {
    assert.throws(() => clock.setTimeout(() => {}, delayMs), /no delay/);
  }
});

function observed() {
  const clock = createVirtualClock();
  const ran: string[] = [];
  const note = (name: string, delayMs: number) =>
    clock.setTimeout(() => ran.push(`${name} at ${clock.now()}`), delayMs) as VirtualTimer;
  return { clock, ran, note };
}
