import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Access } from '../../runtime/simulation/behaviour.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { protocolOneConnects } from '../../runtime/simulation/oracle.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { type Run, simulate } from '../../runtime/simulation/run.ts';
import { isExpected } from '../../runtime/simulation/statistics.ts';

const SEEDS = [1, 2, 3];
const path = { ...smoothPath, delayMs: 20 };
const kinds = Object.entries<Access>(simulatedKinds);

/** Long enough for what holds the path: the greetings that follow the connection, or a probe. */
const LINGER_MS = { 1: 2_000, 2: 6_100 } as const;

for (const protocol of [1, 2] as const) {
  describe(`with protocol ${protocol} a pair connects exactly if theory says so, and then hears each other`, () => {
    for (const [caller, alice] of kinds) {
      test(`${caller} calls everybody`, async () => {
        for (const [called, bob] of kinds) {
          for (const seed of SEEDS.slice(0, protocol === 1 ? 3 : 1)) {
            const run = simulate({ alice, bob, path, seed, protocol, lingerMs: LINGER_MS[protocol] });
            const where = `${called}, seed ${seed}`;
            assert.deepEqual(endingsOf(run), expected(alice, bob), where);
            if (run.isConnected) assertBothWays(run.happenings, where);
            await undefined;
          }
        }
      });
    }
  });

  describe(`with protocol ${protocol} two hosts behind one and the same access connect exactly if theory says so`, () => {
    for (const [kind, alice] of kinds) {
      test(kind, () => {
        for (const seed of SEEDS) {
          const run = simulate({ alice, bob: 'same', path, seed, protocol });
          const expected = isExpected({ alice, bob: 'same', protocol });
          assert.equal(run.isConnected, expected, `seed ${seed}`);
        }
      });
    }
  });
}

function endingsOf({ alice, bob }: Run) {
  return [alice.ending, bob.ending];
}

function expected(alice: Access, bob: Access) {
  if (protocolOneConnects(alice, bob)) return ['connected', 'connected'];
  if (alice.udpBlocked) return ['noServer', bob.udpBlocked ? 'noServer' : 'uncalled'];
  if (bob.udpBlocked) return ['peerUnknown', 'noServer'];
  if (alice.family !== bob.family) return ['otherFamily', 'otherFamily'];
  return ['punchingFailed', 'punchingFailed'];
}

/** Once both are connected, everything that one says arrives at the other. */
function assertBothWays(happenings: readonly Happening[], where: string): void {
  const connectedMs = happenings
    .filter((happening) => happening.type === 'state' && happening.state === 'connected')
    .map(({ atMs }) => atMs);
  assert.equal(connectedMs.length, 2, where);
  for (const sender of ['alice', 'bob']) {
    const said = happenings.filter(
      (happening) =>
        happening.type === 'datagram' &&
        happening.sender === sender &&
        /^(Message|Probe)/.test(happening.message) &&
        happening.atMs >= Math.max(...connectedMs),
    );
    assert.ok(said.length > 0, where);
    for (const happening of said) {
      assert.ok(happening.type === 'datagram' && happening.fate.type === 'delivered', where);
    }
  }
}
