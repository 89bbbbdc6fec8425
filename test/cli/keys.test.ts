import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Program, punch, punchAs } from './program.ts';
import { isEnd, isListening, isNotice, isState } from './reports.ts';
import { interrupt, startServer } from './scene.ts';
import { freePort } from './sockets.ts';
import { newUser, type User } from './user.ts';

describe('the key of a client', { concurrency: 3 }, () => {
  it('is made when it is needed first, for its owner alone, and that is said once', async () => {
    const server = await startServer();
    const user = newUser();
    const first = punchAs(user, 'client', server.address, 'alice', '--json');
    await first.tells(isState('registered'));
    const { text } = await first.tells(isNotice);
    assert.match(text, /^A key was made: (\w{4}-){7}\w{4}\. Keep \/\S+\/punch\/key to yourself\.$/);
    assert.ok(text.includes(user.keyFile));
    assert.equal(statSync(user.keyFile).mode & 0o777, 0o600);
    await first.interrupt();

    const second = punchAs(user, 'client', server.address, 'alice', '--json');
    await second.tells(isState('registered'));
    await interrupt(second, server.program);
    assert.deepEqual(second.reports.filter(isNotice), []);
  });

  it('serves two clients of other names at once, which can call each other', async () => {
    const server = await startServer();
    const user = newUser();
    const bob = await registerAs(user, server.address, 'bob');
    const alice = punchAs(user, 'client', server.address, 'alice', 'bob', '--json');
    alice.types('hello me\n');
    assert.deepEqual(await bob.hears(1), ['hello me']);
    await interrupt(alice, bob, server.program);
  });

  it('lets two clients who share it, and call each other at the same time, connect', async () => {
    const server = await startServer();
    const user = newUser();
    const alice = punchAs(user, 'client', server.address, 'alice', 'bob', '--json');
    const bob = punchAs(user, 'client', server.address, 'bob', 'alice', '--json');
    await Promise.all([alice.tells(isState('connected')), bob.tells(isState('connected'))]);
    alice.types('hello\n');
    assert.deepEqual(await bob.hears(1), ['hello']);
    await interrupt(alice, bob, server.program);
  });
});

describe('an address with keys', { concurrency: 3 }, () => {
  it('as punch id shows it connects without trusting anybody on first use', async () => {
    const server = await startServer();
    const [alices, bobs] = [newUser(), newUser()];
    const id = punchAs(bobs, 'id', 'bob', '--server', server.address);
    await id.endsWith(0);
    const [, address = ''] = /^address +(punch:\S+)$/m.exec(id.output) ?? [];
    const withKey = `${server.address}#${server.key}`;
    const bob = await registerAs(bobs, withKey, 'bob');
    const alice = punchAs(alices, 'client', withKey, 'alice', address, '--json');
    alice.types('hello\n');
    assert.deepEqual(await bob.hears(1), ['hello']);
    await interrupt(alice, bob, server.program);
  });

  it('reaches nobody else under the name', async () => {
    const server = await startServer();
    const bob = await registerAs(newUser(), server.address, 'bob');
    const other = punchAs(newUser(), 'id', 'bob', '--server', server.address);
    await other.endsWith(0);
    const [, address = ''] = /^address +(punch:\S+)$/m.exec(other.output) ?? [];
    const alice = punchAs(newUser(), 'client', server.address, 'alice', address, '--json', '--timeout', '2');
    await alice.endsWith(4);
    await interrupt(bob, server.program);
    assert.ok(!bob.states.includes('connected'));
  });

  it('stops the client if the server has another key, 9', async () => {
    const server = await startServer();
    const address = `${server.address}#${'A'.repeat(42)}E`;
    const alice = punchAs(newUser(), 'client', address, 'alice', '--json', '--timeout', '10');
    await alice.endsWith(9);
    const { outcome, reason } = await alice.tells(isEnd);
    assert.equal(outcome, 'distrusted');
    assert.match(reason ?? '', /has another key than it had before, or than you were given/);
    await server.program.interrupt();
  });
});

