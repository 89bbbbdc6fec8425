import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '../../cli/render.ts';
import { mainFile, Program, punch } from './program.ts';
import { isEnd, isLink, isState } from './reports.ts';
import { connect, interrupt, register, type Server, startServer } from './scene.ts';

describe('a line for a peer that was killed', { concurrency: 3 }, () => {
  it('is reported as not delivered when the link is lost, 6, with --json too', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const [alice, carol] = [caller(server, 'alice', '--json'), caller(server, 'carol')];
    alice.types('first\n');
    carol.types('first\n');
    await bob.hears(2);
    bob.signal('SIGKILL');
    await bob.ends();
    alice.types('are you there\n');
    alice.closeInput();
    carol.types('are you \u0007 there\n');
    carol.closeInput();
    await Promise.all([alice.endsWith(6), carol.endsWith(6)]);
    const { peer, text, reason } = await alice.tells(isUndelivered);
    assert.deepEqual([peer, text], ['bob', 'are you there']);
    assert.match(reason, /^Nobody knows whether this has reached bob\. Nothing was heard from bob for \d+ s/);
    assert.equal(alice.reports.filter(isUndelivered).length, 1, 'what has arrived is not');
    assert.equal((await alice.tells(isEnd)).outcome, 'linkLost');
    assert.match(carol.errors, /^not delivered to bob: are you \\u\{7\} there \(Nobody knows whether/m);
    await interrupt(server.program);
  });
});

describe('a peer that leaves', { concurrency: 3 }, () => {
  it('says so, and the caller ends at once with 0, as nothing is missing', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    bob.types('bye\n');
    bob.closeInput();
    await bob.endsWith(0);
    await alice.endsWith(0);
    assert.deepEqual(alice.heard, ['bye']);
    assert.match((await alice.tells(isLink('left'))).reason ?? '', /^bob has closed the link/);
    await interrupt(server.program);
  });

  it('leaves others who wait for calls to wait for the next', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    await alice.interrupt();
    await bob.tells(isLink('left'));
    const carol = punch('client', server.address, 'carol', 'bob', '--json');
    await carol.tells(isState('connected'));
    await interrupt(carol, bob, server.program);
  });

  it('has all lines of a long text first, and its receiver needs no pauses', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
    alice.types(`${lines.join('\n')}\n`);
    alice.closeInput();
    await alice.endsWith(0);
    assert.deepEqual(await bob.hears(lines.length), lines);
    assert.deepEqual(alice.reports.filter(isUndelivered), []);
    await interrupt(bob, server.program);
  });
});

/** Gives up early, so that a lost link is lost after 32 s and not after 50 s. */
function caller({ address }: Server, name: string, ...args: readonly string[]): Program {
  const command = [process.execPath, mainFile, 'client', address, name, 'bob', '--timeout', '2', ...args];
  return new Program(command as [string, ...string[]], { deadlineMs: 90_000 });
}

function isUndelivered(report: Report): report is Extract<Report, { readonly type: 'undelivered' }> {
  return report.type === 'undelivered';
}
