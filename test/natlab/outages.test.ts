import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { HOLD_MS } from '../../machines/timing.ts';
import { requires } from '../support/requirements.ts';
import { type CommandLine, commandUnavailable, reaches, startServer } from './command-line.ts';
import { build, connect, join } from './homes.ts';
import { assertTalking } from './meeting.ts';
import { labUnavailable } from './namespace.ts';

/** These tests wait for timers of the protocol, which costs nothing but time: so all of them at once. */
const atOnce = { timeout: 120_000, concurrency: true };

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  ...atOnce,
};

describe('the command line lives through', options, () => {
  describe('a NAT that reboots', atOnce, () => {
    it('in mid-link and keeps its port lets whoever is behind it go on talking', async (context) => {
      const lab = await build(context, { alice: 'linux-masquerade', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await lab.rebootNat('alice');
      await assertTalking(alice, bob);
    });

    it('in mid-link and keeps its port delays the other side until the next sign of life', async (context) => {
      const lab = await build(context, { alice: 'linux-masquerade', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await lab.rebootNat('alice');
      const startedAt = performance.now();
      bob.say('are you there?');
      assert.ok(await alice.hears('are you there?'));
      const took = performance.now() - startedAt;
      assert.ok(took < signOfLifeMs, `it took ${took} ms`);
    });

    it('in mid-link and gets another port is followed by a peer that it reaches', async (context) => {
      const lab = await build(context, { alice: 'symmetric', bob: 'full-cone' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      const before = lastRemote(bob);
      await lab.rebootNat('alice');
      const moved = bob.report(
        (report) => reaches('link', 'connected')(report) && portOf(report.remote) !== portOf(before),
      );
      assert.ok(
        await Promise.race([moved, setTimeout(signOfLifeMs, undefined, { ref: false })]),
        'bob has not followed',
      );
      await assertTalking(alice, bob);
      for (const side of [alice, bob]) assert.deepEqual(side.reports(reaches('link', 'punching')).length, 1);
    });

    it('and gets another port makes its clients findable again at their next keepalive', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      await startServer(lab);
      const bob = join(lab, 'bob');
      await bob.report(reaches('client', 'registered'));
      await lab.rebootNat('bob');
      const alice = join(lab, 'alice', { peer: 'bob' });
      await assertTalking(alice, bob);
      assert.equal(bob.reports(reaches('client', 'registered')).length, 1, 'bob has registered anew');
    });

    it('in mid-link and gets another port costs a link of protocol 1', async (context) => {
      const lab = await build(context, { alice: 'symmetric', bob: 'full-cone' });
      await startServer(lab, { allowProtocol1: true });
      const { alice, bob } = await connect(lab, { protocol: 1 });
      await lab.rebootNat('alice');
      await Promise.all([assertLost(alice, 60), bob.report(reaches('link', 'lost'))]);
    });
  });

  describe('a change of network', atOnce, () => {
    it('takes the session and the link with it', async (context) => {
      const lab = await build(context, {
        alice: 'home-router',
        bob: 'full-cone',
        carol: 'home-router',
        office: 'linux-masquerade',
      });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      const before = lastRemote(bob);
      await lab.roam(lab.host('alice'), 'office');
      const moved = bob.report(
        (report) => reaches('link', 'connected')(report) && portOf(report.remote) !== portOf(before),
      );
      assert.ok(await moved);
      await assertTalking(alice, bob);
      const carol = join(lab, 'carol', { peer: 'alice' });
      await assertTalking(carol, alice);
      assert.equal(alice.reports(reaches('client', 'registered')).length, 1, 'alice has registered anew');
    });
  });

  describe('a path that comes to work in one direction only', atOnce, () => {
    it('is given up by both sides, the one that still hears too', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await lab.sever('alice', 'bob');
      // Whoever hears nothing asks to be introduced anew, and the other seeks the path from then on.
      await Promise.all([assertLost(alice, 35, 50), bob.report(reaches('link', 'lost'))]);
    });
  });

  describe('a peer that is killed', atOnce, () => {
    it('leaves a link that is lost after its silence', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await assertTalking(alice, bob);
      await bob.kill();
      await assertLost(alice, 50);
    });
  });
});

/** The longest pause between probes on a path, twice for one that is lost, and a moment. */
const signOfLifeMs = 1.2 * HOLD_MS + 4000;

/** The caller's command ends, for the reason that nothing was heard for so long. */
async function assertLost(caller: CommandLine, atLeast: number, atMost = atLeast): Promise<void> {
  assert.equal(await caller.exitCode, 6);
  const end = await caller.report(({ type }) => type === 'end');
  const [, seconds] = /^Nothing was heard from bob for (\d+) s\./.exec(String(end?.reason)) ?? [];
  assert.ok(Number(seconds) >= atLeast && Number(seconds) <= atMost, String(end?.reason));
  const [connected, lost] = await Promise.all(
    ['connected', 'lost'].map((state) => caller.report(reaches('link', state))),
  );
  const silence = Number(lost?.elapsedMs) - Number(connected?.elapsedMs);
  assert.ok(silence >= atLeast * 1000, `lost after ${silence} ms`);
}

function lastRemote(client: CommandLine): unknown {
  return client.reports(reaches('link', 'connected')).at(-1)?.remote;
}

function portOf(remote: unknown): unknown {
  return (remote as { readonly port?: unknown } | undefined)?.port;
}
