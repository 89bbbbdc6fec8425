import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { realAmbient } from '../../../runtime/ambient.ts';
import { openLeases } from '../../../runtime/identity/leases/open.ts';
import { seededRandom } from '../../../runtime/simulation/random.ts';
import { freshPath } from '../folder.ts';
import { leaseProcess } from './process.ts';

const ROUNDS = 20;

/** Grants names one after the other and a few at a time, and says each when it is granted. */
const granting = (round: number) => `
  for (let turn = 0; ; turn += 1) {
    await Promise.all([0, 1, 2].map(async (part) => {
      const name = 'name-${round}-' + turn + '-' + part;
      await leases.grant(name, new Uint8Array(32).fill(${round + 1}));
      say(name);
    }));
  }
`;

describe('kill -9', () => {
  test('at any moment, again and again, loses no acknowledged lease', { timeout: 300_000 }, async (t) => {
    const directory = freshPath();
    const random = seededRandom(9);
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = leaseProcess(directory, granting(round));
      assert.equal(await server.started, 'open');
      await new Promise((resolve) => setTimeout(resolve, random() * 120));
      server.child.kill('SIGKILL');
      await server.ended;
      for (const name of server.lines.slice(1)) acknowledged.set(name, round + 1);
    }
    const leases = await open(directory);
    for (const [name, owner] of acknowledged) {
      assert.deepEqual(leases.holderOf(name), new Uint8Array(32).fill(owner), name);
    }
    t.diagnostic(`${acknowledged.size} acknowledged, ${leases.size} kept, in ${ROUNDS} rounds`);
    assert.ok(acknowledged.size > ROUNDS);
    await leases.close();
  });

  test('while the store is made leaves a directory that the next server can use', {
    timeout: 300_000,
  }, async () => {
    const random = seededRandom(10);
    for (let round = 0; round < 8; round += 1) {
      const directory = freshPath();
      const server = leaseProcess(directory, 'setInterval(() => {}, 1000);');
      // It is killed somewhere around the first files it makes.
      for (let look = 0; look < 2000 && !isBegun(directory); look += 1)
        await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, random() * 12));
      server.child.kill('SIGKILL');
      await server.ended;
      const leases = await open(directory);
      assert.equal(leases.size, 0);
      await leases.close();
    }
  });
});

describe('a disk that is full', () => {
  test('refuses leases with a reason, keeps those that are there, and the server lives', async () => {
    const directory = freshPath();
    const script = `
      let granted = 0;
      let refused;
      while (refused === undefined) {
        await leases.grant('name-' + granted, new Uint8Array(32)).then(
          () => { granted += 1; }, (error) => { refused = error; });
      }
      say(refused.code + ' ' + refused.message);
      say(String(leases.size === granted && leases.holderOf('name-' + granted) === undefined));
      say(String(granted));
      await leases.close();
    `;
    const command = ['bash', '-c', 'ulimit -f 120; exec "$@"', 'bash'];
    const server = leaseProcess(directory, script, { command });
    await server.ended;
    const [opened, refused, isRight, granted] = server.lines;
    assert.equal(opened, 'open');
    assert.match(
      refused ?? '',
      /^badStore A lease could not be written to .*Check that the disk is not full\.$/,
    );
    assert.equal(isRight, 'true');
    const leases = await open(directory);
    assert.equal(leases.size, Number(granted));
    assert.equal(await leases.grant('one more', new Uint8Array(32)), 'granted');
    await leases.close();
    const again = await open(directory);
    assert.equal(again.size, Number(granted) + 1);
    await again.close();
  });
});

function isBegun(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch {
    return false;
  }
}

function open(directory: string) {
  return openLeases({ directory, clock: realAmbient.clock, now: () => 0 });
}
