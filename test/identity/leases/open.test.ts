import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { realAmbient } from '../../../runtime/ambient.ts';
import { LEASE_MS } from '../../../runtime/identity/leases/leases.ts';
import { openLeases } from '../../../runtime/identity/leases/open.ts';
import { punchError } from '../../runtime/scene.ts';
import { freshPath, nobody, openFolder, someKey } from '../folder.ts';
import { leaseProcess } from './process.ts';

const [alice, mallory] = [someKey(), someKey()];
const { clock } = realAmbient;
const forever = 'setInterval(() => {}, 1000);';

describe('leases in a directory', () => {
  test('survive a restart, with the time they have left', async () => {
    const directory = join(freshPath(), 'state', 'punch');
    const before = await open(directory, 0);
    await before.grant('alice', alice);
    await before.grant('zoë 😀 bob', mallory);
    await before.close();
    assert.equal(statSync(directory).mode & 0o777, 0o700);

    const after = await open(directory, LEASE_MS - 1);
    assert.equal(after.size, 2);
    assert.deepEqual(after.holderOf('zoë 😀 bob'), mallory);
    assert.equal(await after.grant('alice', mallory), 'held');
    assert.equal(await after.grant('alice', alice), 'granted');
    await after.close();

    const late = await open(directory, LEASE_MS);
    assert.deepEqual(late.holderOf('alice'), alice, 'it was renewed');
    assert.equal(late.holderOf('zoë 😀 bob'), undefined);
    assert.equal(await late.prune(), 1);
    await late.close();
    const last = await open(directory, 0);
    assert.equal(last.size, 1);
    await last.close();
  });

  test('leave nothing but the store behind', async () => {
    const directory = freshPath();
    const leases = await open(directory);
    await leases.grant('alice', alice);
    await leases.close();
    assert.deepEqual(readdirSync(directory).sort(), ['leases.mdb', 'leases.mdb-lock']);
  });

  test('come by the thousand, are changed and removed, and are all as they were', async () => {
    const directory = freshPath();
    const keys = Array.from({ length: 3000 }, someKey);
    const before = await open(directory);
    await Promise.all(keys.map((key, index) => before.grant(`name-${index}`, key)));
    await before.close();
    const between = await open(directory, LEASE_MS - 1);
    await Promise.all(keys.map((_, index) => (index % 3 === 0 ? between.renew(`name-${index}`) : undefined)));
    await between.close();
    const late = await open(directory, LEASE_MS);
    assert.equal(await late.prune(), 2000);
    await late.close();
    const after = await open(directory, LEASE_MS);
    assert.equal(after.size, 1000);
    for (const [index, key] of keys.entries())
      assert.deepEqual(after.holderOf(`name-${index}`), index % 3 === 0 ? key : undefined);
    await after.close();
  });

  test('that are closed grant no more, and may be closed twice', async () => {
    const leases = await open(freshPath());
    const last = leases.grant('alice', alice);
    await Promise.all([leases.close(), leases.close()]);
    assert.equal(await last, 'granted');
    await assert.rejects(leases.grant('bob', alice), punchError('closed'));
  });

  test('are begun anew where a start was killed before the store was complete', async () => {
    const directory = freshPath();
    mkdirSync(directory);
    writeFileSync(join(directory, 'new.mdb'), Buffer.alloc(5000));
    writeFileSync(join(directory, 'new.mdb-lock'), Buffer.alloc(50));
    const leases = await open(directory);
    await leases.close();
    assert.deepEqual(readdirSync(directory).sort(), ['leases.mdb', 'leases.mdb-lock']);
  });
});

describe('one directory has one server:', () => {
  test('a second in the same process is refused', async () => {
    const directory = freshPath();
    const leases = await open(directory);
    await assert.rejects(
      open(directory),
      punchError('badStore', /is used by this process already\. .*--data/),
    );
    assert.equal(await leases.grant('alice', alice), 'granted', 'and the first is not harmed');
    await leases.close();
    await (await open(directory)).close();
  });

  test('a second process is refused, and told which the first is', async () => {
    const directory = freshPath();
    const first = leaseProcess(directory, forever);
    assert.equal(await first.started, 'open');
    const number = `the process ${first.child.pid}, another punch server. Stop that one first`;
    await assert.rejects(open(directory), punchError('badStore', new RegExp(number)));
    first.child.kill('SIGKILL');
    await first.ended;
  });

  test('one that was killed is succeeded at once, by one of many', async () => {
    const directory = freshPath();
    const first = leaseProcess(directory, `await leases.grant('alice', new Uint8Array(32)); ${forever}`);
    await first.started;
    first.child.kill('SIGKILL');
    await first.ended;
    const successors = Array.from({ length: 5 }, () => leaseProcess(directory, forever));
    const starts = await Promise.all(successors.map(({ started }) => started));
    assert.equal(starts.filter((line) => line === 'open').length, 1, starts.join('\n'));
    assert.equal(starts.filter((line) => line.startsWith('badStore')).length, 4);
    for (const { child } of successors) child.kill('SIGKILL');
    await Promise.all(successors.map(({ ended }) => ended));
  });

  test('a lock whose number another process has got since holds nobody up', async () => {
    const directory = freshPath();
    mkdirSync(directory);
    writeFileSync(join(directory, 'lock.7'), `${process.pid} 1 an-earlier-start\n`);
    const leases = await open(directory);
    assert.match(readFileSync(join(directory, 'lock.8'), 'utf8'), new RegExp(`^${process.pid} `));
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('lock.')),
      ['lock.8'],
    );
    await leases.close();
  });

  test('a lock with nonsense in it holds nobody up', async () => {
    const directory = freshPath();
    mkdirSync(directory);
    writeFileSync(join(directory, 'lock.1'), '');
    await (await open(directory)).close();
  });
});

describe('a directory that cannot be used', () => {
  test('is told from a damaged store, so that a server may do without', async () => {
    openFolder();
    const directory = freshPath();
    mkdirSync(directory);
    chmodSync(directory, 0o555);
    const refused = leaseProcess(directory, '', nobody);
    assert.match(
      await refused.started,
      /^permissionDenied The directory .*: permission denied\. .*--data none\.$/,
    );
    await refused.ended;
    assert.deepEqual(readdirSync(directory), []);
  });

  test('is reported when it is a file', async () => {
    const path = freshPath();
    writeFileSync(path, 'text');
    await assert.rejects(open(path), punchError('badStore', /not a directory/));
    await assert.rejects(open(join(path, 'deeper')), punchError('badStore', /not a directory/));
  });
});

function open(directory: string, nowMs = 0) {
  return openLeases({ directory, clock, now: () => nowMs });
}
