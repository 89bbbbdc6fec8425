import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Change,
  type Journal,
  LEASE_MS,
  LeaseBook,
  memoryLeases,
  RENEWAL_MS,
} from '../../../runtime/identity/leases/leases.ts';
import { someKey } from '../folder.ts';

const [alice, mallory] = [someKey(), someKey()];

describe('a lease', () => {
  test('belongs to the first key that asks, however often it asks', async () => {
    const { leases } = book();
    assert.equal(leases.holderOf('alice'), undefined);
    assert.equal(await leases.grant('alice', alice), 'granted');
    assert.equal(await leases.grant('alice', mallory), 'held');
    assert.equal(await leases.grant('alice', alice), 'granted');
    assert.deepEqual(leases.holderOf('alice'), alice);
    assert.equal(leases.size, 1);
  });

  test('belongs to one key, when two ask at the same time', async () => {
    const { leases } = book();
    const answers = await Promise.all([leases.grant('alice', alice), leases.grant('alice', mallory)]);
    assert.deepEqual(answers, ['granted', 'held']);
  });

  test('is not changed by who reuses the bytes of its key', async () => {
    const { leases } = book();
    const bytes = alice.slice();
    await leases.grant('alice', bytes);
    bytes.fill(0);
    assert.deepEqual(leases.holderOf('alice'), alice);
  });

  test('ends thirty days after it was renewed, and another key may have the name', async () => {
    const { leases, clock } = book();
    await leases.grant('alice', alice);
    clock.nowMs += LEASE_MS - 1;
    assert.equal(await leases.grant('alice', mallory), 'held');
    await leases.renew('alice');
    clock.nowMs += LEASE_MS - 1;
    assert.deepEqual(leases.holderOf('alice'), alice);
    clock.nowMs += 1;
    assert.equal(leases.holderOf('alice'), undefined);
    assert.equal(await leases.grant('alice', mallory), 'granted');
    assert.equal(leases.size, 1);
  });

  test('is renewed by a new grant to its key, too', async () => {
    const { leases, clock } = book();
    await leases.grant('alice', alice);
    clock.nowMs += LEASE_MS - 1;
    await leases.grant('alice', alice);
    clock.nowMs += 1;
    assert.deepEqual(leases.holderOf('alice'), alice);
  });

  test('that nobody has, or that has ended, is not renewed', async () => {
    const { leases, clock, written } = book();
    await leases.renew('alice');
    await leases.grant('alice', alice);
    clock.nowMs += LEASE_MS;
    await leases.renew('alice');
    assert.equal(leases.holderOf('alice'), undefined);
    assert.equal(written.length, 1);
  });

  test('is written once a day at most', async () => {
    const { leases, clock, written } = book();
    await leases.grant('alice', alice);
    clock.nowMs += RENEWAL_MS - 1;
    await leases.renew('alice');
    assert.equal(written.length, 1);
    clock.nowMs += 1;
    await Promise.all([leases.renew('alice'), leases.renew('alice')]);
    await leases.renew('alice');
    assert.equal(written.length, 2);
  });

  test('that was given while the clock was years ahead is written again when it is right', async () => {
    const { leases, clock } = book();
    clock.nowMs += 10 * 365 * RENEWAL_MS;
    await leases.grant('alice', alice);
    clock.nowMs = 0;
    assert.equal(await leases.grant('alice', mallory), 'held');
    await leases.renew('alice');
    clock.nowMs = LEASE_MS;
    assert.equal(leases.holderOf('alice'), undefined);
  });

  test('is forgotten by pruning once it has ended, not before', async () => {
    const { leases, clock } = book();
    await leases.grant('alice', alice);
    clock.nowMs += RENEWAL_MS;
    await leases.grant('bob', alice);
    assert.equal(await leases.prune(), 0);
    clock.nowMs = LEASE_MS;
    assert.equal(await leases.prune(), 1);
    assert.equal(leases.size, 1);
    clock.nowMs += RENEWAL_MS;
    assert.equal(await leases.prune(), 1);
    assert.equal(leases.size, 0);
  });
});

