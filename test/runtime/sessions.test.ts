import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Endpoint } from '../../machines/endpoint.ts';
import { type SessionEvent, type SessionOutput, sessionMachine } from '../../machines/session.ts';
import { PROOF_PATIENCE_MS, SESSION_TTL_MS } from '../../machines/timing.ts';
import { pack, packedEndpoint, unpack } from '../../runtime/packed-endpoint.ts';
import { type SessionAction, sessionTable } from '../../runtime/sessions/session-table.ts';
import { Sessions } from '../../runtime/sessions/sessions.ts';
import { enact, type Live, type Stage } from '../../runtime/stage.ts';
import { Names } from '../../runtime/tables/names.ts';
import type { PackedEndpoint } from '../../runtime/transport.ts';
import { endpoint } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const SEED = 20_261_128;

/** Three that differ in one thing each. */
const places = ['192.0.2.1:1000', '192.0.2.1:2000', '192.0.2.2:1000', '[2001:db8::1]:1000'].map(endpoint);

for (const protocol of [1, 2] as const) {
  describe(`a session of protocol ${protocol} in slots of numbers`, () => {
    it('does and becomes whatever its chart does and becomes, at all that happens, and at the same time', () => {
      fc.assert(
        fc.property(fc.array(happenings(), { minLength: 1, maxLength: 40 }), (life) => {
          const pair = new Pair(protocol);
          for (const happening of life) pair.live(happening);
        }),
        { seed: SEED + protocol, numRuns: 1500 },
      );
    });

    it('is seen, by who watches, as its chart is', () => {
      fc.assert(
        fc.property(fc.array(happenings(), { minLength: 1, maxLength: 20 }), (life) => {
          const [ofSlots, ofActors]: [unknown[], unknown[]] = [[], []];
          const pair = new Pair(protocol, { slots: witness(ofSlots), actors: witness(ofActors) });
          for (const happening of life) pair.live(happening);
          pair.close();
          assert.deepEqual(ofSlots, ofActors);
          assert.ok(ofSlots.length > 3);
        }),
        { seed: SEED + protocol, numRuns: 300 },
      );
    });
  });
}

describe('sessions', () => {
  it('that all expire at once leave between two of their parts room for others', () => {
    const clock = createVirtualClock();
    const ended: number[] = [];
    const sessions = sessionsOn({ clock, random: () => 0 }, 1, { reportEnded: (slot) => ended.push(slot) });
    sessions.from = packedOf(places[0] as Endpoint);
    for (let number = 0; number < 10_000; number += 1) {
      sessions.names.seekText(`client-${number}`);
      sessions.begin();
    }
    let turns = 0;
    while (sessions.size > 0) {
      const before = ended.length;
      assert.ok(clock.runNext(), 'no timer is left, but sessions are');
      assert.ok(ended.length - before <= 256);
      turns += 1;
    }
    assert.ok(turns >= 10_000 / 256);
    assert.equal(clock.now(), SESSION_TTL_MS);
    assert.deepEqual(
      ended,
      [...ended].sort((one, other) => one - other),
      'the oldest first',
    );
  });

  it('expire in their time, though one that came before waits for longer', () => {
    const clock = createVirtualClock();
    const ended: [slot: number, at: number][] = [];
    const reportEnded = (slot: number) => ended.push([slot, clock.now()]);
    const sessions = sessionsOn({ clock, random: () => 0 }, 2, { reportEnded });
    const begin = (name: string) => {
      sessions.names.seekText(name);
      return sessions.begin();
    };
    const proven = begin('alice');
    sessions.take(proven, sessionTable().event['datagram.sealed']);
    clock.advance(2 * PROOF_PATIENCE_MS);
    const other = begin('bob');
    clock.advance(SESSION_TTL_MS);
    assert.deepEqual(ended, [
      [other, 3 * PROOF_PATIENCE_MS],
      [proven, SESSION_TTL_MS],
    ]);
  });

  it('have one timer, however many they are, and none once they are closed', () => {
    const clock = createVirtualClock();
    const sessions = sessionsOn({ clock, random: () => 0 }, 2, {});
    for (let number = 0; number < 100; number += 1) {
      clock.advance(10);
      sessions.names.seekText(`client-${number}`);
      sessions.begin();
    }
    assert.equal(clock.armed().length, 1);
    assert.equal(clock.armed()[0]?.due, 10 + PROOF_PATIENCE_MS);
    sessions.close();
    assert.deepEqual(clock.armed(), []);
  });
});

