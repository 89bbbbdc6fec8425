import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requires } from '../support/requirements.ts';
import { punch } from './program.ts';
import { isLink, isState } from './reports.ts';
import { connect, interrupt, register, startServer } from './scene.ts';
import { freePort, ipv6Unavailable, loopbackNetworkUnavailable } from './sockets.ts';

describe('punch client', { concurrency: 3 }, () => {
  it('shows each state of its life as it is reached', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    const registering = ['registering', 'knocking', 'awaitingAck', 'registered'];
    assert.deepEqual(alice.states, [...registering, 'requesting', 'punching', 'connected']);
    assert.deepEqual(bob.states, [...registering, 'punching', 'connected']);
    const { elapsedMs } = await alice.tells(isState('connected'));
    assert.ok(elapsedMs > 0 && elapsedMs < 10_000);
    await interrupt(alice, bob, server.program);
  });

  it('tells people the same, on standard error', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const alice = punch('client', server.address, 'alice', 'bob');
    await alice.shows(/connected to bob/);
    const told = [
      'registering as alice',
      `knocking at ${server.address}`,
      `awaiting ack of ${server.address}`,
      `registered with ${server.address}`,
      'requesting bob',
      'punching to bob at 127\\.0\\.0\\.1:\\d+',
      'connected to bob at 127\\.0\\.0\\.1:\\d+',
    ];
    assert.match(alice.errors, new RegExp(`^${told.map((line) => ` +[0-9.]+ m?s  ${line}\n`).join('')}$`));
    assert.equal(alice.output, '');
    await interrupt(alice, bob, server.program);
  });

  it('prints JSON lines with --json, and nothing else', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    await interrupt(alice, bob);
    for (const client of [alice, bob]) {
      assert.equal(client.errors, '');
      assert.equal(client.reports.length, client.output.trimEnd().split('\n').length);
      assert.deepEqual(client.reports.at(-1), { type: 'end', outcome: 'done', code: 0 });
    }
    await server.program.interrupt();
  });

  it('with --quiet prints what peers say, and why it fails', async () => {
    const server = await startServer();
    const bob = punch('client', server.address, 'bob', '--quiet');
    const alice = punch('client', server.address, 'alice', 'bob', '--quiet');
    alice.types('hello\n');
    await bob.shows(/hello/);
    await interrupt(alice, bob, server.program);
    assert.deepEqual([bob.output, bob.errors, alice.output, alice.errors], ['alice: hello\n', '', '', '']);

    const lonely = punch('client', server.address, 'alice', '--quiet', '--timeout', '1');
    await lonely.endsWith(3);
    assert.match(lonely.errors, /^No answer from .*\n$/);
  });

  it('finds a server that comes later', async () => {
    const port = await freePort();
    const client = punch('client', `127.0.0.1:${port}`, 'alice', '--json');
    await client.tells(isState('knocking'));
    const server = await startServer('--port', String(port));
    await client.tells(isState('registered'));
    await interrupt(client, server.program);
  });

  it('finds a peer that comes later', async () => {
    const server = await startServer();
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    await alice.tells(isState('absent'));
    const bob = await register(server, 'bob');
    await alice.tells(isState('connected'));
    await interrupt(alice, bob, server.program);
  });

  it('takes a host name, and the port as an option', async () => {
    const server = await startServer('--host', 'localhost');
    const bob = punch('client', 'localhost', 'bob', '--port', String(server.endpoint.port), '--json');
    await bob.tells(isState('registered'));
    const alice = punch('client', `localhost:${server.endpoint.port}`, 'alice', 'bob', '--json');
    await alice.tells(isState('connected'));
    await interrupt(alice, bob, server.program);
  });

  it('works over IPv6', requires('IPv6', ipv6Unavailable()), async () => {
    const server = await startServer('--host', '::1');
    assert.match(server.address, /^\[::1\]:\d+$/);
    const { alice, bob } = await connect(server);
    const { remote } = await alice.tells(isLink('connected'));
    assert.equal(remote?.address, '::1');
    await interrupt(alice, bob, server.program);
  });

  it(
    'sends from the address and port of --bind',
    requires('127.0.0.3', loopbackNetworkUnavailable()),
    async () => {
      const server = await startServer();
      const port = await freePort('127.0.0.3');
      const bob = await register(server, 'bob', '--bind', `127.0.0.3:${port}`);
      const alice = punch('client', server.address, 'alice', 'bob', '--json', '--bind', '127.0.0.4');
      const toBob = await alice.tells(isLink('connected'));
      assert.deepEqual(toBob.remote, { address: '127.0.0.3', port });
      const toAlice = await bob.tells(isLink('connected'));
      assert.equal(toAlice.remote?.address, '127.0.0.4');
      await interrupt(alice, bob, server.program);
    },
  );

  it('lets another client of its name and key move in', async () => {
    const server = await startServer();
    const first = await register(server, 'bob');
    const second = await register(server, 'bob');
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    await second.tells(isState('connected'));
    await alice.tells(isState('connected'));
    assert.deepEqual(first.states, ['registering', 'knocking', 'awaitingAck', 'registered']);
    await interrupt(alice, first, second, server.program);
  });

  it('shows who calls it while it talks to the one it has called', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    const carol = punch('client', server.address, 'carol', 'alice', '--json');
    await carol.tells(isState('connected'));
    carol.types('can you hear me\n');
    carol.closeInput();
    await carol.endsWith(0);
    bob.types('over\n');
    await alice.until(() => alice.heard.includes('over') || undefined, 'what bob says');
    assert.deepEqual(alice.heard, ['can you hear me', 'over']);
    await interrupt(alice, bob, server.program);
  });

  it('serves several callers at once', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const callers = ['alice', 'carol', 'dave'].map((name) =>
      punch('client', server.address, name, 'bob', '--json'),
    );
    for (const caller of callers) await caller.tells(isState('connected'));
    await bob.until(
      () => bob.states.filter((state) => state === 'connected').length === 3 || undefined,
      'three',
    );
    bob.types('hello all\n');
    for (const caller of callers) assert.deepEqual(await caller.hears(1), ['hello all']);
    await interrupt(...callers, bob, server.program);
  });
});