describe('when there is no more room', () => {
  test('a new name is refused, and the others keep theirs', async () => {
    const { leases } = book({ leasesMax: 3 });
    for (const name of ['a', 'b', 'c']) assert.equal(await leases.grant(name, alice), 'granted');
    assert.equal(await leases.grant('d', mallory), 'full');
    assert.equal(await leases.grant('a', alice), 'granted');
    assert.equal(await leases.grant('a', mallory), 'held');
    assert.equal(leases.holderOf('d'), undefined);
    assert.equal(leases.size, 3);
  });

  test('those that have ended make room, and no others', async () => {
    const { leases, clock } = book({ leasesMax: 2 });
    await leases.grant('a', alice);
    clock.nowMs += RENEWAL_MS;
    await leases.grant('b', alice);
    assert.equal(await leases.grant('c', mallory), 'full');
    clock.nowMs = LEASE_MS;
    assert.equal(await leases.grant('c', mallory), 'granted');
    assert.equal(await leases.grant('d', mallory), 'full');
    assert.deepEqual(leases.holderOf('b'), alice);
    assert.equal(leases.holderOf('a'), undefined);
  });

  test('a name that has ended goes to another in its own place', async () => {
    const { leases, clock } = book({ leasesMax: 1 });
    await leases.grant('a', alice);
    clock.nowMs = LEASE_MS;
    assert.equal(await leases.grant('a', mallory), 'granted');
    assert.equal(leases.size, 1);
  });

  test('a flood of names costs memory for no more than the cap', async () => {
    const { leases } = book({ leasesMax: 1000 });
    const answers = await Promise.all(
      Array.from({ length: 5000 }, (_, index) => leases.grant(`name-${index}`, mallory)),
    );
    assert.equal(answers.filter((answer) => answer === 'granted').length, 1000);
    assert.equal(leases.size, 1000);
  });
});

describe('when a lease cannot be written', () => {
  test('it is not granted, and the name is free', async () => {
    const scene = book();
    scene.fails = true;
    const [first, again] = await Promise.allSettled([
      scene.leases.grant('alice', alice),
      scene.leases.grant('alice', alice),
    ]);
    assert.deepEqual([first.status, again.status], ['rejected', 'rejected']);
    assert.equal(scene.leases.holderOf('alice'), undefined);
    scene.fails = false;
    assert.equal(await scene.leases.grant('alice', mallory), 'granted');
  });

  test('what was to make room for it stays', async () => {
    const scene = book({ leasesMax: 1 });
    await scene.leases.grant('alice', alice);
    scene.clock.nowMs = LEASE_MS;
    scene.fails = true;
    await assert.rejects(scene.leases.grant('bob', mallory));
    assert.equal(scene.leases.size, 1);
    scene.fails = false;
    assert.equal(await scene.leases.grant('bob', mallory), 'granted');
  });

  test('nothing of it is acknowledged before it is written', async () => {
    const scene = book();
    let isAcknowledged = false;
    const first = scene.leases.grant('alice', alice);
    const again = scene.leases.grant('alice', alice).then(() => {
      isAcknowledged = true;
      assert.equal(scene.written.length, 1);
    });
    assert.equal(isAcknowledged, false);
    await Promise.all([first, again]);
    assert.ok(isAcknowledged);
  });
});

test('leases in memory follow the same rules, and end with the process', async () => {
  const leases = memoryLeases({ now: () => 0, leasesMax: 1 });
  assert.equal(await leases.grant('alice', alice), 'granted');
  assert.equal(await leases.grant('alice', mallory), 'held');
  assert.equal(await leases.grant('bob', mallory), 'full');
  await leases.close();
});

function book(options: { leasesMax?: number } = {}) {
  const clock = { nowMs: 0 };
  const written: (readonly Change[])[] = [];
  const scene = { clock, written, fails: false };
  const journal: Journal = {
    write: async (changes) => {
      await Promise.resolve();
      if (scene.fails) throw new Error('the disk is full');
      written.push(changes);
    },
    close: async () => {},
  };
  const leases = new LeaseBook(new Map(), journal, { now: () => clock.nowMs, ...options });
  return Object.assign(scene, { leases });
}