describe('a key that has changed', { concurrency: 3 }, () => {
  it('of a server stops its clients with the line that remembers it and the remedy, 9', async () => {
    const user = newUser();
    const port = String(await freePort());
    const first = await startServer('--port', port, '--data', join(user.folder, 'first'));
    await (await registerAs(user, first.address, 'alice')).interrupt();
    await first.program.interrupt();
    const second = await startServer('--port', port, '--data', join(user.folder, 'second'));
    const alice = punchAs(user, 'client', second.address, 'alice', '--json');
    await mindsTheLine(alice, user, `The key of the server ${second.address} is not the one remembered`);
    await (await registerAs(user, second.address, 'alice')).interrupt();
    await second.program.interrupt();
  });

  it('of a peer stops its caller in the same way, and its own calls are not taken', async () => {
    const user = newUser();
    const port = String(await freePort());
    const before = await startServer('--port', port);
    const bob = await registerAs(newUser(), before.address, 'bob');
    const caller = punchAs(user, 'client', before.address, 'alice', 'bob', '--json');
    await caller.tells(isState('connected'));
    await interrupt(caller, bob, before.program);

    // A server that keeps no leases has forgotten whose the name was.
    const after = await startServer('--port', port);
    const other = newUser();
    const alice = await registerAs(user, after.address, 'alice');
    const calling = punchAs(other, 'client', after.address, 'bob', 'alice', '--json', '--timeout', '2');
    await calling.endsWith(4);
    await alice.interrupt();
    const another = await registerAs(other, after.address, 'bob');
    const again = punchAs(user, 'client', after.address, 'alice', 'bob', '--json');
    await mindsTheLine(again, user, `The key of the peer bob@${after.address} is not the one remembered`);
    const trusting = punchAs(user, 'client', after.address, 'alice', 'bob', '--json');
    await trusting.tells(isState('connected'));
    await interrupt(trusting, another, after.program);
  });
});

describe('the key of a server', { concurrency: 3 }, () => {
  it('is kept with its leases, for its owner alone, and stays', async () => {
    const user = newUser();
    const keys = [];
    for (const _time of ['first', 'second']) {
      const server = punchAs(user, 'server', '--host', '127.0.0.1', '--port', '0');
      keys.push((await server.tells(isListening)).key);
      await server.interrupt();
    }
    assert.equal(keys[0], keys[1]);
    assert.equal(statSync(join(user.serverData, 'key')).mode & 0o777, 0o600);
    assert.equal(existsSync(user.keyFile), false, 'it is not that of a client');
  });

  it('is another each time with --data none', async () => {
    const user = newUser();
    const keys = [];
    for (const _time of ['first', 'second']) {
      const server = punchAs(user, 'server', '--host', '127.0.0.1', '--port', '0', '--data', 'none');
      keys.push((await server.tells(isListening)).key);
      await server.interrupt();
    }
    assert.notEqual(keys[0], keys[1]);
    assert.equal(existsSync(user.serverData), false);
  });
});

describe('known keys', { concurrency: 3 }, () => {
  it('that say nothing are told of by line, and left', async () => {
    const server = await startServer();
    const user = newUser();
    const file = join(user.folder, 'friends');
    writeFileSync(file, '# mine\nserver\n');
    const alice = punchAs(user, 'client', server.address, 'alice', '--known-keys', file, '--json');
    await alice.tells(isState('registered'));
    const notices = alice.reports.filter(isNotice).map(({ text }) => text);
    assert.ok(
      notices.some((text) => text.startsWith(`Line 2 of ${file} says nothing:`)),
      notices.join(),
    );
    await interrupt(alice, server.program);
    assert.match(readFileSync(file, 'utf8'), /^# mine\nserver\nserver 127\.0\.0\.1:\d+ [\w-]{43}\n$/);
  });

  it('that cannot be written are told of, and the client goes on', async () => {
    const server = await startServer();
    const known = '/proc/nowhere/known_keys';
    const alice = punch('client', server.address, 'alice', '--known-keys', known, '--json');
    await alice.tells(isState('registered'));
    await alice.shows(/The known keys in \/proc\/nowhere\/known_keys cannot be written/);
    await interrupt(alice, server.program);
  });
});

async function registerAs(user: User, server: string, name: string): Promise<Program> {
  const client = punchAs(user, 'client', server, name, '--json');
  await client.tells(isState('registered'));
  return client;
}

/** It ends with 9 and a reason that begins so, and goes on to say where that is remembered and what to do. Does that. */
async function mindsTheLine(client: Program, user: User, beginning: string): Promise<void> {
  await client.endsWith(9);
  const { outcome, reason = '' } = await client.tells(isEnd);
  assert.equal(outcome, 'distrusted');
  assert.ok(reason.startsWith(beginning), reason);
  const [, line = '', file] = /Line (\d+) of (\S+) remembers/.exec(reason) ?? [];
  assert.equal(file, user.knownKeysFile);
  const [, remedy = ''] = /remove the line: (sed -i\.old .*)$/.exec(reason) ?? [];
  assert.match(remedy, new RegExp(`^sed -i\\.old ${line}d `));
  execFileSync('sh', ['-c', remedy]);
}
