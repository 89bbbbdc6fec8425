import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Access } from '../../runtime/simulation/behaviour.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { protocolOneConnects, protocolOneConnectsInside } from '../../runtime/simulation/oracle.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { type Run, simulate } from '../../runtime/simulation/run.ts';

const SEEDS = [1, 2, 3];
const path = { ...smoothPath, delayMs: 20 };
const kinds = Object.entries<Access>(simulatedKinds);

/** Long enough for the greetings that follow the connection. */
const LINGER_MS = 2000;

describe('a pair connects exactly if theory says so, and then hears each other', () => {
  for (const [caller, alice] of kinds) {
    test(`${caller} calls everybody`, async () => {
      for (const [called, bob] of kinds) {
        for (const seed of SEEDS) {
          const run = simulate({ alice, bob, path, seed, lingerMs: LINGER_MS });
          const where = `${called}, seed ${seed}`;
          assert.deepEqual(endingsOf(run), expected(alice, bob), where);
          if (run.isConnected) assertBothWays(run.happenings, where);
          await undefined;
        }
      }
    });
  }
});

describe('two hosts behind one and the same access connect exactly if theory says so', () => {
  for (const [kind, alice] of kinds) {
    test(kind, () => {
      for (const seed of SEEDS) {
        const run = simulate({ alice, bob: 'same', path, seed });
        assert.equal(run.isConnected, protocolOneConnectsInside(alice), `seed ${seed}`);
      }
    });
  }
});

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
        happening.message.startsWith('Message') &&
        happening.atMs >= Math.max(...connectedMs),
    );
    assert.ok(said.length > 0, where);
    for (const happening of said) {
      assert.ok(happening.type === 'datagram' && happening.fate.type === 'delivered', where);
    }
  }
}
