import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Program, punch } from './program.ts';
import { isState } from './reports.ts';
import { connect, interrupt, register, type Server, startServer } from './scene.ts';
import { freePort } from './sockets.ts';

describe('a server that is killed and started again on its port', { concurrency: true }, () => {
  it('does no harm to links, and its clients come back to it', async () => {
    const server = await startServerAt(await freePort());
    const { alice, bob } = await connect(server);
    await kill(server);
    alice.types('still here\n');
    assert.deepEqual(await bob.hears(1), ['still here']);
    bob.types('me too\n');
    assert.deepEqual(await alice.hears(1), ['me too']);
    await Promise.all([alice.tells(isState('unregistered')), bob.tells(isState('unregistered'))]);

    const restarted = await startServerAt(server.endpoint.port);
    await Promise.all([registersAgain(alice), registersAgain(bob)]);
    const carol = punch('client', restarted.address, 'carol', 'bob', '--json');
    await carol.tells(isState('connected'));
    alice.types('and we still talk\n');
    assert.deepEqual(await bob.hears(2), ['still here', 'and we still talk']);
    for (const client of [alice, bob]) {
      assert.ok(!client.states.some((state) => ['lost', 'failed', 'closed'].includes(state)));
      assert.deepEqual(
        client.states.filter((state) => state.includes('registered')),
        ['registered', 'unregistered', 'registered'],
      );
    }
    assert.equal(alice.states.filter((state) => state === 'connected').length, 1);
    await interrupt(carol, alice, bob, restarted.program);
  });

  it('serves the caller who has been waiting for a peer all the time', async () => {
    const server = await startServerAt(await freePort());
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    await alice.tells(isState('absent'));
    await kill(server);
    const restarted = await startServerAt(server.endpoint.port);
    const bob = await register(restarted, 'bob');
    await alice.tells(isState('connected'));
    await interrupt(alice, bob, restarted.program);
  });
});

function startServerAt(port: number): Promise<Server> {
  return startServer('--port', String(port));
}

async function kill({ program }: Server): Promise<void> {
  program.signal('SIGKILL');
  assert.equal((await program.ends()).signal, 'SIGKILL');
}

function registersAgain(client: Program): Promise<true> {
  return client.until(
    () => client.states.filter((state) => state === 'registered').length > 1 || undefined,
    'a second registration',
  );
}