type Happening =
  | { readonly type: 'event'; readonly event: SessionEvent }
  | { readonly type: 'wait'; readonly ms: number };

function happenings(): fc.Arbitrary<Happening> {
  const from = fc.oneof(
    { weight: 4, arbitrary: fc.constant(places[0]) },
    { weight: 2, arbitrary: fc.constantFrom(...places) },
  );
  const remote = fc.constantFrom(...places);
  const name = fc.constantFrom('bob', 'Ünïcödé', 'a name of more than sixteen bytes');
  const sent = fc.constantFrom(
    'datagram.register' as const,
    'datagram.sealed' as const,
    'datagram.keepalive' as const,
    'datagram.pathResponse' as const,
  );
  const events: fc.Arbitrary<SessionEvent> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: sent, from: from as fc.Arbitrary<Endpoint> }, NO_NULLS) },
    fc.record({ type: fc.constant('datagram.holePunchRequest' as const), name }, NO_NULLS),
    fc.record(
      { type: fc.constantFrom('peer.found' as const, 'peer.calls' as const), name, remote },
      NO_NULLS,
    ),
    fc.record({ type: fc.constant('peer.missing' as const) }, NO_NULLS),
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constantFrom('datagram.bye' as const, 'replaced' as const) }, NO_NULLS),
    },
  );
  const waits = fc.constantFrom(
    1,
    PROOF_PATIENCE_MS - 1,
    PROOF_PATIENCE_MS,
    SESSION_TTL_MS - 1,
    SESSION_TTL_MS,
  );
  return fc.oneof(
    { weight: 5, arbitrary: events.map((event): Happening => ({ type: 'event', event })) },
    { weight: 1, arbitrary: waits.map((ms): Happening => ({ type: 'wait', ms })) },
  );
}

const NO_NULLS = { noNullPrototype: true } as const;

/** One life, as the tables have it and as its chart does. */
class Pair {
  readonly #clock = createVirtualClock();
  readonly #sessions: Sessions;
  readonly #slot: number;
  readonly #actor: Live<typeof sessionMachine>;
  readonly #done: { slots: SessionOutput[]; actor: SessionOutput[] } = { slots: [], actor: [] };
  #isOver = false;

