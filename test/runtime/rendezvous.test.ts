import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode, type Message } from '../../machines/wire.ts';
import { endpoint } from '../support/memory-network.ts';
import { type Puppet, Scene, SERVER } from './scene.ts';

/** Two addresses, two ports at the first. */
const ONE = '198.51.100.1:1000';
const ONE_AGAIN = '198.51.100.1:2000';
const OTHER = '198.51.100.2:1000';

describe('registration at the server', () => {
  test('is acknowledged, and so is each repetition', () => {
    const { scene, puppets } = cast(ONE);
    assert.deepEqual(tell(scene, puppets[0], register('alice')), ['registerAck']);
    assert.deepEqual(tell(scene, puppets[0], register('alice')), ['registerAck']);
    const { clients, registrations, received, sent } = scene.server.status();
    assert.deepEqual(
      { clients, registrations, received, sent },
      { clients: 1, registrations: 2, received: 2, sent: 2 },
    );
  });

  test('of a name that is live at another address is refused', () => {
    const { scene, puppets } = cast(ONE, OTHER);
    tell(scene, puppets[0], register('alice'));
    assert.deepEqual(tell(scene, puppets[1], register('alice')), ['holePunchResponseUnknown']);
    assert.deepEqual(scene.server.status().refused, { nameTaken: 1 });
    assert.equal(whereabouts(scene, 'alice'), ONE);
  });

  test('moves at once to another port of the same address', () => {
    const { scene, puppets } = cast(ONE, ONE_AGAIN);
    tell(scene, puppets[0], register('alice'));
    assert.deepEqual(tell(scene, puppets[1], register('alice')), ['registerAck']);
    assert.equal(scene.server.status().clients, 1);
    assert.equal(whereabouts(scene, 'alice'), ONE_AGAIN);
  });

  test('of another name from the same endpoint replaces the first', () => {
    const { scene, puppets } = cast(ONE);
    tell(scene, puppets[0], register('alice'));
    assert.deepEqual(tell(scene, puppets[0], register('alicia')), ['registerAck']);
    assert.equal(scene.server.status().clients, 1);
    assert.equal(whereabouts(scene, 'alicia'), ONE);
    assert.equal(whereabouts(scene, 'alice'), undefined);
  });

  test('that moves to the endpoint of another name replaces that name', () => {
    const { scene, puppets } = cast(ONE, ONE_AGAIN);
    tell(scene, puppets[0], register('alice'));
    tell(scene, puppets[1], register('anne'));
    assert.deepEqual(tell(scene, puppets[1], register('alice')), ['registerAck']);
    assert.equal(scene.server.status().clients, 1);
    assert.equal(whereabouts(scene, 'alice'), ONE_AGAIN);
    assert.equal(whereabouts(scene, 'anne'), undefined);
  });

  test('ends after 90 s of silence, and not before', () => {
    const { scene, puppets } = cast(ONE);
    tell(scene, puppets[0], register('alice'));
    scene.advance(89_900);
    assert.equal(scene.server.status().clients, 1);
    scene.advance(100);
    assert.equal(scene.server.status().clients, 0);
    assert.equal(whereabouts(scene, 'alice'), undefined);
  });

  test('is kept alive by registering again and by requests', () => {
    for (const message of [register('alice'), request('nobody')]) {
      const { scene, puppets } = cast(ONE);
      tell(scene, puppets[0], register('alice'));
      for (let time = 0; time < 5; time += 1) {
        scene.advance(80_000);
        tell(scene, puppets[0], message);
      }
      assert.equal(scene.server.status().clients, 1);
    }
  });

  test('is not kept alive by what others do with the name', () => {
    const { scene, puppets } = cast(ONE, OTHER);
    tell(scene, puppets[0], register('alice'));
    scene.advance(60_000);
    tell(scene, puppets[1], register('alice'));
    tell(scene, puppets[1], register('bob'));
    tell(scene, puppets[1], request('alice'));
    scene.advance(30_000);
    assert.deepEqual(tell(scene, puppets[1], register('alice')), ['registerAck']);
  });

  test('lives as long as the server was told', () => {
    const scene = new Scene({ ttlMs: 1000 });
    tell(scene, scene.stranger(ONE), register('alice'));
    scene.advance(1000);
    assert.equal(scene.server.status().clients, 0);
  });
});

describe('a full server', () => {
  test('refuses newcomers and says so in its counts', () => {
    const scene = new Scene({ maxClients: 2 });
    const puppets = [1, 2, 3].map((host) => scene.stranger(`198.51.100.${host}:1000`));
    const answers = puppets.map((puppet, index) => tell(scene, puppet, register(`client ${index}`)));
    assert.deepEqual(answers, [['registerAck'], ['registerAck'], ['holePunchResponseUnknown']]);
    const { clients, maxClients, refused } = scene.server.status();
    assert.deepEqual({ clients, maxClients, refused }, { clients: 2, maxClients: 2, refused: { full: 1 } });
  });

  test('still serves those it knows, at other ports and under other names too', () => {
    const scene = new Scene({ maxClients: 1 });
    const [puppet, again] = [scene.stranger(ONE), scene.stranger(ONE_AGAIN)];
    tell(scene, puppet, register('alice'));
    assert.deepEqual(tell(scene, puppet, register('alice')), ['registerAck']);
    assert.deepEqual(tell(scene, again, register('alice')), ['registerAck']);
    assert.deepEqual(tell(scene, again, register('alicia')), ['registerAck']);
    assert.equal(scene.server.status().clients, 1);
  });

  test('has room again when somebody expires', () => {
    const scene = new Scene({ maxClients: 1 });
    const [puppet, other] = [scene.stranger(ONE), scene.stranger(OTHER)];
    tell(scene, puppet, register('alice'));
    scene.advance(90_000);
    assert.deepEqual(tell(scene, other, register('bob')), ['registerAck']);
  });
});

