import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyEventObject } from 'xstate';
import { clientMachine } from '../../machines/client.ts';
import type { Endpoint } from '../../machines/endpoint.ts';
import { introductionMachine } from '../../machines/introduction.ts';
import { linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { enact } from '../../runtime/stage.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { every, play, type Script } from './play.ts';

const server = { address: '203.0.113.1', port: 39_738 };
const peer = { address: '198.51.100.2', port: 5000 };
const peerElsewhere = { address: '198.51.100.2', port: 5001 };

const climbing = [0, 50, 100, 200, 400, 800, 1600, 3200];

const confirming = [0, 33, 99, 231, 495, 1023];

describe('a client of protocol 2', () => {
  const opened = { type: 'transport.opened', server };
  const challenged = { type: 'datagram.challenge', from: server, cookie: 'c1' };
  const distrusted = { type: 'datagram.challenge.distrusted', from: server };
  const acknowledged = { type: 'datagram.registerAck', from: server, jitter: 0 };
  const alive = { type: 'datagram.keepaliveAck', from: server, jitter: 0 };
  const client = (script: Script, untilMs: number) =>
    play(clientMachine, { name: 'alice', patienceMs: 60_000, protocol: 2 }, script, untilMs);

  test('knocks, at first faster and then every 2 s, until its patience ends', () => {
    assert.deepEqual(client([[0, opened]], 100_000), {
      knock: [...climbing, ...every(2000, 5200, 60_000)],
      'failed noServer': [60_000],
      phases: ['registering at 0', 'knocking at 0', 'failed at 60000'],
    });
  });

  test('registers with the cookie of the challenge, and counts as registered once the server has answered', () => {
    const script: Script = [
      [0, opened],
      [30, challenged],
      [90, acknowledged],
      [120, alive],
    ];
    assert.deepEqual(client(script, 20_000), {
      knock: [0],
      registerWithCookie: [30, 80],
      keepalive: [90],
      phases: ['registering at 0', 'knocking at 0', 'awaitingAck at 30', 'registered at 120'],
    });
  });

  test('registers again at once with the new cookie, if the old one was too old', () => {
    const script: Script = [
      [0, opened],
      [0, challenged],
      [30, { ...challenged, cookie: 'c2' }],
      [40, { ...challenged, cookie: 'c2' }],
    ];
    assert.deepEqual(client(script, 45).registerWithCookie, [0, 30]);
  });

  test('whose name belongs to another key fails at once; one that is refused by a full server knocks every 2 s', () => {
    const refused = { type: 'datagram.registerRefuse', from: server };
    const start: Script = [
      [0, opened],
      [0, challenged],
    ];
    assert.deepEqual(client([...start, [30, { ...refused, reason: 'nameTaken' }]], 100_000).phases, [
      'registering at 0',
      'knocking at 0',
      'awaitingAck at 0',
      'failed at 30',
    ]);
    const full = client(
      [
        ...start,
        [30, { ...refused, reason: 'full' }],
        [2030, challenged],
        [2060, { ...refused, reason: 'full' }],
      ],
      4070,
    );
    assert.deepEqual(full.knock, [0, 2030, 4060]);
  });

  test('that hears a challenge under another key gives its server 2 s, asks it on, and then fails for that reason', () => {
    const script: Script = [
      [0, opened],
      [30, distrusted],
    ];
    assert.deepEqual(client(script, 100_000), {
      knock: [0, 30, 80, 130, 230, 430, 830, 1630],
      'failed serverKeyChanged': [2030],
      phases: ['registering at 0', 'knocking at 0', 'failed at 2030'],
    });
  });

  test('that then hears its server registers as if nothing had been, and does not blame a key later', () => {
    const script: Script = [
      [0, opened],
      [30, distrusted],
      [500, challenged],
    ];
    const { phases, ...played } = client(script, 100_000);
    assert.deepEqual(phases?.at(-1), 'failed at 60000');
    assert.deepEqual(played['failed noServer'], [60_000]);
  });

  test('says Keepalive after 20 to 26 s, by the ladder for 10 s, and then knocks every 5 s for ever', () => {
    const script: Script = [
      [0, opened],
      [0, challenged],
      [0, acknowledged],
      [0, alive],
    ];
    assert.deepEqual(client(script, 3_600_000), {
      knock: [0, ...every(5000, 35_000, 3_600_001)],
      registerWithCookie: [0],
      keepalive: [0, ...[...climbing, 5200, 7200, 9200].map((ms) => 20_000 + ms)],
      phases: [
        'registering at 0',
        'knocking at 0',
        'awaitingAck at 0',
        'registered at 0',
        'unregistered at 30000',
      ],
    });
  });

  test('that is challenged when its server is back, but then hears no more, knocks every 5 s again', () => {
    const script: Script = [
      [0, opened],
      [0, challenged],
      [0, acknowledged],
      [0, alive],
      [35_010, { ...challenged, cookie: 'c2' }],
    ];
    const { knock = [], registerWithCookie = [] } = client(script, 100_000);
    assert.equal(registerWithCookie.at(-1), 35_010 + 9200);
    assert.deepEqual(knock, [0, 35_000, ...every(5000, 50_010, 100_000)]);
  });

  test('whose session the server does not know knocks at once, and registers anew', () => {
    const script: Script = [
      [0, opened],
      [0, challenged],
      [0, acknowledged],
      [0, alive],
      [7000, { type: 'datagram.stale', from: server }],
      [7030, { ...challenged, cookie: 'c2' }],
      [7060, acknowledged],
      [7090, alive],
    ];
    const { phases, ...played } = client(script, 20_000);
    assert.deepEqual(played, {
      knock: [0, 7000],
      registerWithCookie: [0, 7030],
      keepalive: [0, 7060],
    });
    assert.deepEqual(phases?.slice(3), ['registered at 0', 'unregistered at 7000', 'registered at 7060']);
  });

  test('asks for a sign of its server at once when the network has changed', () => {
    const script: Script = [
      [0, opened],
      [0, challenged],
      [0, acknowledged],
      [0, alive],
      [5000, { type: 'network.changed' }],
      [5020, { type: 'datagram.pathChallenge', from: server, token: '70' }],
      [5040, alive],
    ];
    const { keepalive, pathResponse } = client(script, 20_000);
    assert.deepEqual({ keepalive, pathResponse }, { keepalive: [0, 5000], pathResponse: [5020] });
  });
});

describe('a link with keys', () => {
  const input = {
    name: 'alice',
    peer: 'bob',
    server,
    patienceMs: 60_000,
    punchBudgetMs: 20_000,
    protocol: 2,
  };
  const probe = { type: 'datagram.probe', from: peer, confirms: true, asks: false };
  const introduced = { type: 'introduced', remote: peer, candidates: [peerElsewhere], startInMs: 40 };
  const asking = (script: Script, untilMs: number) =>
    play(linkMachine, { ...input, remote: null, hasKey: true }, script, untilMs);
  const invited = (script: Script, untilMs: number, more = {}) =>
    play(linkMachine, { ...input, remote: peer, hasKey: true, ...more }, script, untilMs);
  /** Nine after the opener. */
  const probing = [0, 33, 99, 231, 495, 1023, 2079, 4079, 6079];

  test('looks its peer up, at first faster and then every 2 s, and asks to be introduced once it has the key', () => {
    const script: Script = [[300, { type: 'keyFound' }]];
    assert.deepEqual(play(linkMachine, { ...input, remote: null }, script, 100_000), {
      lookup: [0, 50, 100, 200],
      holePunchRequest: [...climbing, ...every(2000, 5200, 59_700)].map((ms) => 300 + ms),
      'failed noServer': [60_000],
      phases: ['requesting at 0', 'failed at 60000'],
    });
  });

  test('that is told no asks again after 2 s, by the same ladder, whether it has the key or not', () => {
    const script: Script = [
      [60, { type: 'disappointed' }],
      [2600, { type: 'disappointed' }],
    ];
    const asked = [0, 50, 2060, 2110, 2160, 2260, 2460, 4600];
    const knowing = asking(script, 4601);
    assert.deepEqual(
      [knowing.holePunchRequest, knowing.phases],
      [asked, ['requesting at 0', 'absent at 60']],
    );
    assert.deepEqual(play(linkMachine, { ...input, remote: null }, script, 4601).lookup, asked);
  });

  test('whose peer has another key than it must have fails at once', () => {
    assert.deepEqual(asking([[30, { type: 'keyDistrusted' }]], 100_000)['failed peerKeyChanged'], [30]);
  });

  test('that called begins when the server says, opens its own NAT first, then probes by the ladder', () => {
    assert.deepEqual(asking([[10, introduced]], 100_000), {
      holePunchRequest: [0],
      'probe over 2 hops': [50],
      probe: probing.map((ms) => 100 + ms),
      'failed punchingFailed': [20_010],
      phases: ['requesting at 0', 'punching at 10', 'failed at 20010'],
    });
  });

  test('that was called begins at the word of the server, or after 300 ms without it', () => {
    assert.deepEqual(invited([], 350)['probe over 2 hops'], [300]);
    assert.deepEqual(invited([[100, { type: 'start', inMs: 20 }]], 350)['probe over 2 hops'], [120]);
  });

  test('sends at most ten probes to an address that has not answered, however long it waits', () => {
    const { sentTo } = watched([[10, introduced]], 100_000);
    assert.deepEqual(
      [...sentTo].map(([to, times]) => [to, times.length]),
      [
        ['198.51.100.2 5000', 10],
        ['198.51.100.2 5001', 10],
      ],
    );
  });

  test('answers its peer although it has itself given up sending', () => {
    const asks = { ...probe, confirms: false, asks: true };
    const played = invited([[15_000, asks]], 19_000);
    assert.equal(played.probe?.at(-1), 15_000);
    assert.deepEqual(
      invited(
        [
          [15_000, asks],
          [15_040, probe],
        ],
        19_000,
      ).phases,
      ['punching at 0', 'connected at 15040'],
    );
  });

  test('that is connected goes on by the ladder for 2 s, since its peer may not be', () => {
    const { probe: sent = [] } = invited([[400, probe]], 2399);
    assert.deepEqual(
      sent.filter((ms) => Number(ms) >= 400),
      confirming.map((ms) => 400 + ms),
    );
  });

  test('that is connected then probes every 4 to 6 s, by its own jitter', () => {
    for (const [jitter, period] of [
      [0, 4000],
      [0.5, 5000],
      [0.999, 5998],
    ] as const) {
      const { probe: sent = [] } = invited([[400, probe]], 15_000, { jitter });
      const held = sent.filter((ms) => Number(ms) >= 2400).map((ms) => Math.round(Number(ms)));
      assert.deepEqual(held.slice(0, 3), [2400, 2400 + period, 2400 + 2 * period]);
    }
  });

  test('whose path is silent for 15 s seeks one by the ladder, punches again after 30 s with the same keys, then is lost', () => {
    const { phases, probe: sent = [] } = invited([[400, probe]], 200_000, { jitter: 0.5 });
    assert.deepEqual(phases, ['punching at 0', 'connected at 400', 'punching at 30400', 'lost at 50400']);
    const held = [...confirming, ...every(5000, 2000, 15_000)];
    const seeking = [...probing, ...every(2000, 8079, 35_000)].map((ms) => 15_000 + ms);
    assert.deepEqual(
      sent.filter((ms) => Number(ms) >= 400),
      [...held, ...seeking].map((ms) => 400 + ms),
    );
  });

  test('whose path is in doubt asks the server, by a ladder of its own; once introduced, only after 5 s', () => {
    const told = { type: 'introduced', remote: peerElsewhere };
    const { holePunchRequest: asked } = invited(
      [
        [400, probe],
        [16_300, told],
      ],
      22_000,
      { jitter: 0.5 },
    );
    assert.deepEqual(asked, [15_400, 15_450, 15_650, 16_150, 21_300, 21_350, 21_550]);
  });

  test('that the server sees elsewhere asks at once, at a pace of its own', () => {
    const script: Script = [
      [400, probe],
      [5000, { type: 'address.changed' }],
    ];
    const asked = (jitter: number) => invited(script, 5300, { jitter }).holePunchRequest;
    assert.deepEqual(
      [asked(0), asked(0.5)],
      [
        [5000, 5040, 5200],
        [5000, 5050, 5250],
      ],
    );
  });

  test('that punches again and is answered is connected as if nothing had been', () => {
    const { phases } = invited(
      [
        [400, probe],
        [31_000, probe],
      ],
      32_000,
    );
    assert.deepEqual(phases, [
      'punching at 0',
      'connected at 400',
      'punching at 30400',
      'connected at 31000',
    ]);
  });

  test('is not kept alive by probes that confirm nothing', () => {
    const asks = { ...probe, confirms: false, asks: true };
    const script: Script = [[400, probe], ...every(1000, 1000, 40_000).map((ms) => [ms, asks] as const)];
    assert.deepEqual(invited(script, 40_000).phases?.at(-1), 'punching at 30400');
  });

  test('follows its peer to another address once that has answered there, and to it alone', () => {
    const moved = { address: '192.0.2.9', port: 7000 };
    const script: Script = [
      [10, introduced],
      [400, probe],
      [3000, { ...probe, from: moved, confirms: false, asks: true }],
      [3040, { ...probe, from: moved }],
    ];
    const { sentTo } = watched(script, 9000);
    assert.deepEqual(sentTo.get('192.0.2.9 7000'), [3000, 6400]);
    assert.equal(sentTo.get('198.51.100.2 5000')?.at(-1), 2400);
  });

  test('tries eight addresses at most, wherever probes come from', () => {
    const asks = every(1, 5001, 5020).map(
      (port) => [500, { ...probe, from: { ...peer, port }, confirms: false, asks: true }] as const,
    );
    const { sentTo } = watched([[10, introduced], ...asks], 19_000);
    assert.equal(sentTo.size, 8);
  });

  /** When each address was sent how many probes. */
  function watched(script: Script, untilMs: number) {
    const clock = createVirtualClock();
    const sentTo = new Map<string, number[]>();
    const perform = (effect: AnyEventObject) => {
      const addresses: readonly Endpoint[] = effect.type === 'probe' ? effect.to : [];
      for (const { address, port } of addresses)
        sentTo.set(`${address} ${port}`, [...(sentTo.get(`${address} ${port}`) ?? []), clock.now()]);
    };
    const given = { ...input, protocol: 2, remote: null, hasKey: true } as const;
    const live = enact({ clock, random: () => 0 }, linkMachine, 'actor', given, { perform });
    for (const [at, event] of script) {
      clock.advance(at - clock.now());
      live.send(event as never);
    }
    clock.advance(untilMs - clock.now());
    return { sentTo };
  }
});

describe('a session of protocol 2', () => {
  const input = { name: 'alice', client: peer, ttlMs: 90_000, protocol: 2 };
  const register = { type: 'datagram.register', from: peer };
  const sealed = { type: 'datagram.sealed', from: peer };

  test('that is never used ends after 10 s, however often its Register is repeated', () => {
    assert.deepEqual(
      play(
        sessionMachine,
        input,
        [
          [0, register],
          [5000, register],
        ],
        100_000,
      ),
      {
        registerAck: [0, 5000],
        ended: [10_000],
        phases: ['proving at 0', 'expired at 10000'],
      },
    );
  });

  test('lives for 90 s after the last sealed datagram from its address; one from elsewhere is challenged', () => {
    const script: Script = [
      [0, register],
      [50, sealed],
      [80_000, sealed],
      [160_000, { ...sealed, from: peerElsewhere }],
    ];
    assert.deepEqual(play(sessionMachine, input, script, 1_000_000), {
      registerAck: [0],
      proven: [50],
      pathChallenge: [160_000],
      ended: [170_000],
      phases: ['proving at 0', 'registered at 50', 'expired at 170000'],
    });
  });
});

describe('an introduction', () => {
  const accepted = { type: 'accepted' };
  const refused = { type: 'refused' };
  const repeated = { type: 'repeated' };
  const toCaller = (isReachable: boolean, script: Script) => {
    const { decline, answer, ended } = play(introductionMachine, { isReachable }, script, 100_000);
    return { decline, answer, ended };
  };

  test('answers "not there" and "does not want to" after the same time and by the same message', () => {
    const absent = toCaller(false, []);
    assert.deepEqual(absent, { decline: [500], answer: undefined, ended: [10_500] });
    for (const ms of [0, 30, 499]) assert.deepEqual(toCaller(true, [[ms, refused]]), absent);
    // So does silence.
    assert.deepEqual(toCaller(true, []), absent);
  });

  test('answers repetitions of both alike, too', () => {
    const again: Script = [100, 400, 700, 3000, 10_499].map((ms) => [ms, repeated]);
    const absent = toCaller(false, again);
    assert.deepEqual(absent.decline, [500, 700, 3000, 10_499]);
    assert.deepEqual(toCaller(true, [[50, refused], ...again]), absent);
    assert.deepEqual(toCaller(true, again), absent);
  });

  test('carries the offer as often as the caller asks, until there is an answer; then the answer', () => {
    const script: Script = [
      [50, repeated],
      [120, accepted],
      [150, repeated],
      [170, accepted],
    ];
    assert.deepEqual(play(introductionMachine, { isReachable: true }, script, 100_000), {
      offer: [0, 50],
      answer: [120, 150],
      start: [120, 170],
      ended: [10_120],
      phases: ['offering at 0', 'answered at 120', 'forgotten at 10120'],
    });
  });

  test('takes an answer that comes after it was declined', () => {
    assert.deepEqual(toCaller(true, [[700, accepted]]), { decline: [500], answer: [700], ended: [10_700] });
  });
});
