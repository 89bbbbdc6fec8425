import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import { CommandLine, commandUnavailable, reaches, startClient, startServer } from './command-line.ts';
import { Laboratory, serverAddresses } from './laboratory.ts';
import { assertConnected, assertNeverConnected, assertTalking, meet, remoteOf } from './meeting.ts';
import { labUnavailable } from './namespace.ts';

const [serverIpv4] = serverAddresses.ipv4;
const serverIpv6 = `[${serverAddresses.ipv6[0]}]:39738`;

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  timeout: 30_000,
};

describe('two homes', { ...options, concurrency: true }, () => {
  let lab: Laboratory;
  before(async () => {
    const homes = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
    lab = await Laboratory.build({
      sites: [
        ...homes.map((name) => ({ name, access: accessKinds['double-nat'] })),
        { name: 'office', access: accessKinds['udp-blocked'] },
      ],
    });
    await startServer(lab);
  });
  after(() => lab?.dispose());

  it('behind double NATs pipe lines to each other, and end well', async () => {
    const { alice, bob } = await meet(lab, lab.host('alice'), lab.host('bob'));
    await assertConnected(alice, bob);
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    for (const line of lines) {
      alice.say(line);
      bob.say(line);
    }
    await Promise.all([alice.hears('line 49'), bob.hears('line 49')]);
    alice.endInput();
    bob.endInput();
    assert.deepEqual(await Promise.all([alice.exitCode, bob.exitCode]), [0, 0]);
    assert.deepEqual([alice.heard, bob.heard], [lines, lines]);
  });

  it('learn, where UDP is blocked, that it may be, within the timeout', async () => {
    const startedAt = performance.now();
    const args = ['client', serverIpv4, 'oscar', '--timeout', '2'];
    const client = new CommandLine(lab, lab.host('office'), args);
    assert.equal(await client.exitCode, 3);
    const took = performance.now() - startedAt;
    assert.ok(took < 2000 + startMilliseconds, `it took ${took} ms`);
    assert.match(
      client.complaints,
      /^No answer from 203\.0\.113\.1:39738\. .*that UDP to it is not blocked\./m,
    );
  });

  const oneWay = [
    { caller: 'carol', answerer: 'dave', silent: 'carol', sentence: 'the one who is called' },
    { caller: 'erin', answerer: 'frank', silent: 'frank', sentence: 'the caller' },
  ];
  for (const { caller, answerer, silent, sentence } of oneWay) {
    it(`are never connected, on either side, by a path on which only ${sentence} hears nothing`, async () => {
      await lab.sever(silent, silent === caller ? answerer : caller);
      const { alice, bob } = await meet(lab, lab.host(caller), lab.host(answerer), {
        names: [caller, answerer],
        timeoutSeconds: 6,
      });
      assert.ok(await bob.report(reaches('link', 'failed')));
      await assertNeverConnected(alice, bob, { outcome: 'punchingFailed', exitCode: 5 });
      await bob.interrupt();
    });
  }
});

describe('two homes with IPv4 and IPv6 behind firewalls', options, () => {
  let lab: Laboratory;
  before(async () => {
    const access = accessKinds.firewall;
    lab = await Laboratory.build({ sites: ['alice', 'bob'].map((name) => ({ name, access })) });
    await startServer(lab, { host: 'any' });
  });
  after(() => lab?.dispose());

  it('connect by IPv6 if both register by it', async () => {
    const [one, other] = [lab.host('alice'), lab.host('bob')];
    const { alice, bob } = await meet(lab, one, other, { server: serverIpv6 });
    await assertTalking(alice, bob);
    assert.deepEqual([remoteOf(alice), remoteOf(bob)], [other.addressIpv6, one.addressIpv6]);
    await Promise.all([alice.interrupt(), bob.interrupt()]);
  });

  it('are told on both sides what to do if only one registers by IPv6, and connect if they do it', async () => {
    const [one, other] = [lab.host('alice'), lab.host('bob')];
    const bob = startClient(lab, other, { name: 'bob' });
    await bob.report(reaches('client', 'registered'));
    const alice = startClient(lab, one, { name: 'alice', peer: 'bob', server: serverIpv6 });
    const reason = await assertNeverConnected(alice, bob, { outcome: 'punchingFailed', exitCode: 5 });
    const told = await bob.report(reaches('link', 'failed'));
    const advice = 'uses another version of IP. Let both reach the server over IPv4, or both over IPv6.';
    assert.deepEqual([reason, told?.reason], [`bob ${advice}`, `alice ${advice}`]);
    const aliceAgain = startClient(lab, one, { name: 'alice', peer: 'bob' });
    await assertTalking(aliceAgain, bob);
    await Promise.all([aliceAgain.interrupt(), bob.interrupt()]);
  });
});

/** How long a loaded machine may take to start a client, and to let it end. */
const startMilliseconds = 3000;
