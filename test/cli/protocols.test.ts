import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Program, punch } from './program.ts';
import { isEnd, isNotice, isState, isStatus } from './reports.ts';
import { connect, interrupt, register, startServer } from './scene.ts';

describe('protocols 1 and 2', { concurrency: 3 }, () => {
  it('do not mix: a client of 1 gets no answer from a server of 2, does not fall back, and is told what to try', async () => {
    const server = await startServer();
    const args = ['--json', '--protocol', '1', '--timeout', '1'];
    const client = punch('client', server.address, 'alice', ...args);
    await client.endsWith(3);
    assert.deepEqual(client.states, ['registering', 'awaitingAck', 'failed']);
    assert.match(
      (await client.tells(isEnd)).reason ?? '',
      /^No answer from .* A server of protocol 2 answers protocol 1 only if it is told to: try protocol 2\.$/,
    );
    const { refused } = await server.program.until(
      () => server.program.reports.filter(isStatus).find((status) => status.refused.protocol1 !== undefined),
      'the refusal',
    );
    assert.deepEqual(Object.keys(refused), ['protocol1']);
    await server.program.interrupt();
    assert.equal(server.program.reports.filter(isStatus).at(-1)?.sent, 0);
  });

  it('are both served with --allow-protocol-1, each to its own, and those without keys are warned of', async () => {
    const server = await startServer('--allow-protocol-1');
    const warning = await server.program.tells(isNotice);
    assert.match(warning.text, /^Clients of protocol 1 are served too\. They have no keys:/);
    const [old, now] = [await connect(server, '--protocol', '1'), await pair(server, 'carol', 'dave')];
    old.alice.types('hello\n');
    now.caller.types('hello\n');
    assert.deepEqual(await old.bob.hears(1), ['hello']);
    assert.deepEqual(await now.called.hears(1), ['hello']);
    const { text } = await old.alice.tells(isNotice);
    assert.match(text, /^Protocol 1 has no keys: nobody proves who they are/);
    assert.deepEqual(now.caller.reports.filter(isNotice), []);
    await interrupt(old.alice, old.bob, now.caller, now.called, server.program);
  });

  it('have their names in common: one that belongs to a key is refused to those without', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await register(server, 'bob');
    const args = ['--protocol', '1', '--timeout', '1'];
    const other = punch('client', server.address, 'bob', ...args);
    await other.endsWith(7);
    assert.match(other.errors, /it belongs to a key/);
    await interrupt(bob, server.program);
  });

  it('do not meet: a client of 2 cannot call one of 1', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await register(server, 'bob', '--protocol', '1');
    const alice = punch('client', server.address, 'alice', 'bob', '--timeout', '1');
    await alice.endsWith(4);
    await interrupt(bob, server.program);
  });

  it('are not tried one after the other: who gets no answer is told so', async () => {
    const client = punch('client', '127.0.0.1:9', 'alice', '--json', '--timeout', '0.5');
    await client.endsWith(3);
    assert.match((await client.tells(isEnd)).reason ?? '', /answers protocol 1 only, which has no keys\.$/);
  });
});

async function pair(
  server: { readonly address: string },
  from: string,
  to: string,
): Promise<{ readonly caller: Program; readonly called: Program }> {
  const called = await register(server, to);
  const caller = punch('client', server.address, from, to, '--json');
  await Promise.all([caller.tells(isState('connected')), called.tells(isState('connected'))]);
  return { caller, called };
}
