import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Access } from '../../runtime/simulation/behaviour.ts';
import { parseAccess } from '../../runtime/simulation/description.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { type Path, smoothPath } from '../../runtime/simulation/path.ts';
import { type Run, type Scenario, simulate } from '../../runtime/simulation/run.ts';

const quiet: Path = { ...smoothPath, delayMs: 25 };
const rough: Path = { delayMs: 25, jitterMs: 50, loss: 0.2, duplication: 0.2, reordering: 0.2 };

describe('a run', () => {
  test('comes out the same for the same seed, happening for happening', () => {
    const scenario = { alice: simulatedKinds.symmetric, bob: simulatedKinds['full-cone'], path: rough };
    assert.deepEqual(simulate({ ...scenario, seed: 7 }), simulate({ ...scenario, seed: 7 }));
    assert.notDeepEqual(simulate({ ...scenario, seed: 7 }), simulate({ ...scenario, seed: 8 }));
  });

  test('counts the same whether or not it is written down', () => {
    const scenario = { ...pairOf('home-router'), path: rough, seed: 3 };
    const { happenings, ...silent } = simulate({ ...scenario, isRecorded: false });
    assert.deepEqual(happenings, []);
    const { happenings: _, ...told } = simulate(scenario);
    assert.deepEqual(silent, told);
  });

  test('accounts for every datagram', () => {
    const { traffic, happenings } = simulate({ ...pairOf('symmetric'), path: quiet, seed: 1 });
    const datagrams = happenings.filter(({ type }) => type === 'datagram');
    assert.equal(datagrams.length, traffic.sent);
  });

  test('takes the opener no farther than the middle of the network', () => {
    const { happenings } = simulate({ ...pairOf('linux-masquerade'), path: quiet, seed: 1 });
    const openers = happenings.filter(
      (happening) => happening.type === 'datagram' && happening.message.endsWith('2 hops'),
    );
    assert.equal(openers.length, 2);
    for (const opener of openers) {
      assert.ok(opener.type === 'datagram');
      assert.deepEqual(opener.fate, { type: 'dropped', by: 'core', why: 'hop limit used up' });
    }
  });

  test('has the opener die before the second of two boxes maps it', () => {
    const { happenings } = simulate({ ...pairOf('carrier-grade'), path: quiet, seed: 1 });
    const opener = happenings.find(
      (happening) => happening.type === 'datagram' && happening.message.endsWith('2 hops'),
    );
    assert.ok(opener?.type === 'datagram' && opener.fate.type === 'dropped');
    assert.match(opener.fate.by, /outer NAT$/);
  });
});

describe('with 20 % loss each way on each access', () => {
  for (const kind of ['home-router', 'full-cone', 'double-nat', 'carrier-grade-block'] as const) {
    test(`200 of 200 connect within 10 s of virtual time, behind ${kind}`, async () => {
      const late: string[] = [];
      const path = { ...quiet, loss: 0.2 };
      for (let seed = 1; seed <= 200; seed += 1) {
        const run = simulate({ ...pairOf(kind), path, seed, isRecorded: false });
        if (!((run.connectedMs ?? Infinity) <= 10_000)) late.push(summaryOf(run));
        await undefined;
      }
      assert.deepEqual(late, []);
    });
  }

  test('those fail whose router took a greeting for its own, because the introduction came too late', async () => {
    let failed = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const run = simulate({ ...pairOf('input-accept'), path: { ...quiet, loss: 0.2 }, seed });
      await undefined;
      if (run.isConnected) continue;
      failed += 1;
      const remarks = run.happenings.filter(
        (happening) => happening.type === 'note' && happening.text.endsWith('heard from too early'),
      );
      assert.ok(remarks.length > 0, summaryOf(run));
    }
    assert.ok(failed > 0 && failed < 20, `${failed} of 100`);
  });
});

describe('a link that is connected', () => {
  const fiveMinutesMs = 300_000;

  test('is held through NATs that forget after 20 s', () => {
    const { alice, bob } = simulate({
      ...pairOf('forgetful-router'),
      path: quiet,
      seed: 1,
      lingerMs: fiveMinutesMs,
    });
    assert.deepEqual([alice.ending, bob.ending], ['connected', 'connected']);
  });

  test('is lost on both sides through NATs that forget after 10 s, and take another port then', () => {
    const forgetful = described('home-router,lifetime=10');
    const { alice, bob } = simulate({
      alice: forgetful,
      bob: forgetful,
      path: quiet,
      seed: 1,
      lingerMs: fiveMinutesMs,
    });
    assert.deepEqual([alice.ending, bob.ending], ['linkLost', 'linkLost']);
  });

  test('does not greet more than its keepalive asks for', () => {
    const scenario = { ...pairOf('home-router'), path: quiet, seed: 1 };
    const early = simulate({ ...scenario, lingerMs: 10_000 }).traffic.sent;
    const late = simulate({ ...scenario, lingerMs: 10_000 + 60_000 }).traffic.sent;
    assert.ok(late - early <= 40, `${late - early} datagrams in a minute`);
  });
});

function pairOf(kind: keyof typeof simulatedKinds): Pick<Scenario, 'alice' | 'bob'> {
  return { alice: simulatedKinds[kind], bob: simulatedKinds[kind] };
}

function described(text: string): Access {
  const access = parseAccess(text);
  if (typeof access === 'string') throw new Error(access);
  return access;
}

function summaryOf({ seed, alice, bob, connectedMs }: Run): string {
  return `seed ${seed}: alice ${alice.ending}, bob ${bob.ending}, ${connectedMs} ms`;
}
