import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { TEXT_BYTES_MAX } from '../../machines/wire.ts';
import type { Link } from '../../runtime/link.ts';
import type { PeerHost } from '../../runtime/peer.ts';
import type { Passage } from '../support/memory-network.ts';
import { ALICE, BOB, CONNECTING_MS, punchError, readNow, Scene, SERVER } from './scene.ts';

describe('two clients connect', () => {
  test('on both sides, and tell each state they reach', async () => {
    const scene = new Scene();
    const { alice, bob } = scene.pair();
    const asked = alice.link('bob');
    scene.advance(5000);
    const [called] = await readNow(bob.links);
    assert.ok(called !== undefined);
    assert.equal(called.peer, 'alice');
    await Promise.all([asked.connected, called.connected]);
    assert.deepEqual(await statesOf(asked), [
      'requesting 0',
      `punching 20 ${BOB}`,
      `connected ${CONNECTING_MS} ${BOB}`,
    ]);
    assert.deepEqual(await statesOf(called), [
      `punching 0 ${ALICE}`,
      `connected ${CONNECTING_MS - 20} ${ALICE}`,
    ]);
  });

  test('with exactly these datagrams when nothing is lost', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const before = scene.network.log.length;
    alice.link('bob');
    scene.advance(CONNECTING_MS + 1900);
    const described = scene.network.log.slice(before).map(describePassage);
    // Openers die on the way; greetings go on for 2 s after connecting, in case the other has missed the first.
    const bothWays = (atMs: number, fate: string) => [
      `${atMs} message to bob ${fate}`,
      `${atMs} message to alice ${fate}`,
    ];
    const afterConnecting = [0, 50, 100, 200, 400, 800, 1600];
    const greetings = [-20, ...afterConnecting].flatMap((atMs) =>
      bothWays(1000 + CONNECTING_MS + atMs, 'carried'),
    );
    assert.deepEqual(
      described.sort(),
      [
        '1000 holePunchRequest to server carried',
        '1010 holePunchInitiate to alice carried',
        '1010 holePunchInitiate to bob carried',
        ...bothWays(1020, 'dead'),
        ...greetings,
      ].sort(),
    );
  });

  test('and exchange messages both ways, greetings not among them', async () => {
    const { scene, asked, called } = connected();
    for (const text of [
      'hello',
      '',
      'Hello from nobody',
      'x'.repeat(TEXT_BYTES_MAX),
      '\u001b[31m',
      'Hello from bob',
    ]) {
      asked.send(text);
    }
    for (const text of ['one', 'two']) called.send(text);
    scene.advance(60_000);
    assert.deepEqual(await readNow(called.messages), [
      'hello',
      '',
      'Hello from nobody',
      'x'.repeat(TEXT_BYTES_MAX),
      '\u001b[31m',
      'Hello from bob',
    ]);
    assert.deepEqual(await readNow(asked.messages), ['one', 'two']);
  });

  test('over IPv6', () => {
    const scene = new Scene({ server: '[2001:db8::1]:39738' });
    const alice = scene.peer('alice', '[2001:db8::a]:5000');
    const bob = scene.peer('bob', '[2001:db8::b]:6000');
    scene.advance(100);
    const link = alice.link('bob');
    scene.advance(CONNECTING_MS);
    assert.equal(link.state, 'connected');
    assert.equal(bob.link('alice').state, 'connected');
  });

  test('at once when both ask for each other', () => {
    const scene = new Scene();
    const { alice, bob } = scene.pair();
    const links = [alice.link('bob'), bob.link('alice')];
    scene.advance(CONNECTING_MS);
    assert.deepEqual(
      links.map(({ state }) => state),
      ['connected', 'connected'],
    );
    assert.equal(scene.network.sent('holePunchRequest').length, 2);
  });

  test('each with many at the same time', async () => {
    const scene = new Scene();
    const hub = scene.peer('hub', ALICE);
    const others = Array.from({ length: 40 }, (_, index) =>
      scene.peer(`peer ${index}`, `203.0.113.${index + 1}:6000`),
    );
    scene.advance(1000);
    const asked = others.slice(0, 20).map(({ name }) => hub.link(name));
    const asking = others.slice(20).map((peer) => peer.link('hub'));
    scene.advance(1000);
    for (const link of [...asked, ...asking]) assert.equal(link.state, 'connected');
    for (const other of others) hub.link(other.name).send(`to ${other.name}`);
    for (const other of others) other.link('hub').send(`from ${other.name}`);
    scene.advance(1000);
    for (const other of others) {
      assert.deepEqual(await readNow(other.link('hub').messages), [`to ${other.name}`]);
      assert.deepEqual(await readNow(hub.link(other.name).messages), [`from ${other.name}`]);
    }
  });

  test('is one link, however often it is asked for', () => {
    const { scene, alice, asked } = connected();
    const before = scene.network.sent('holePunchRequest').length;
    assert.equal(alice.link('bob'), asked);
    scene.advance(1000);
    assert.equal(scene.network.sent('holePunchRequest').length, before);
  });
});

describe('a text that cannot be sent', () => {
  const texts: [why: string, text: string][] = [
    ['is too long', 'x'.repeat(TEXT_BYTES_MAX + 1)],
    ['is too long in UTF-8', '🦊'.repeat(32)],
    ['is our greeting', 'Hello from alice'],
  ];
  for (const [why, text] of texts) {
    test(`because it ${why}`, () => {
      const { asked } = connected();
      assert.throws(() => asked.send(text), punchError('badText'));
    });
  }

  test('because there is no connection yet', () => {
    const scene = new Scene();
    const { alice } = scene.pair();
    const link = alice.link('bob');
    assert.throws(() => link.send('hi'), punchError('notConnected'));
  });
});

async function statesOf(link: Link): Promise<string[]> {
  return (await readNow(link.states)).map(({ state, elapsedMs, remote }) =>
    [state, elapsedMs, ...(remote === undefined ? [] : [formatEndpoint(remote)])].join(' '),
  );
}

/** Alice and Bob, connected, with all that goes on by itself in the first seconds behind them. */
function connected(): { scene: Scene; alice: PeerHost; asked: Link; called: Link } {
  const scene = new Scene();
  const { alice, bob } = scene.pair();
  const asked = alice.link('bob');
  scene.advance(5000);
  return { scene, alice, asked, called: bob.link('alice') };
}

function describePassage({ atMs, to, message, fate }: Passage): string {
  const names: Record<string, string> = { [ALICE]: 'alice', [BOB]: 'bob', [SERVER]: 'server' };
  return `${atMs} ${typeof message === 'string' ? message : message.type} to ${names[formatEndpoint(to)]} ${fate}`;
}
