import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PATH_DOUBT_MS } from '../../machines/timing.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { type SimulatedKind, simulatedKinds } from '../../runtime/simulation/kinds.ts';
import type { Mishap } from '../../runtime/simulation/mishap.ts';
import { type Run, simulate } from '../../runtime/simulation/run.ts';

/** Where links used to be lost: the other side's NAT lets in only whom its own side has sent to. */
const pairs = [
  ['home-router', 'home-router'],
  ['home-router', 'linux-masquerade'],
  ['double-nat', 'home-router'],
  ['restricted-cone', 'double-nat'],
  ['carrier-grade-block', 'home-router'],
] as const satisfies readonly (readonly [SimulatedKind, SimulatedKind])[];

const SEEDS = 40;

/** From one client to the middle of the network, at the slowest. */
const DELAY_MS = 20;
const JITTER_MS = 5;

/** To the server and back, there and to the peer, back by the same way, over, and what may be overtaken on it. */
const ROUND_TRIPS_MS = 3 * 4 * (DELAY_MS + JITTER_MS) + 60;

describe('behind NATs that let in only whom their own side has sent to', () => {
  for (const who of ['alice', 'bob'] as const) {
    test(`a link of which ${who} comes to another network is back after a few round trips`, (context) => {
      const pauses = everyPair(({ atMs, other }) => ({ type: 'roam', atMs, who, to: other }));
      tell(context, pauses);
      assert.ok(Math.max(...pauses) < ROUND_TRIPS_MS);
    });

    test(`a link is back soon after its doubt if the NAT of ${who} gives it another port, and nobody says so`, (context) => {
      const pauses = everyPair(({ atMs }) => ({ type: 'reboot', atMs, whose: who }));
      tell(context, pauses);
      assert.ok(Math.max(...pauses) < PATH_DOUBT_MS + ROUND_TRIPS_MS);
    });
  }

  test('a link whose side had no network for a while is back a few round trips after it has one', (context) => {
    const goneMs = 12_000;
    const pauses = everyPair(({ atMs, other }) => ({ type: 'roam', atMs, who: 'alice', to: other, goneMs }));
    tell(context, pauses);
    assert.ok(Math.max(...pauses) < goneMs + ROUND_TRIPS_MS);
  });

  test('a link comes back where every tenth datagram is lost, too', (context) => {
    const pauses = everyPair(({ atMs, other }) => ({ type: 'roam', atMs, who: 'alice', to: other }), 0.1);
    tell(context, pauses);
  });

  test('a link is lost after its time where the server is gone, and lives where a path remains', () => {
    for (const [bob, ending] of [
      ['home-router', 'linkLost'],
      ['full-cone', 'connected'],
    ] as const) {
      const mishaps: readonly Mishap[] = [
        { type: 'outage', atMs: 10_000, lastsMs: 500_000 },
        { type: 'roam', atMs: 12_000, who: 'alice', to: simulatedKinds['home-router'] },
      ];
      const run = play(['home-router', bob], 1, mishaps);
      assert.deepEqual([run.alice.ending, run.bob.ending], [ending, ending]);
    }
  });
});

type Befall = (when: {
  readonly atMs: number;
  readonly other: (typeof simulatedKinds)[SimulatedKind];
}) => Mishap;

/** What befalls each pair once, for each seed at another moment; how long neither or one of them was answered. */
function everyPair(befall: Befall, loss = 0): readonly number[] {
  return pairs.flatMap((pair) =>
    Array.from({ length: SEEDS }, (_, index) => {
      const atMs = 20_000 + ((index * 977) % 27_000);
      const run = play(pair, index + 1, [befall({ atMs, other: simulatedKinds[pair[0]] })], loss);
      const where = `${pair.join(' and ')}, seed ${index + 1}`;
      assert.deepEqual([run.alice.ending, run.bob.ending], ['connected', 'connected'], where);
      // One link each, which has punched once in its life.
      assert.equal(
        run.happenings.filter((one) => one.type === 'state' && one.state === 'punching').length,
        2,
        where,
      );
      return Math.max(...(['alice', 'bob'] as const).map((who) => answeredAfter(run, who, atMs) - atMs));
    }),
  );
}

function play(
  [alice, bob]: readonly [SimulatedKind, SimulatedKind],
  seed: number,
  mishaps: readonly Mishap[],
  loss = 0,
): Run {
  return simulate({
    alice: simulatedKinds[alice],
    bob: simulatedKinds[bob],
    ...{ protocol: 2, seed, mishaps, lingerMs: LINGER_MS },
    path: { delayMs: DELAY_MS, jitterMs: JITTER_MS, loss, duplication: 0, reordering: 0 },
  });
}

/** When a client hears for the first time that it is heard over what was sent since. */
function answeredAfter({ happenings }: Run, who: string, atMs: number): number {
  const times = happenings.flatMap((one: Happening) =>
    one.type === 'datagram' &&
    one.receiver === who &&
    one.atMs >= atMs &&
    one.fate.type === 'delivered' &&
    one.message.startsWith('Probe, echoes')
      ? [one.fate.atMs]
      : [],
  );
  return Math.min(...times);
}

function tell(context: { diagnostic(text: string): void }, pauses: readonly number[]): void {
  const sorted = [...pauses].sort((one, other) => one - other);
  const middle = sorted[sorted.length >> 1] ?? 0;
  context.diagnostic(
    `${sorted.length} pauses: median ${middle.toFixed(0)} ms, worst ${sorted.at(-1)?.toFixed(0)} ms`,
  );
}

/** Longer than every wait of the charts. */
const LINGER_MS = 100_000;
