import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { KEEPALIVE_MIN_MS, UNREACHABLE_RETRY_MS, UNREACHABLE_SPREAD } from '../../machines/timing.ts';
import { requires } from '../support/requirements.ts';
import { commandUnavailable, type Report, reaches, startServer } from './command-line.ts';
import { build, connect, join } from './homes.ts';
import { assertTalking } from './meeting.ts';
import { labUnavailable } from './namespace.ts';

/** These tests wait for timers of the protocol, which costs nothing but time: so all of them at once. */
const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  timeout: 120_000,
  concurrency: true,
};

/** The same server, before and after. */
const data = 'the server';

describe('a server that is killed', options, () => {
  it('is missed by newcomers only: a link lives on', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router', carol: 'home-router' });
    const server = await startServer(lab);
    const { alice, bob } = await connect(lab);
    await server.kill();
    const carol = join(lab, 'carol', { timeoutSeconds: 1 });
    assert.equal(await carol.report(reaches('client', 'registered')), undefined);
    assert.equal(await carol.exitCode, 3);
    await assertTalking(alice, bob);
  });

  it('and started again is soon told again who is asking', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
    const server = await startServer(lab, { data });
    const alice = join(lab, 'alice', { peer: 'bob' });
    await alice.report(reaches('link', 'absent'));
    await server.kill();
    const next = await startServer(lab, { data });
    const bob = join(lab, 'bob');
    await assertTalking(alice, bob);
    const knewNothing = await next.report(({ refused }) => Number(Object(refused).stale) > 0);
    assert.ok(knewNothing, 'the server knew who was asking all along');
    const connected = await alice.report(reaches('link', 'connected'));
    assert.ok(Number(connected?.elapsedMs) < KEEPALIVE_MIN_MS, 'only her next keepalive told it');
  });

  it('and started again is told in time who waits to be called', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
    const server = await startServer(lab, { data });
    const bob = join(lab, 'bob');
    await bob.report(reaches('client', 'registered'));
    await server.kill();
    await startServer(lab, { data });
    const alice = join(lab, 'alice', { peer: 'bob' });
    assert.ok(await alice.report(reaches('link', 'absent')), 'the server knew who was waiting all along');
    await assertTalking(alice, bob);
  });

  it('and missed for a while is found again within seconds, by one client after the other', async (context) => {
    const names = ['alice', 'bob', 'carol', 'dave', 'erin'];
    const lab = await build(context, Object.fromEntries(names.map((name) => [name, 'home-router'])));
    const server = await startServer(lab, { data });
    const clients = names.map((name) => join(lab, name));
    await Promise.all(clients.map((client) => client.report(reaches('client', 'registered'))));
    await server.kill();
    await Promise.all(clients.map((client) => client.report(reaches('client', 'unregistered'))));
    await startServer(lab, { data });
    const backAt = performance.now();
    const returns = await Promise.all(
      clients.map(async (client) => {
        await client.report(() => client.reports(reaches('client', 'registered')).length > 1);
        return performance.now() - backAt;
      }),
    );
    const [first, last] = [Math.min(...returns), Math.max(...returns)];
    const longest = UNREACHABLE_RETRY_MS * (1 + UNREACHABLE_SPREAD);
    assert.ok(last < longest + 1000, `the last one came after ${last} ms`);
    assert.ok(last - first > 250, `all of them came within ${last - first} ms`);
  });

  it('and comes back with another key is no longer trusted, and links live on', async (context) => {
    const lab = await build(context, { alice: 'home-router', bob: 'home-router', carol: 'home-router' });
    const server = await startServer(lab, { data });
    const carol = join(lab, 'carol');
    await carol.report(reaches('client', 'registered'));
    const { alice, bob } = await connect(lab);
    await carol.interrupt();
    await server.kill();
    await startServer(lab, { data: 'another server' });
    const carolAgain = join(lab, 'carol');
    assert.equal(await carolAgain.exitCode, 9);
    assert.deepEqual(carolAgain.reports(reaches('client', 'registered')), []);
    const end = await carolAgain.report(({ type }) => type === 'end');
    assert.match(
      String(end?.reason),
      /^The key of the server .* is not the one remembered: .* Line 1 of .*known_keys/,
    );
    for (const client of [alice, bob]) {
      const isTold = (report: Report) => reaches('client', 'unregistered')(report) && 'reason' in report;
      assert.match(String((await client.report(isTold))?.reason), /Line 1 of .*known_keys/);
    }
    await assertTalking(alice, bob);
    await setTimeout(2 * UNREACHABLE_RETRY_MS);
    for (const client of [alice, bob])
      assert.equal(client.reports(reaches('client', 'registered')).length, 1);
    await assertTalking(alice, bob);
  });
});
