import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Program, punch, punchAs } from './program.ts';
import { isEnd, isState } from './reports.ts';
import { interrupt, type Server, startServer } from './scene.ts';
import { freePort } from './sockets.ts';
import { newUser, type User } from './user.ts';

describe('a name', { concurrency: 3 }, () => {
  it('belongs to the key that had it first: another is refused, 7', async () => {
    const server = await startServer();
    const [owner, other] = [newUser(), newUser()];
    const bob = await registers(owner, server, 'bob');
    await isRefused(other, server, 'bob');
    await bob.interrupt();
    await isRefused(other, server, 'bob');
    await interrupt(await registers(other, server, 'bobby'), server.program);
  });

  it('does so after the server was killed and started again with the same data', async () => {
    const [owner, other] = [newUser(), newUser()];
    const data = join(owner.folder, 'data');
    const place = ['--port', String(await freePort()), '--data', data];
    const first = await startServer(...place);
    const bob = await registers(owner, first, 'bob');
    first.program.signal('SIGKILL');
    await first.program.ends();
    bob.signal('SIGKILL');
    await bob.ends();
    const second = await startServer(...place);
    assert.equal(second.key, first.key);
    await isRefused(other, second, 'bob');
    await interrupt(await registers(owner, second, 'bob'), second.program);
  });

  it('may be taken along: its key registers it from another machine at once', async () => {
    const server = await startServer();
    const owner = newUser();
    const first = await registers(owner, server, 'bob');
    const elsewhere = punchAs(newUser(), 'client', server.address, 'bob', '--key', owner.keyFile, '--json');
    await elsewhere.tells(isState('registered'));
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    await elsewhere.tells(isState('connected'));
    await interrupt(alice, elsewhere, first, server.program);
    assert.ok(!first.states.includes('connected'));
  });
});

describe('the data of a server', { concurrency: 3 }, () => {
  it('is used by one server at a time: the second says which and ends with 1', async () => {
    const { folder } = newUser();
    const first = await startServer('--data', folder);
    const second = punch('server', '--host', '127.0.0.1', '--port', '0', '--data', folder);
    await second.endsWith(1);
    const { reason = '' } = await second.tells(isEnd);
    assert.match(reason, new RegExp(`used by the process ${first.program.pid}, another punch server`));
    assert.match(reason, /Stop that one first, or name another directory with --data\.$/);
    await first.program.interrupt();
  });

  it('is made where it is to be', async () => {
    const data = join(newUser().folder, 'var', 'lib', 'punch');
    const server = await startServer('--data', data);
    await server.program.interrupt();
    for (const file of ['key', 'leases.mdb']) assert.ok(existsSync(join(data, file)), file);
  });
});

async function registers(user: User, { address }: Server, name: string): Promise<Program> {
  const client = punchAs(user, 'client', address, name, '--json');
  await client.tells(isState('registered'));
  return client;
}

async function isRefused(user: User, { address }: Server, name: string): Promise<void> {
  const client = punchAs(user, 'client', address, name, '--json');
  await client.endsWith(7);
  const { outcome, reason } = await client.tells(isEnd);
  assert.equal(outcome, 'refused');
  assert.equal(
    reason,
    `The name belongs to another key at ${address}. Choose another name, or use the key that it was registered with (--key).`,
  );
}
