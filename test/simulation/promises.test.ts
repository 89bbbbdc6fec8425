import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { HOLD_MS, HOLD_SPREAD, LINK_KEEPALIVE_MS } from '../../machines/timing.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { type SimulatedKind, simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { type Run, simulate } from '../../runtime/simulation/run.ts';
import { isExpected } from '../../runtime/simulation/statistics.ts';

const SEED = 20_261_021;
const RUNS = 60;

/** Long enough for refreshes, keepalives, and a link that falls silent. */
const LINGER_MS = 150_000;

/**
 * A Register, a HolePunchRequest and a greeting each climb a ladder of 8 steps in 3.2 s, and then come every 2 s. With
 * keys, there are Knock, Keepalive and Lookup besides, six probes once more when a side is connected, and an answer to
 * each of the other side's probes.
 */
const SENT_IN_TEN_SECONDS_MAX = { 1: 36, 2: 57 } as const;

const kinds = [
  ...(['none', 'full-cone', 'home-router', 'linux-masquerade', 'input-accept', 'symmetric'] as const),
  ...(['carrier-grade', 'udp-blocked', 'ipv6-firewall', 'forgetful-router'] as const),
] satisfies SimulatedKind[];

/** A greeting every 15 s, or a probe every 4 s, and an answer to each of the other side's. */
const SPOKEN_IN_A_MINUTE_MAX = { 1: 10, 2: 32 } as const;

const SILENT_MS_MAX = { 1: LINK_KEEPALIVE_MS, 2: HOLD_MS * (1 + HOLD_SPREAD) } as const;

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

for (const protocol of [1, 2] as const) {
  describe(`with protocol ${protocol} and nothing lost`, () => {
    for (const caller of kinds) {
      test(`${caller} connects with whom the oracle says, and both sides know it`, () => {
        for (const called of kinds) {
          const pair = { alice: simulatedKinds[caller], bob: simulatedKinds[called], protocol };
          const run = simulate({ ...pair, path: { ...smoothPath, delayMs: 20 }, seed: 1, isRecorded: false });
          const both = [run.alice.ending, run.bob.ending];
          if (isExpected(pair)) assert.deepEqual(both, ['connected', 'connected'], called);
          else assert.ok(!both.includes('connected'), `${called}: ${both}`);
        }
      });
    }
  });

  test(`with protocol ${protocol} a connected pair has few words, but is never silent for long`, () => {
    for (const kind of ['home-router', 'symmetric', 'forgetful-router'] as const) {
      const pair = { alice: simulatedKinds[kind], bob: simulatedKinds['full-cone'], protocol };
      const run = simulate({ ...pair, path: { ...smoothPath, delayMs: 20 }, seed: 1, lingerMs: LINGER_MS });
      for (const who of ['alice', 'bob']) {
        const spoken = sentBy(run, who).filter(({ message }) => isSpoken(message));
        const times = [...spoken.map(({ atMs }) => atMs), run.elapsedMs];
        const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
        assert.ok(
          Math.max(...pauses) <= SILENT_MS_MAX[protocol],
          `${who} is silent for ${Math.max(...pauses)} ms`,
        );
        const late = times.filter((atMs) => atMs > run.elapsedMs - 60_000).length;
        assert.ok(late <= SPOKEN_IN_A_MINUTE_MAX[protocol], `${who} speaks ${late} times in a minute`);
      }
    }
  });

  test(`with protocol ${protocol} a run keeps its promises, whatever happens to its packets`, () => {
    fc.assert(
      fc.property(rough, (scenario) => {
        const run = simulate({ ...scenario, protocol, lingerMs: LINGER_MS });
        assert.equal(run.isConnected, isExpected(scenario), `${run.alice.ending}, ${run.bob.ending}`);
        for (const promise of promises) promise(run, protocol);
      }),
      // A smaller run is no better a witness, and takes many runs to find.
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  });
}

type Datagram = Extract<Happening, { readonly type: 'datagram' }>;

const promises: readonly ((run: Run, protocol: 1 | 2) => void)[] = [
  (run) => {
    const asked = receivedBy(run, 'server').map(({ message }) => (isRequest(message) ? 2 : 1));
    const answers = sentBy(run, 'server').length;
    assert.ok(
      answers <= asked.reduce((sum: number, one) => sum + one, 0),
      `${answers} answers of the server`,
    );
  },
  (run, protocol) => {
    for (const who of ['alice', 'bob']) {
      const times = sentBy(run, who).map(({ atMs }) => atMs);
      const [most, first] = densest(times, 10_000);
      assert.ok(
        most <= SENT_IN_TEN_SECONDS_MAX[protocol],
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
  ({ happenings }, protocol) => {
    const states = happenings.flatMap((one) => (one.type === 'state' ? [`${one.chart} ${one.state}`] : []));
    assert.deepEqual(
      states.filter((state) => / (expired|unregistered|lost)$/.test(state)),
      [],
    );
    // In protocol 1 a new introduction makes a link begin anew. With keys only a call does, before there is a path.
    if (protocol === 1) return;
    for (const chart of ['link:alice', 'link:bob']) {
      const since = states.slice(states.indexOf(`${chart} connected`));
      assert.ok(!since.includes(`${chart} punching`), `${chart} punches again`);
    }
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
  if (isSpoken(message)) return formatEndpoint(seenFrom) === text;
  if (message.startsWith('HolePunchInitiate(')) return message.includes(`, ${text})`);
  return message.startsWith(`HolePunchAnswer(${text})`);
}

/** What the server answers with two datagrams. */
function isRequest(message: string): boolean {
  return /^HolePunch(Request|Accept)/.test(message);
}

function isSpoken(message: string): boolean {
  return /^(Message\(|Probe)/.test(message);
}
