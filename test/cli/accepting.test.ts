import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Report } from '../../cli/render.ts';
import { type Program, punch, punchAs } from './program.ts';
import { isState } from './reports.ts';
import { interrupt, type Server, startServer } from './scene.ts';
import { newUser, type User } from './user.ts';

/** Longer than the server waits for an answer, and than a client until it asks again. */
const TIMEOUT = ['--timeout', '3'] as const;

describe('whose calls are taken', { concurrency: 3 }, () => {
  it('with --accept known: those of peers that were met', async () => {
    const server = await startServer();
    const [me, friend] = [newUser(), newUser()];
    const before = await registerAs(me, server, 'bob');
    await (await connects(punchAs(friend, 'client', server.address, 'alice', 'bob', '--json'))).interrupt();
    await before.interrupt();
    const bob = await registerAs(me, server, 'bob', '--accept', 'known');
    const stranger = punchAs(newUser(), 'client', server.address, 'carol', 'bob', '--json', ...TIMEOUT);
    await stranger.endsWith(4);
    const alice = await connects(punchAs(friend, 'client', server.address, 'alice', 'bob', '--json'));
    await interrupt(alice, bob, server.program);
  });

  it('with --accept list FILE: those whose keys are in the file', async () => {
    const server = await startServer();
    const [me, friend] = [newUser(), newUser()];
    const id = punchAs(friend, 'id', 'alice', '--server', server.address);
    await id.endsWith(0);
    const list = join(me.folder, 'friends');
    writeFileSync(list, `# friends\n${/punch:\S+/.exec(id.output)?.[0]}\n`);
    const bob = await registerAs(me, server, 'bob', '--accept', 'list', list);
    const stranger = punchAs(newUser(), 'client', server.address, 'carol', 'bob', '--json', ...TIMEOUT);
    await stranger.endsWith(4);
    const alice = await connects(punchAs(friend, 'client', server.address, 'alice', 'bob', '--json'));
    await interrupt(alice, bob, server.program);
  });

  it('with --accept any: those of strangers too', async () => {
    const server = await startServer();
    const bob = await registerAs(newUser(), server, 'bob', '--accept', 'any');
    const alice = punchAs(newUser(), 'client', server.address, 'alice', 'bob', '--json');
    await interrupt(await connects(alice), bob, server.program);
  });

  it('whatever is accepted: that of whom one is calling', async () => {
    const server = await startServer();
    const me = newUser();
    const list = join(me.folder, 'nobody');
    writeFileSync(list, '');
    const bob = punchAs(me, 'client', '--accept', 'list', list, server.address, 'bob', 'alice', '--json');
    await bob.tells(isState('absent'));
    const alice = punchAs(newUser(), 'client', server.address, 'alice', 'bob', '--json');
    await connects(alice);
    await interrupt(alice, bob, server.program);
  });
});

describe('a caller who is refused', () => {
  it('is told what it would be told of somebody who is not there, and as late, 4', async () => {
    const server = await startServer();
    const list = join(newUser().folder, 'nobody');
    writeFileSync(list, '');
    const bob = await registerAs(newUser(), server, 'bob', '--accept', 'list', list);
    await (await registerAs(newUser(), server, 'gone')).interrupt();
    const call = async (peer: string) => {
      const client = punch('client', server.address, 'alice', peer, '--json', ...TIMEOUT);
      await client.endsWith(4);
      return client;
    };
    const [refused, absent, unheardOf] = [await call('bob'), await call('gone'), await call('unheard-of')];
    assert.deepEqual(told(refused, 'bob'), told(absent, 'gone'));
    assert.deepEqual(told(unheardOf, 'unheard-of'), told(absent, 'gone'));
    const late = await Promise.all([refused, absent].map((client) => client.tells(isState('absent'))));
    const [one = 0, other = 0] = late.map(({ elapsedMs }) => elapsedMs);
    assert.ok(one >= 450 && other >= 450 && Math.abs(one - other) < 300, `${one} ms and ${other} ms`);
    await interrupt(bob, server.program);
    assert.deepEqual(bob.states.at(-1), 'stopped');
    assert.ok(!bob.states.includes('punching'), 'nobody is troubled by it');
  });
});

/** What it has printed, without times and without the name it has called. */
function told(client: Program, peer: string): readonly unknown[] {
  return client.reports.map((report: Report) =>
    JSON.parse(JSON.stringify({ ...report, elapsedMs: 0 }).replaceAll(peer, 'PEER')),
  );
}

async function registerAs(
  user: User,
  { address }: Server,
  name: string,
  ...args: readonly string[]
): Promise<Program> {
  const client = punchAs(user, 'client', address, name, '--json', ...args);
  await client.tells(isState('registered'));
  return client;
}

async function connects(client: Program): Promise<Program> {
  await client.tells(isState('connected'));
  return client;
}
