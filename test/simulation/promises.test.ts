import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { LINK_KEEPALIVE_MS } from '../../machines/timing.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { type SimulatedKind, simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { type Run, simulate } from '../../runtime/simulation/run.ts';
import { isExpected } from '../../runtime/simulation/statistics.ts';

const SEED = 20_261_021;
const RUNS = 60;

/** Long enough for refreshes, keepalives, and a link that falls silent. */
const LINGER_MS = 150_000;

/** A Register, a HolePunchRequest and a greeting each climb a ladder of 8 steps in 3.2 s, and then come every 2 s. */
const SENT_IN_TEN_SECONDS_MAX = 36;

const kinds = [
  ...(['none', 'full-cone', 'home-router', 'linux-masquerade', 'input-accept', 'symmetric'] as const),
  ...(['carrier-grade', 'udp-blocked', 'ipv6-firewall', 'forgetful-router'] as const),
] satisfies SimulatedKind[];

/** A greeting every 15 s, and an answer to each of the other side's. */
const SPOKEN_IN_A_MINUTE_MAX = 10;

describe('when nothing is lost', () => {
  for (const caller of kinds) {
    test(`${caller} connects with whom the oracle says, and both sides know it`, () => {
      for (const called of kinds) {
        const pair = { alice: simulatedKinds[caller], bob: simulatedKinds[called] };
        const run = simulate({ ...pair, path: { ...smoothPath, delayMs: 20 }, seed: 1, isRecorded: false });
        const both = [run.alice.ending, run.bob.ending];
        if (isExpected(pair)) assert.deepEqual(both, ['connected', 'connected'], called);
        else assert.ok(!both.includes('connected'), `${called}: ${both}`);
      }
    });
  }
});

test('a connected pair has few words, but is never silent for long', () => {
  for (const kind of ['home-router', 'symmetric', 'forgetful-router'] as const) {
    const pair = { alice: simulatedKinds[kind], bob: simulatedKinds['full-cone'] };
    const run = simulate({ ...pair, path: { ...smoothPath, delayMs: 20 }, seed: 1, lingerMs: LINGER_MS });
    for (const who of ['alice', 'bob']) {
      const spoken = sentBy(run, who).filter(({ message }) => isSpoken(message));
      const times = [...spoken.map(({ atMs }) => atMs), run.elapsedMs];
      const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
      assert.ok(Math.max(...pauses) <= LINK_KEEPALIVE_MS, `${who} is silent for ${Math.max(...pauses)} ms`);
      const late = times.filter((atMs) => atMs > run.elapsedMs - 60_000).length;
      assert.ok(late <= SPOKEN_IN_A_MINUTE_MAX, `${who} greets ${late} times in a minute`);
    }
  }
});

const mapped = ['full-cone', 'home-router', 'carrier-grade', 'forgetful-router', 'symmetric'] as const;
const share = fc.double({ min: 0, max: 0.2, noNaN: true });
const rough = fc.record({
  alice: fc.constantFrom(...mapped).map((kind) => simulatedKinds[kind]),
  bob: fc.constantFrom(...mapped).map((kind) => simulatedKinds[kind]),
  path: fc.record({
    delayMs: fc.integer({ min: 0, max: 100 }),
    jitterMs: fc.integer({ min: 0, max: 50 }),
    ...{ loss: share, duplication: share, reordering: share },
  }),
  seed: fc.nat(),
});

test('whatever happens to its packets, a run keeps its promises', () => {
  fc.assert(
    fc.property(rough, (scenario) => {
      const run = simulate({ ...scenario, lingerMs: LINGER_MS });
      assert.equal(run.isConnected, isExpected(scenario), `${run.alice.ending}, ${run.bob.ending}`);
      for (const promise of promises) promise(run);
    }),
    // A smaller run is no better a witness, and takes many runs to find.
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
});

type Datagram = Extract<Happening, { readonly type: 'datagram' }>;

const promises: readonly ((run: Run) => void)[] = [
  (run) => {
    const asked = receivedBy(run, 'server').map(({ message }) => (isRequest(message) ? 2 : 1));
    const answers = sentBy(run, 'server').length;
    assert.ok(
      answers <= asked.reduce((sum: number, one) => sum + one, 0),
      `${answers} answers of the server`,
    );
  },
  (run) => {
    for (const who of ['alice', 'bob']) {
      const times = sentBy(run, who).map(({ atMs }) => atMs);
      const [most, first] = densest(times, 10_000);
      assert.ok(
        most <= SENT_IN_TEN_SECONDS_MAX,
        `${who} sends ${most} datagrams in the 10 s after ${first} ms`,
      );
    }
  },
  (run) => {
    for (const who of ['alice', 'bob']) {
      const heard = receivedBy(run, who);
      for (const { to, atMs } of sentBy(run, who).filter(({ message }) => isSpoken(message))) {
        const known = heard.filter(({ fate }) => fate.type === 'delivered' && fate.atMs <= atMs);
        const isKnown = known.some((one) => tells(one, to));
        assert.ok(isKnown, `${who} sends to ${formatEndpoint(to)}, which nobody has told`);
      }
    }
  },
  (run) => {
    for (const who of ['alice', 'bob']) {
      const opener = sentBy(run, who).find(({ message }) => isSpoken(message));
      assert.notEqual(opener?.fate.type, 'delivered', `the opener of ${who} arrives`);
    }
  },
  ({ happenings }) => {
    const states = happenings.flatMap((one) => (one.type === 'state' ? [`${one.chart} ${one.state}`] : []));
    assert.deepEqual(
      states.filter((state) => / (expired|unregistered|lost)$/.test(state)),
      [],
    );
  },
];

function sentBy({ happenings }: Run, who: string): readonly Datagram[] {
  return happenings.filter(
    (one) => one.type === 'datagram' && one.sender === who && !one.message.endsWith(', doubled'),
  ) as Datagram[];
}

function receivedBy({ happenings }: Run, who: string): readonly Datagram[] {
  return happenings.filter(
    (one) => one.type === 'datagram' && one.receiver === who && one.fate.type === 'delivered',
  ) as Datagram[];
}

/** The most times within a span, and the first of them. */
function densest(times: readonly number[], spanMs: number): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  for (const first of times) {
    const count = times.filter((time) => time >= first && time < first + spanMs).length;
    if (count > best[0]) best = [count, first];
  }
  return best;
}

function tells({ message, seenFrom }: Datagram, endpoint: Endpoint): boolean {
  const text = formatEndpoint(endpoint);
  return message.startsWith('HolePunchInitiate(')
    ? message.includes(`, ${text})`)
    : isSpoken(message) && formatEndpoint(seenFrom) === text;
}

function isRequest(message: string): boolean {
  return message.startsWith('HolePunchRequest(');
}

function isSpoken(message: string): boolean {
  return message.startsWith('Message(');
}
