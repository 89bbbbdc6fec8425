import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Access, accessKinds, nat } from '../../runtime/simulation/behaviour.ts';
import { protocolOneConnectsInside, protocolTwoConnectsInside } from '../../runtime/simulation/oracle.ts';
import { requires } from '../support/requirements.ts';
import { commandUnavailable, startServer } from './command-line.ts';
import { type Host, Laboratory, type SiteDescription } from './laboratory.ts';
import { assertNeverConnected, assertTalking, meet, remoteOf } from './meeting.ts';
import { labUnavailable } from './namespace.ts';

const kinds = Object.entries<Access>(accessKinds);

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  timeout: 40_000,
};

/** Most of them only wait; more would starve, as they start, those that are connecting. */
const pairsAtOnce = 8;

describe('two hosts on one LAN', { ...options, concurrency: pairsAtOnce }, () => {
  let lab: Laboratory;
  before(async () => {
    lab = await build(kinds.map(([name, access]) => ({ name, access, hosts: 2 })));
  });
  after(() => lab?.dispose());

  for (const [kind, access] of kinds) {
    const { outcome, exitCode, sentence } = fateOf(access, protocolTwoConnectsInside(access));
    it(`behind ${kind} ${sentence}`, async () => {
      const [one, other] = hostsOf(lab, kind);
      const names = [`alice behind ${kind}`, `bob behind ${kind}`] as const;
      const { alice, bob } = await meet(lab, one, other, { names, timeoutSeconds: 4 });
      if (outcome === 'connected') {
        await assertTalking(alice, bob);
        // A box that sends packets back in offers another way, which is as good.
        if (!protocolOneConnectsInside(access)) {
          assert.deepEqual([remoteOf(alice), remoteOf(bob)], [other.address, one.address]);
        }
        await alice.interrupt();
      } else {
        await assertNeverConnected(alice, bob, { outcome, exitCode });
      }
      await bob.interrupt();
    });
  }

  for (const kind of ['none', 'home-router', 'hairpin-router'] as const) {
    const access = accessKinds[kind];
    const { outcome, exitCode, sentence } = fateOf(access, protocolOneConnectsInside(access));
    it(`behind ${kind}, without keys to tell of private addresses, ${sentence}`, async () => {
      const [one, other] = hostsOf(lab, kind);
      const names = [`alice (1) behind ${kind}`, `bob (1) behind ${kind}`] as const;
      const { alice, bob } = await meet(lab, one, other, { names, timeoutSeconds: 4, protocol: 1 });
      if (outcome === 'connected') {
        await assertTalking(alice, bob);
        await alice.interrupt();
      } else {
        await assertNeverConnected(alice, bob, { outcome, exitCode });
      }
      await bob.interrupt();
    });
  }
});

describe('two homes behind one carrier, which use the same private addresses,', options, () => {
  const home = nat('endpoint-independent', 'address-and-port-dependent', { allocation: 'range' });
  const hairpinning = nat('endpoint-independent', 'endpoint-independent', { hairpinning: true });
  let lab: Laboratory;
  before(async () => {
    lab = await build([
      { name: 'strict', access: { nats: [home, home], udpBlocked: false }, hosts: 2, apart: true },
      {
        name: 'hairpinning',
        access: { nats: [home, hairpinning], udpBlocked: false },
        hosts: 2,
        apart: true,
      },
    ]);
  });
  after(() => lab?.dispose());

  it('connect where it sends their packets back in, by its address', async () => {
    const { alice, bob } = await meet(lab, ...hostsOf(lab, 'hairpinning'));
    await assertTalking(alice, bob);
    assert.equal(remoteOf(alice), remoteOf(bob));
    await Promise.all([alice.interrupt(), bob.interrupt()]);
  });

  it('learn that no packet came through where it does not', async () => {
    const { alice, bob } = await meet(lab, ...hostsOf(lab, 'strict'), {
      names: ['carol', 'dave'],
      timeoutSeconds: 4,
    });
    const reason = await assertNeverConnected(alice, bob, { outcome: 'punchingFailed', exitCode: 5 });
    assert.match(reason, /^No packet of dave came through\./);
    await bob.interrupt();
  });
});

async function build(sites: readonly SiteDescription[]): Promise<Laboratory> {
  const lab = await Laboratory.build({ sites });
  await startServer(lab, { allowProtocol1: true });
  return lab;
}

function hostsOf(lab: Laboratory, site: string): [Host, Host] {
  const [one, other] = lab.hosts(site);
  assert.ok(one !== undefined && other !== undefined);
  return [one, other];
}

function fateOf(access: Access, connects: boolean) {
  if (connects) return { outcome: 'connected', exitCode: 0, sentence: 'connect' } as const;
  if (access.udpBlocked) {
    return { outcome: 'noServer', exitCode: 3, sentence: 'do not even reach the server' } as const;
  }
  return { outcome: 'punchingFailed', exitCode: 5, sentence: 'do not find their way back in' } as const;
}
