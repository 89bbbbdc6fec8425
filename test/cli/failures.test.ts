import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { requires } from '../support/requirements.ts';
import { openIntroducingServer } from './introducing-server.ts';
import { type Program, punch } from './program.ts';
import { isEnd, isLink, isState } from './reports.ts';
import { connect, interrupt, register, startServer } from './scene.ts';
import { bindSocket, freePort, loopbackNetworkUnavailable } from './sockets.ts';

describe('punch client says why it fails:', { concurrency: 3 }, () => {
  it('no server, 3', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const client = punch('client', address, 'alice', '--json', '--timeout', '1');
    await endsFor(
      client,
      3,
      'noServer',
      `No answer from ${address}. Check the address, that the server runs`,
    );
    assert.deepEqual(client.states, ['registering', 'knocking', 'failed']);
  });

  it('a server that is not found, 3, without waiting for the timeout', async () => {
    const client = punch('client', 'nowhere.invalid', 'alice', '--json', '--timeout', '20');
    await endsFor(client, 3, 'noServer', 'nowhere.invalid has no address');
    assert.deepEqual(client.states, ['registering', 'failed']);
  });

  it('a peer that the server does not know, 4, once the time is over', async () => {
    const server = await startServer();
    const alice = punch('client', server.address, 'alice', 'bob', '--json', '--timeout', '1');
    await endsFor(alice, 4, 'peerUnknown', 'bob is not there, or does not take calls from you. Start bob');
    assert.deepEqual(alice.states.slice(4), ['requesting', 'absent', 'failed', 'stopped']);
    const { elapsedMs } = await alice.tells(isLink('failed'));
    assert.ok(elapsedMs >= 990 && elapsedMs < 5000, String(elapsedMs));
    await interrupt(server.program);
  });

  it('a peer that never answers, 5', async () => {
    const silent = await bindSocket();
    const remote = { address: '127.0.0.1', port: silent.address().port };
    const address = formatEndpoint(await openIntroducingServer(remote));
    const alice = punch('client', address, 'alice', 'bob', '--json', '--timeout', '1', '--protocol', '1');
    await endsFor(alice, 5, 'punchingFailed', 'No packet of bob came through. Either bob has stopped');
    assert.deepEqual(alice.states.slice(3), ['requesting', 'punching', 'failed', 'stopped']);
    assert.deepEqual((await alice.tells(isLink('punching'))).remote, remote);
  });

  it(
    'in protocol 1, a name that another address has, 7',
    requires('127.0.0.2', loopbackNetworkUnavailable()),
    async () => {
      const server = await startServer('--allow-protocol-1');
      const first = await register(server, 'bob', '--bind', '127.0.0.1', '--protocol', '1');
      const bob = ['client', server.address, 'bob', '--json', '--protocol', '1'];
      const second = punch(...bob, '--bind', '127.0.0.2', '--timeout', '1');
      await endsFor(second, 7, 'refused', `The server at ${server.address} refused the name: it is in use`);
      assert.deepEqual(second.states, ['registering', 'awaitingAck', 'refused', 'failed']);

      const alice = punch('client', server.address, 'alice', 'bob', '--json', '--protocol', '1');
      await alice.tells(isState('connected'));
      await first.tells(isState('connected'));
      await interrupt(alice, first, server.program);
    },
  );

  it('a local port in use, 1', async () => {
    const taken = await bindSocket();
    const address = `127.0.0.1:${taken.address().port}`;
    const client = punch('client', '127.0.0.1:9', 'alice', '--json', '--bind', address);
    await endsFor(
      client,
      1,
      'failed',
      `UDP port ${address} is in use by another program. Stop it, or choose`,
    );
  });

  it('a local address of another machine, 1', async () => {
    const client = punch('client', '127.0.0.1:9', 'alice', '--json', '--bind', '192.0.2.77');
    await endsFor(client, 1, 'failed', 'This machine has no address 192.0.2.77. Choose one of its own.');
  });

  it('an interruption before it is registered, 130', async () => {
    const client = punch('client', `127.0.0.1:${await freePort()}`, 'alice', '--json');
    await client.tells(isState('knocking'));
    await client.interrupt();
    await endsFor(client, 130, 'interrupted');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`${signal} before it is connected, 130`, async () => {
      const server = await startServer();
      const client = punch('client', server.address, 'alice', 'bob', '--json');
      await client.tells(isState('absent'));
      client.signal(signal);
      await endsFor(client, 130, 'interrupted');
      await interrupt(server.program);
    });

    it(`but ${signal} after it was connected is no failure, 0`, async () => {
      const server = await startServer();
      const { alice, bob } = await connect(server);
      for (const [client, end] of [
        [alice, 'closed'],
        [bob, 'left'],
      ] as const) {
        client.signal(signal);
        await endsFor(client, 0, 'done');
        assert.deepEqual(client.states.slice(-2).toSorted(), [end, 'stopped']);
      }
      await interrupt(server.program);
    });
  }

  it('and so is the end of a client that waited to be called, 0', async () => {
    const server = await startServer();
    const client = await register(server, 'alice');
    await client.interrupt();
    await endsFor(client, 0, 'done');
    await interrupt(server.program);
  });

  it('in words for people, on standard error, as its last line', async () => {
    const client = punch('client', `127.0.0.1:${await freePort()}`, 'alice', '--timeout', '0.5');
    await client.endsWith(3);
    assert.equal(client.output, '');
    assert.match(client.errors, /failed to register\nNo answer from [^\n]*\n$/);
  });
});

describe('a client whose output nobody reads any more', { concurrency: 3 }, () => {
  it('ends when a peer says something', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    bob.closeOutput();
    alice.types('hello\n');
    await bob.ends();
    await interrupt(alice, server.program);
  });

  it('ends as soon as it has a state to tell, with --json', async () => {
    const client = punch('client', '127.0.0.1:9', 'alice', '--json');
    client.closeOutput();
    await client.ends();
  });
});

/** Its end has that code, and is reported with that outcome and a reason that begins so. */
async function endsFor(client: Program, code: number, outcome: string, reason?: string): Promise<void> {
  await client.endsWith(code);
  const end = await client.tells(isEnd);
  assert.deepEqual([end.outcome, end.code], [outcome, code]);
  if (reason === undefined) assert.equal(end.reason, undefined);
  else assert.ok(end.reason?.startsWith(reason), end.reason);
}