  constructor(
    protocol: 1 | 2,
    inspectors: { slots?: (event: InspectionEvent) => void; actors?: (event: InspectionEvent) => void } = {},
  ) {
    const stage = (inspect?: (event: InspectionEvent) => void): Stage => ({
      ...{ clock: this.#clock, random: () => 0, label: 'server' },
      ...(inspect === undefined ? {} : { inspect }),
    });
    const says = (make: (slot: number) => SessionOutput) => (slot: number) =>
      void this.#done.slots.push(make(slot));
    const transmits = (message: (slot: number) => object) =>
      says((slot) => ({ type: 'transmit', to: this.#client(slot), message: message(slot) }) as SessionOutput);
    const from = () => unpack(this.#sessions.from);
    this.#sessions = sessionsOn(stage(inspectors.slots), protocol, {
      acknowledge: transmits(() => ({ type: 'registerAck' })),
      reportProven: says(() => ({ type: 'proven' })),
      reportMoved: says((slot) => ({ type: 'moved', from: this.#client(slot), to: from() })),
      refuse: says(() => ({ type: 'refuse', to: from() })),
      seek: says(() => ({ type: 'seek', name: this.#sessions.names.soughtText })),
      introduce: transmits(() => ({
        type: 'holePunchInitiate',
        name: this.#sessions.nameOf(this.#sessions.peer),
        remote: this.#client(this.#sessions.peer),
      })),
      disappoint: transmits(() => ({ type: 'holePunchResponseUnknown' })),
      sendKeepaliveAck: transmits((slot) => ({ type: 'keepaliveAck', remote: this.#client(slot) })),
      challenge: says(() => ({ type: 'transmit', to: from(), message: { type: 'pathChallenge' } })),
      reportEnded: (slot) => {
        if (slot !== this.#slot) return;
        this.#done.slots.push({ type: 'ended' });
        this.#isOver = true;
      },
    });
    const client = places[0] as Endpoint;
    this.#slot = this.#begin('alice', client);
    const input = { name: 'alice', client, ttlMs: SESSION_TTL_MS };
    this.#actor = enact(
      stage(inspectors.actors),
      sessionMachine,
      'alice',
      protocol === 2 ? { ...input, protocol } : input,
      { perform: (effect) => void this.#done.actor.push(effect) },
    );
    this.#agree();
  }

  live(happening: Happening): void {
    if (this.#isOver) return;
    if (happening.type === 'wait') this.#clock.advance(happening.ms);
    else {
      this.#actor.send(happening.event);
      this.#take(happening.event);
    }
    this.#agree();
  }

  close(): void {
    this.#sessions.close();
    if (!this.#isOver) this.#actor.stop();
  }

  /** The other sessions that an event is about live no longer than the event. */
  #take(event: SessionEvent): void {
    const sessions = this.#sessions;
    const { event: numbers } = sessionTable();
    if ('from' in event) sessions.from = packedOf(event.from);
    if (event.type === 'datagram.holePunchRequest') sessions.names.seekText(event.name);
    if (event.type === 'peer.found' || event.type === 'peer.calls') sessions.peer = strange(sessions, event);
    sessions.take(this.#slot, numbers[event.type]);
  }

  #begin(name: string, client: Endpoint): number {
    this.#sessions.names.seekText(name);
    this.#sessions.from = packedOf(client);
    return this.#sessions.begin();
  }

  #client(slot: number): Endpoint {
    return this.#sessions.clientOf(slot);
  }

  #agree(): void {
    const { value, context, status } = this.#actor.snapshot();
    assert.deepEqual(this.#done.slots, this.#done.actor);
    assert.equal(this.#isOver, status === 'done');
    if (this.#isOver) return;
    assert.equal(sessionTable().automaton.states[this.#sessions.stateOf(this.#slot)], value);
    assert.deepEqual(this.#client(this.#slot), context.client);
    assert.equal(this.#sessions.nameOf(this.#slot), context.name);
  }
}

/** Makes a session look like the peer of an event, by way of the only names and places that a test can see. */
function strange(
  sessions: Sessions,
  { name, remote }: { readonly name: string; readonly remote: Endpoint },
): number {
  Object.assign(sessions, {
    nameOf: (slot: number) => (slot === STRANGER ? name : Sessions.prototype.nameOf.call(sessions, slot)),
    clientOf: (slot: number) =>
      slot === STRANGER ? remote : Sessions.prototype.clientOf.call(sessions, slot),
  });
  return STRANGER;
}

const STRANGER = 1_000_000;

function sessionsOn(
  stage: Stage,
  protocol: 1 | 2,
  actions: Readonly<Partial<Record<SessionAction, (slot: number) => void>>>,
): Sessions {
  return new Sessions(stage, { protocol, ttlMs: SESSION_TTL_MS, names: new Names(), actions });
}

function packedOf(endpoint: Endpoint): PackedEndpoint {
  const packed = packedEndpoint();
  pack(endpoint, packed);
  return packed;
}

/** What is seen of an actor, but for what XState counts in each process. */
function witness(seen: unknown[]): (event: InspectionEvent) => void {
  return (event) => {
    const { id, logic } = event.actorRef as AnyActorRef & { readonly logic: unknown };
    const about = { type: event.type, id, isSession: logic === sessionMachine };
    if (event.type === '@xstate.event') seen.push({ ...about, event: event.event });
    else if (event.type === '@xstate.action') seen.push({ ...about, action: JSON.stringify(event.action) });
    else if (event.type === '@xstate.snapshot' || event.type === '@xstate.microstep') {
      const { value, context, status } = event.snapshot as unknown as Record<string, unknown>;
      const taken =
        event.type === '@xstate.microstep' ? event._transitions.map(({ eventType }) => eventType) : [];
      seen.push({ ...about, event: event.event, value, context, status, taken });
    } else seen.push(about);
  };
}
