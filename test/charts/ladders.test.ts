import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientMachine } from '../../machines/client.ts';
import { ADDRESSES_TRIED_MAX, linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { OPENER_HEAD_START_MS } from '../../machines/timing.ts';
import { every, play, type Script } from './play.ts';

const server = { address: '203.0.113.1', port: 39_738 };
const peer = { address: '198.51.100.2', port: 5000 };

const climbing = [0, 50, 100, 200, 400, 800, 1600, 3200];

describe('a client', () => {
  const opened = { type: 'transport.opened', server };
  const refused = { type: 'datagram.holePunchResponseUnknown', from: server };
  const acknowledged = { type: 'datagram.registerAck', from: server, jitter: 0 };
  const client = (script: Script, untilMs: number) =>
    play(clientMachine, { name: 'alice', patienceMs: 60_000 }, script, untilMs);

  test('repeats an unanswered Register, at first faster and then every 2 s, until its patience ends', () => {
    assert.deepEqual(client([[0, opened]], 100_000), {
      register: [...climbing, ...every(2000, 5200, 60_000)],
      'failed noServer': [60_000],
      phases: ['registering at 0', 'awaitingAck at 0', 'failed at 60000'],
    });
  });

  test('whose socket does not open in time fails without a word', () => {
    assert.deepEqual(client([], 100_000), {
      'failed noTransport': [60_000],
      phases: ['registering at 0', 'failed at 60000'],
    });
  });

  test('that is refused asks again every 2 s until its patience ends', () => {
    const script: Script = [
      [0, opened],
      [30, refused],
    ];
    assert.deepEqual(client(script, 100_000), {
      register: [0, ...every(2000, 2030, 60_000)],
      'failed refused': [60_000],
      phases: ['registering at 0', 'awaitingAck at 0', 'refused at 30', 'failed at 60000'],
    });
  });

  test('refreshes after its keepalive, by the ladder for 10 s, and then seeks its server every 5 s for ever', () => {
    const script: Script = [
      [0, opened],
      [900, acknowledged],
    ];
    assert.deepEqual(client(script, 3_600_000), {
      register: [
        ...[0, 50, 100, 200, 400, 800],
        ...[...climbing, 5200, 7200, 9200].map((ms) => 20_900 + ms),
        ...every(5000, 35_900, 3_600_001),
      ],
      phases: ['registering at 0', 'awaitingAck at 0', 'registered at 900', 'unregistered at 30900'],
    });
  });

  test('waits for its keepalive again once the server has answered, by the jitter that came with the answer', () => {
    const script: Script = [
      [0, opened],
      [0, acknowledged],
      [20_000, { ...acknowledged, jitter: 0.5 }],
      [43_000, { ...acknowledged, jitter: 0.5 }],
    ];
    assert.deepEqual(client(script, 60_000).register, [0, 20_000, 43_000]);
  });
});

describe('a link', () => {
  const input = { name: 'alice', peer: 'bob', server, patienceMs: 60_000, punchBudgetMs: 30_000 };
  const greeted = { type: 'datagram.message', from: peer, text: 'Hello from bob' };
  const asking = (script: Script, untilMs: number) =>
    play(linkMachine, { ...input, remote: null }, script, untilMs);
  const invited = (script: Script, untilMs: number) =>
    play(linkMachine, { ...input, remote: peer }, script, untilMs);

  test('repeats an unanswered HolePunchRequest, at first faster and then every 2 s, until its patience ends', () => {
    assert.deepEqual(asking([], 100_000), {
      holePunchRequest: [...climbing, ...every(2000, 5200, 60_000)],
      'failed noServer': [60_000],
      phases: ['requesting at 0', 'failed at 60000'],
    });
  });

  test('whose peer is unknown asks again every 2 s until its patience ends', () => {
    assert.deepEqual(asking([[30, { type: 'disappointed' }]], 100_000), {
      holePunchRequest: [0, ...every(2000, 2030, 60_000)],
      'failed peerUnknown': [60_000],
      phases: ['requesting at 0', 'absent at 30', 'failed at 60000'],
    });
  });

  test('opens its own NAT first, then greets, at first faster and then every 2 s, until its budget is spent', () => {
    assert.deepEqual(invited([], 100_000), {
      'message over 2 hops': [0],
      message: [...climbing, ...every(2000, 5200, 30_000 - OPENER_HEAD_START_MS)].map(
        (ms) => OPENER_HEAD_START_MS + ms,
      ),
      'failed punchingFailed': [30_000],
      phases: ['punching at 0', 'failed at 30000'],
    });
  });

  test('that hears its peer greet from another port greets there from the start, within the same budget', () => {
    const elsewhere = { ...greeted, from: { ...peer, port: 5001 } };
    assert.deepEqual(invited([[1000, elsewhere]], 100_000), {
      'message over 2 hops': [0],
      message: [
        ...[0, 50, 100, 200, 400, 800].map((ms) => ms + OPENER_HEAD_START_MS),
        ...[...climbing, ...every(2000, 5200, 29_000)].map((ms) => 1000 + ms),
      ],
      'failed punchingFailed': [30_000],
      phases: ['punching at 0', 'failed at 30000'],
    });
  });

  test('follows a forger who greets from ever new ports of its peer only so far', () => {
    const ports = Array.from({ length: 100 }, (_, index) => 6000 + index);
    const played = invited(
      ports.map((port) => [10, { ...greeted, from: { ...peer, port } }]),
      11,
    );
    assert.equal(played.message?.length, ADDRESSES_TRIED_MAX - 1);
  });

  test('that is connected confirms it for 2 s, then greets every 15 s, after 20 s of silence every 2 s, and is lost after 60 s', () => {
    const start = OPENER_HEAD_START_MS + 900;
    const confirming = [0, 50, 100, 200, 400, 800, 1600];
    const holding = every(15_000, 2000, 60_000);
    const doubting = every(2000, 20_000, 60_000);
    assert.deepEqual(invited([[start, greeted]], 100_000), {
      'message over 2 hops': [0],
      message: [
        ...[0, 50, 100, 200, 400, 800].map((ms) => OPENER_HEAD_START_MS + ms),
        ...[...confirming, ...holding, ...doubting].sort((a, b) => a - b).map((ms) => start + ms),
      ],
      heard: [start],
      phases: ['punching at 0', `connected at ${start}`, `lost at ${start + 60_000}`],
    });
  });

  test('answers a peer that goes on greeting, but not more often than every 5 s, and passes on all that it says', () => {
    const heard = [0, ...every(1000, 500, 20_000)];
    const { message = [], heard: passedOn } = invited(
      heard.map((ms) => [ms, greeted]),
      20_000,
    );
    assert.deepEqual(
      message.filter((ms) => Number(ms) > 2000),
      [7500, 12_500, 17_000],
    );
    assert.deepEqual(passedOn, heard);
  });

  test('that hears its peer at least every 59 s is never lost', () => {
    const times = [0, ...every(59_000, 59_000, 3_600_000)];
    const { phases, heard } = invited(
      times.map((ms) => [ms, greeted]),
      3_600_000,
    );
    assert.deepEqual({ phases, heard }, { phases: ['punching at 0', 'connected at 0'], heard: times });
  });
});

describe('a session', () => {
  const session = (script: Script, untilMs: number) =>
    play(sessionMachine, { name: 'alice', client: peer, ttlMs: 90_000 }, script, untilMs);

  test('expires after 90 s without a word from its client', () => {
    const moved = { ...peer, port: 5001 };
    const script: Script = [
      [80_000, { type: 'datagram.register', from: peer }],
      [160_000, { type: 'datagram.holePunchRequest', name: 'bob' }],
      [240_000, { type: 'datagram.register', from: moved }],
      [300_000, { type: 'peer.calls', name: 'carol', remote: server }],
      [310_000, { type: 'datagram.register', from: server }],
    ];
    assert.deepEqual(session(script, 1_000_000), {
      registerAck: [80_000, 240_000],
      seek: [160_000],
      moved: [240_000],
      holePunchInitiate: [300_000],
      refuse: [310_000],
      ended: [330_000],
      phases: ['registered at 0', 'expired at 330000'],
    });
  });
});