describe('introductions', () => {
  test('go to the caller first, then to the called', () => {
    const { scene, puppets } = cast(ONE, OTHER);
    tell(scene, puppets[0], register('alice'));
    tell(scene, puppets[1], register('bob'));
    tell(scene, puppets[0], request('bob'));
    assert.deepEqual(
      scene.network.sent('holePunchInitiate').map(({ to, message }) => ({ to, message })),
      [
        { to: endpoint(ONE), message: { type: 'holePunchInitiate', name: 'bob', remote: endpoint(OTHER) } },
        { to: endpoint(OTHER), message: { type: 'holePunchInitiate', name: 'alice', remote: endpoint(ONE) } },
      ],
    );
    assert.equal(scene.server.status().introductions, 1);
  });

  test('are given again whenever they are asked for', () => {
    const { scene, puppets } = cast(ONE, OTHER);
    tell(scene, puppets[0], register('alice'));
    tell(scene, puppets[1], register('bob'));
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(tell(scene, puppets[0], request('bob')), ['holePunchInitiate']);
    }
  });

  const refusals: [to: string, prepare: readonly [number, Message][]][] = [
    ['somebody who is not registered', [[1, register('bob')]]],
    ['somebody who asks for nobody', [[0, register('alice')]]],
    ['somebody who asks for themselves', [[0, register('bob')]]],
  ];
  for (const [to, prepare] of refusals) {
    test(`are refused to ${to}`, () => {
      const { scene, puppets } = cast(ONE, OTHER);
      for (const [puppet, message] of prepare) tell(scene, puppets[puppet], message);
      assert.deepEqual(tell(scene, puppets[0], request('bob')), ['holePunchResponseUnknown']);
      assert.equal(scene.network.sent('holePunchInitiate').length, 0);
    });
  }

  test('without a registration are counted as that', () => {
    const { scene, puppets } = cast(ONE);
    tell(scene, puppets[0], request('bob'));
    assert.deepEqual(scene.server.status().refused, { unregistered: 1 });
  });
});

describe('what is not for a server', () => {
  const messages: Message[] = [
    { type: 'message', text: 'hi' },
    { type: 'registerAck' },
    { type: 'holePunchResponseUnknown' },
    { type: 'holePunchInitiate', name: 'bob', remote: endpoint(OTHER) },
  ];
  for (const message of messages) {
    test(`${message.type} is counted and not answered`, () => {
      const { scene, puppets } = cast(ONE);
      assert.deepEqual(tell(scene, puppets[0], message), []);
      assert.deepEqual(scene.server.status().refused, { notForServers: 1 });
    });
  }

  test('bytes that are no message are counted by what is wrong with them, and not answered', () => {
    const { scene, puppets } = cast(ONE);
    for (const bytes of [[], [9], [1, 1], [1, 0], [1, 0]]) puppets[0]?.send(SERVER, Uint8Array.from(bytes));
    scene.advance(100);
    const { malformed, sent } = scene.server.status();
    assert.deepEqual(malformed, { empty: 1, unknownMessage: 1, truncated: 1, badName: 2 });
    assert.equal(sent, 0);
  });

  test('more than a source may send is counted and not answered', () => {
    const scene = new Scene({ admission: { perSecond: 1, burst: 3 } });
    const puppet = scene.stranger(ONE);
    for (let time = 0; time < 10; time += 1) puppet.say(SERVER, register('alice'));
    scene.advance(100);
    assert.equal(puppet.received.length, 3);
    assert.deepEqual(scene.server.status().refused, { tooMany: 7 });
  });
});

test('a server that is closed answers nobody and leaves no timer', async () => {
  const { scene, puppets } = cast(ONE);
  tell(scene, puppets[0], register('alice'));
  await scene.server.close();
  await scene.server.close();
  assert.deepEqual(tell(scene, puppets[0], register('alice')), []);
  assert.deepEqual(scene.network.clock.armed(), []);
});

function cast(...addresses: readonly string[]): { scene: Scene; puppets: Puppet[] } {
  const scene = new Scene();
  return { scene, puppets: addresses.map((address) => scene.stranger(address)) };
}

/** What the server answers. */
function tell(scene: Scene, puppet: Puppet | undefined, message: Message): string[] {
  assert.ok(puppet !== undefined);
  const before = puppet.received.length;
  puppet.send(SERVER, encode(message));
  scene.advance(40);
  return puppet
    .messages()
    .slice(before)
    .map(({ type }) => type);
}

/** Where the server says that a client is. */
function whereabouts(scene: Scene, name: string): string | undefined {
  const asker = scene.stranger('192.0.2.200:9');
  tell(scene, asker, register('asker'));
  tell(scene, asker, request(name));
  asker.close();
  scene.advance(0);
  return asker.introductions().at(-1);
}

function register(name: string): Message {
  return { type: 'register', name };
}

function request(name: string): Message {
  return { type: 'holePunchRequest', name };
}
