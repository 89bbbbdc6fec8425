import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Access, accessKinds } from '../../runtime/simulation/behaviour.ts';
import { protocolOneConnectsInside } from '../../runtime/simulation/oracle.ts';
import { requires } from '../support/requirements.ts';
import { CommandLine, commandUnavailable, reaches, startServer } from './command-line.ts';
import { type Host, Laboratory, serverAddresses } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';

const kinds = Object.entries<Access>(accessKinds);
const [serverIpv4] = serverAddresses.ipv4;
const [serverIpv6] = serverAddresses.ipv6;

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  timeout: 30_000,
};

/** Most of them only wait; more would starve, as they start, those that are connecting. */
const pairsAtOnce = 8;

describe('two hosts on one LAN', { ...options, concurrency: pairsAtOnce }, () => {
  let lab: Laboratory;
  before(async () => {
    lab = await Laboratory.build({ sites: kinds.map(([name, access]) => ({ name, access, hosts: 2 })) });
    await startServer(lab);
  });
  after(() => lab?.dispose());

  for (const [kind, access] of kinds) {
    const { outcome, exitCode, sentence } = fateInside(access);
    it(`behind ${kind} ${sentence}`, async () => {
      const [one, other] = lab.hosts(kind);
      assert.ok(one !== undefined && other !== undefined);
      const names = [`alice behind ${kind}`, `bob behind ${kind}`] as const;
      const { alice, bob } = await meet(lab, { one, other, server: serverIpv4, names, timeout: 4 });
      if (outcome === 'connected') {
        await assertTalking(alice, bob);
        await Promise.all([alice.interrupt(), bob.interrupt()]);
      } else {
        const end = await alice.report(({ type }) => type === 'end');
        assert.deepEqual([end?.outcome, await alice.exitCode], [outcome, exitCode]);
        assert.equal(await alice.report(reaches('link', 'connected')), undefined);
        await bob.interrupt();
      }
    });
  }
});

describe('two homes', options, () => {
  let lab: Laboratory;
  before(async () => {
    lab = await Laboratory.build({
      sites: [
        { name: 'alice', access: accessKinds['double-nat'] },
        { name: 'bob', access: accessKinds['double-nat'] },
        { name: 'office', access: accessKinds['udp-blocked'] },
      ],
    });
    await startServer(lab);
  });
  after(() => lab?.dispose());

  it('behind double NATs pipe lines to each other, and end well', async () => {
    const { alice, bob } = await meet(lab, {
      one: lab.host('alice'),
      other: lab.host('bob'),
      server: serverIpv4,
      names: ['alice', 'bob'],
    });
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
    const client = new CommandLine(lab, lab.host('office'), [
      'client',
      serverIpv4,
      'carol',
      '--timeout',
      '2',
    ]);
    assert.equal(await client.exitCode, 3);
    const took = performance.now() - startedAt;
    assert.ok(took < 2000 + startMilliseconds, `it took ${took} ms`);
    assert.match(
      client.complaints,
      /^No answer from 203\.0\.113\.1:39738\. .*that UDP to it is not blocked\.$/m,
    );
  });
});

describe('two homes with IPv6 behind firewalls', options, () => {
  let lab: Laboratory;
  before(async () => {
    const access = accessKinds.firewall;
    lab = await Laboratory.build({ sites: ['alice', 'bob'].map((name) => ({ name, access })) });
    await startServer(lab, serverIpv6);
  });
  after(() => lab?.dispose());

  it('connect through a server that has IPv6 only, and by IPv6', async () => {
    const [one, other] = [lab.host('alice'), lab.host('bob')];
    const server = `[${serverIpv6}]:39738`;
    const { alice, bob } = await meet(lab, { one, other, server, names: ['alice', 'bob'] });
    await assertTalking(alice, bob);
    assert.equal(await remoteOf(alice), other.addressIpv6);
    assert.equal(await remoteOf(bob), one.addressIpv6);
    await Promise.all([alice.interrupt(), bob.interrupt()]);
  });
});

/** How long a loaded machine may take to start a client, and to let it end. */
const startMilliseconds = 3000;

type Meeting = {
  readonly one: Host;
  readonly other: Host;
  readonly server: string;
  readonly names: readonly [string, string];
  /** In seconds. */
  readonly timeout?: number;
};

/** One host calls the other, which has registered, or failed to. */
async function meet(
  lab: Laboratory,
  { one, other, server, names: [caller, answerer], timeout = 10 }: Meeting,
): Promise<{ alice: CommandLine; bob: CommandLine }> {
  const rest = ['--json', '--timeout', String(timeout)];
  const bob = new CommandLine(lab, other, ['client', server, answerer, ...rest]);
  await bob.report(reaches('client', 'registered'));
  const alice = new CommandLine(lab, one, ['client', server, caller, answerer, ...rest]);
  return { alice, bob };
}

/** The caller first, because it is the one that gives up. */
async function assertConnected(alice: CommandLine, bob: CommandLine): Promise<void> {
  for (const side of [alice, bob]) {
    assert.ok(await side.report(reaches('link', 'connected')), 'they are not connected');
  }
}

async function assertTalking(alice: CommandLine, bob: CommandLine): Promise<void> {
  const states = [alice, bob].map((side) => side.report(reaches('link', 'connected')));
  assert.ok(
    (await Promise.all(states)).every((state) => state !== undefined),
    'they are not connected',
  );
  alice.say('hello');
  bob.say('hello yourself');
  assert.deepEqual(await Promise.all([bob.hears('hello'), alice.hears('hello yourself')]), [true, true]);
}

async function remoteOf(client: CommandLine): Promise<unknown> {
  const connected = await client.report(reaches('link', 'connected'));
  return (connected?.remote as { readonly address?: unknown } | undefined)?.address;
}

function fateInside(access: Access) {
  if (protocolOneConnectsInside(access)) {
    return { outcome: 'connected', exitCode: 0, sentence: 'connect' } as const;
  }
  if (access.udpBlocked) {
    return { outcome: 'noServer', exitCode: 3, sentence: 'do not even reach the server' } as const;
  }
  return { outcome: 'punchingFailed', exitCode: 5, sentence: 'do not find their way back in' } as const;
}
