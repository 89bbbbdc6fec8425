import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CONFIRM_PERIOD_MS, KEEPALIVE_MIN_MS } from '../../machines/timing.ts';
import { type AccessKind, accessKinds } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import { CommandLine, commandUnavailable, reaches, startServer } from './command-line.ts';
import { Laboratory, serverAddresses } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';

/** These tests wait for timers of the protocol, which costs nothing but time: so all of them at once. */
const atOnce = { timeout: 120_000, concurrency: true };

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  ...atOnce,
};

describe('the command line lives through', options, () => {
  describe('a server that is killed', atOnce, () => {
    it('is missed by newcomers only: a link lives on', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router', carol: 'home-router' });
      const server = await startServer(lab);
      const { alice, bob } = await connect(lab);
      await server.kill();
      const carol = join(lab, ['carol'], 1);
      assert.equal(await carol.report(reaches('client', 'registered')), undefined);
      assert.equal(await carol.exitCode, 3);
      await assertTalking(alice, bob);
    });

    it('and started again is soon told again who is asking', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      const server = await startServer(lab);
      const alice = join(lab, ['alice', 'bob']);
      // Once to begin with, and once more on hearing that nobody knows bob: nothing is left to be sent again.
      await server.report(({ registrations }) => registrations === 2);
      await server.kill();
      const next = await startServer(lab);
      const bob = join(lab, ['bob']);
      await assertTalking(alice, bob);
      const knewNothing = await next.report(({ refused }) => Number(Object(refused).unregistered) > 0);
      assert.ok(knewNothing, 'the server knew who was asking all along');
      const connected = await alice.report(reaches('link', 'connected'));
      assert.ok(Number(connected?.elapsedMs) < KEEPALIVE_MIN_MS, 'only her next refresh told it');
    });

    it('and started again is told in time who waits to be called', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      const server = await startServer(lab);
      const bob = join(lab, ['bob']);
      await bob.report(reaches('client', 'registered'));
      await server.kill();
      await startServer(lab);
      const alice = join(lab, ['alice', 'bob']);
      assert.ok(await alice.report(reaches('link', 'absent')), 'the server knew who was waiting all along');
      await assertTalking(alice, bob);
    });
  });

  describe('a NAT that reboots in mid-link', atOnce, () => {
    it('and keeps its port lets whoever is behind it go on talking', async (context) => {
      const lab = await build(context, { alice: 'linux-masquerade', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await lab.rebootNat('alice');
      await assertTalking(alice, bob);
    });

    it('and keeps its port shuts the other side out until the next keepalive', async (context) => {
      const lab = await build(context, { alice: 'linux-masquerade', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      // The greetings of the first moments would open the NAT again at once.
      await setTimeout(CONFIRM_PERIOD_MS + 500);
      await lab.rebootNat('alice');
      // Before the link grows doubtful of its own accord, which would revive it too.
      const most = (15_000 + 2000) / pauseMilliseconds;
      for (let count = 1; alice.heard.length === 0 && count <= most; count += 1) {
        bob.say(`attempt ${count}`);
        await Promise.race([alice.report(({ type }) => type === 'message'), setTimeout(pauseMilliseconds)]);
      }
      assert.match(String(alice.heard[0]), /^attempt /);
      assert.notEqual(alice.heard[0], 'attempt 1');
      await assertTalking(alice, bob);
    });

    it('and gets another port costs the link, which both sides notice', async (context) => {
      const lab = await build(context, { alice: 'symmetric', bob: 'full-cone' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await lab.rebootNat('alice');
      await Promise.all([assertLost(alice), bob.report(reaches('link', 'lost'))]);
    });
  });

  describe('a peer that is killed', atOnce, () => {
    it('leaves a link that is lost after its silence', async (context) => {
      const lab = await build(context, { alice: 'home-router', bob: 'home-router' });
      await startServer(lab);
      const { alice, bob } = await connect(lab);
      await assertTalking(alice, bob);
      await bob.kill();
      await assertLost(alice);
    });
  });
});

/** Between the lines of somebody who does not know whether he is heard. */
const pauseMilliseconds = 250;

/** A lab with a home for each name, which ends with the test. */
async function build(context: TestContext, homes: Readonly<Record<string, AccessKind>>): Promise<Laboratory> {
  const sites = Object.entries(homes).map(([name, kind]) => ({ name, access: accessKinds[kind] }));
  const lab = await Laboratory.build({ sites });
  context.after(() => lab.dispose());
  return lab;
}

/** Starts a client, in the home of its name, that perhaps calls another. */
function join(lab: Laboratory, names: readonly [string, string?], timeoutSeconds = 60): CommandLine {
  const [own] = names;
  const [server] = serverAddresses.ipv4;
  const rest = ['--json', '--timeout', String(timeoutSeconds)];
  return new CommandLine(lab, lab.host(own), [
    'client',
    server,
    ...names.filter((name) => name !== undefined),
    ...rest,
  ]);
}

async function connect(lab: Laboratory): Promise<{ alice: CommandLine; bob: CommandLine }> {
  const bob = join(lab, ['bob']);
  await bob.report(reaches('client', 'registered'));
  const alice = join(lab, ['alice', 'bob']);
  for (const side of [alice, bob]) assert.ok(await side.report(reaches('link', 'connected')));
  return { alice, bob };
}

async function assertTalking(alice: CommandLine, bob: CommandLine): Promise<void> {
  for (const side of [alice, bob]) assert.ok(await side.report(reaches('link', 'connected')));
  alice.say('hello');
  assert.ok(await bob.hears('hello'));
  bob.say('hello yourself');
  assert.ok(await alice.hears('hello yourself'));
}

/** The caller's command ends, for the reason that nothing was heard for a minute. */
async function assertLost(caller: CommandLine): Promise<void> {
  assert.equal(await caller.exitCode, 6);
  const end = await caller.report(({ type }) => type === 'end');
  assert.match(String(end?.reason), /^Nothing was heard from bob for 60 s\./);
  const [connected, lost] = await Promise.all(
    ['connected', 'lost'].map((state) => caller.report(reaches('link', state))),
  );
  const silence = Number(lost?.elapsedMs) - Number(connected?.elapsedMs);
  assert.ok(silence >= 60_000, `lost after ${silence} ms`);
}
