import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fate, Happening } from '../../runtime/simulation/happening.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { simulate } from '../../runtime/simulation/run.ts';
import { drawSequence } from '../../runtime/simulation/sequence.ts';
import { endpoint } from '../support/memory-network.ts';

const lifelines = [
  { name: 'alice', isOnTheWay: false },
  { name: "alice's NAT", isOnTheWay: true },
  { name: 'server', isOnTheWay: false },
  { name: "bob's NAT", isOnTheWay: true },
  { name: 'bob', isOnTheWay: false },
];

const filtered: Fate = { type: 'dropped', by: "bob's NAT", why: 'filtered, unexpected port' };

test('a run is drawn with its arrows, where they ended and why, states, notes and repetitions', () => {
  const happenings = [
    state(0, 'alice', 'client', 'registering'),
    state(0, 'alice', 'client', 'awaitingAck'),
    datagram(0, 'alice', 'server', 'Register(alice)', { type: 'delivered', atMs: 20 }),
    { type: 'note', atMs: 0, who: "alice's NAT", text: 'maps 5000 to 198.51.100.1:22541' } as const,
    state(20, 'server', 'session:alice', 'registered'),
    datagram(20, 'server', 'alice', 'RegisterAck', { type: 'lost' }),
    datagram(80, 'bob', 'alice', 'Message("Hello from bob"), 2 hops', {
      type: 'dropped',
      by: 'core',
      why: 'hop limit used up',
    }),
    state(80, 'alice', 'link:bob', 'punching'),
    ...[130, 180, 280, 480].map((atMs) =>
      datagram(atMs, 'alice', 'bob', 'Message("Hello from alice")', filtered),
    ),
    datagram(500, 'bob', 'alice', 'Message("Hello from bob")', { type: 'delivered', atMs: 540 }),
    state(540, 'alice', 'link:bob', 'connected'),
  ];
  assert.equal(drawSequence(happenings, { lifelines, width: 110 }).join('\n'), expectedDrawing.slice(1, -1));
});

const expectedDrawing = `
                         alice's            bob's
 ms sent arrived alice     NAT    server     NAT      bob
     0.0           ●        │        │        │        │  alice: registering, awaitingAck
     0.0    20.0   ├────────┼───────▶│        │        │  Register(alice)
     0.0           │        ○        │        │        │  alice's NAT maps 5000 to 198.51.100.1:22541
    20.0           │        │        ●        │        │  session of alice: registered
    20.0           │        │    ✗───┤        │        │  RegisterAck ✗ lost
    80.0           │        │        │    ✗───┼────────┤  Message("Hello from bob"), 2 hops ✗ core: hop limit
                   │        │        │        │        │    used up
    80.0           ●        │        │        │        │  alice to bob: punching
   130.0           ├────────┼────────│────────✗        │  Message("Hello from alice") ✗ bob's NAT: filtered,
                   │        │        │        │        │    unexpected port
   180.0           ├────────┼────────│────────✗        │  Message("Hello from alice") ✗ bob's NAT: filtered,
                   │        │        │        │        │    unexpected port
  …480.0           ├────────┼────────│────────✗        │  2 more: Message("Hello from alice") ✗ bob's NAT:
                   │        │        │        │        │    filtered, unexpected port
   500.0   540.0   │◀───────┼────────│────────┼────────┤  Message("Hello from bob")
   540.0           ●        │        │        │        │  alice to bob: connected
`;

describe('a drawing', () => {
  for (const width of [80, 100, 120]) {
    test(`of a real run is at most ${width} wide, and folds a failure of 30 s to less than a screen or two`, () => {
      const { happenings, lifelines: lines } = simulate({
        alice: simulatedKinds.symmetric,
        bob: simulatedKinds['home-router'],
        path: { ...smoothPath, delayMs: 20 },
        seed: 1,
      });
      const drawing = drawSequence(happenings, { lifelines: lines, width });
      assert.equal(
        drawing.find((line) => line.length > width),
        undefined,
      );
      assert.ok(drawing.length < happenings.length, `${drawing.length} lines`);
    });
  }

  test('of nothing has only heads', () => {
    assert.equal(drawSequence([], { lifelines }).length, 2);
  });

  test('of somebody who has no life line does not fail', () => {
    const stray = datagram(0, 'mallory', 'alice', 'Register(alice)', { type: 'lost' });
    assert.match(drawSequence([stray], { lifelines }).at(-1) ?? '', /Register\(alice\) ✗ lost$/);
  });
});

function datagram(
  atMs: number,
  sender: string,
  receiver: string,
  message: string,
  fate: Fate,
): Extract<Happening, { type: 'datagram' }> {
  const [from, to] = [endpoint('192.168.1.10:5000'), endpoint('192.0.2.1:39738')];
  return { type: 'datagram', atMs, sender, receiver, from, to, seenFrom: from, message, bytes: 3, fate };
}

function state(atMs: number, who: string, chart: string, name: string): Happening {
  return { type: 'state', atMs, who, chart, state: name };
}
