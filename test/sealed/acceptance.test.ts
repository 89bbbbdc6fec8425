/**
 * The acceptance tests of the project's list of security pitfalls, by their numbers, as far as they are the server's.
 * The links' are in acceptance-links.test.ts, and number 2 is in the tests whose names begin with `fuzz`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { type Envelope, encodeEnvelope } from '../../machines/envelope.ts';
import type { ToServer } from '../../machines/letter-server.ts';
import { PROOF_PATIENCE_MS } from '../../machines/timing.ts';
import { encode, type Message } from '../../machines/wire.ts';
import { ALICE, BOB, type Puppet, punchError, readNow, SERVER } from '../runtime/scene.ts';
import { access, endpoint } from '../support/memory-network.ts';
import { received, ScriptedClient } from './scripted-client.ts';
import { only, SealedScene } from './sealed-scene.ts';

const MALLORY = '192.0.2.66:6666';
const CAROL = '192.0.2.30:3000';

/** The longest address there is makes the longest answers. */
const far = (number: number) => `[2001:db8:1111:2222:3333:4444:5555:${number}]:65535`;

test('1: the server sends no address more than came from there, before it has proved that it is there', (t) => {
  const scene = new SealedScene();
  const tally = new Traffic(scene);
  const [id, key] = [new Uint8Array(8), new Uint8Array(32)];
  const sealed = new Uint8Array(16);
  const observed = endpoint(ALICE);
  const strangers: readonly Envelope[] = [
    { type: 'knock', nonce: id },
    { type: 'challenge', nonce: id, cookie: new Uint8Array(16), serverKey: key, observed },
    { type: 'register', cookie: new Uint8Array(16), nonce: id, handshake: new Uint8Array() },
    { type: 'registerAck', nonce: id, handshake: new Uint8Array(76) },
    { type: 'sealed', session: id, counter: 0, sealed: new Uint8Array() },
    { type: 'stale', session: id },
    { type: 'pair', pair: id, counter: 0, sealed },
  ];
  for (const envelope of strangers) tally.ask(`${envelope.type} of a stranger`, encodeEnvelope(envelope));
  const messages: readonly Message[] = [
    { type: 'message', text: '' },
    { type: 'register', name: 'a' },
    { type: 'holePunchRequest', name: 'a' },
  ];
  for (const message of messages) tally.ask(`${message.type} of protocol 1`, encode(message));

  const holder = new ScriptedClient('holder', 1);
  const at = tally.nextPuppet();
  const { bytes, admitted } = holder.register(challengeOf(scene, at, holder));
  tally.ask('register with another’s cookie', bytes);
  const [acknowledged] = tally.ask('register with a good cookie', bytes, at);
  tally.ask('register, repeated', bytes, at);
  assert.equal(admitted(acknowledged)?.type, 'admitted');
  at.send(SERVER, holder.seal({ type: 'keepalive' }));
  scene.advance(100);
  const usurper = new ScriptedClient('holder', 2);
  const elsewhere = tally.nextPuppet();
  tally.ask(
    'register for a name that is taken',
    usurper.register(challengeOf(scene, elsewhere, usurper)).bytes,
    elsewhere,
  );

  const letters: readonly ToServer[] = [
    { type: 'keepalive' },
    { type: 'lookup', request: id, name: 'holder' },
    { type: 'holePunchRequest', request: id, name: 'a', key, offer: new Uint8Array() },
    { type: 'holePunchAccept', request: id, answer: new Uint8Array() },
    { type: 'holePunchRefuse', request: id },
    { type: 'pathResponse', token: new Uint8Array(16) },
    { type: 'bye' },
  ];
  for (const letter of letters) tally.ask(`${letter.type} from a new address`, holder.seal(letter));
  tally.report((line) => t.diagnostic(line));
});

test('3: a spoofed Register does not move a name that somebody has', () => {
  const scene = new SealedScene();
  const { bob } = scene.sealedPair();
  const mallory = new ScriptedClient('alice', 66);
  const puppet = scene.stranger(MALLORY);
  const { bytes, admitted } = mallory.register(challengeOf(scene, puppet, mallory));
  // In Alice's name, who gets the answers.
  scene.network.forge(endpoint(ALICE), endpoint(SERVER), mallory.knock().bytes);
  scene.network.forge(endpoint(ALICE), endpoint(SERVER), bytes);
  scene.network.forge(endpoint(ALICE), endpoint(SERVER), encode({ type: 'register', name: 'alice' }));
  puppet.say(SERVER, { type: 'register', name: 'alice' });
  puppet.send(SERVER, bytes);
  scene.advance(PROOF_PATIENCE_MS);
  assert.deepEqual(received(puppet).map(admitted), [{ type: 'refused', reason: 'nameTaken' }]);
  assert.deepEqual(scene.server.status().refused, { badCookie: 1, protocol1: 2, nameTaken: 1 });
  const link = bob.link('alice');
  scene.advance(1000);
  assert.equal(link.state, 'connected');
  assert.deepEqual(scene.between(BOB, MALLORY), []);
});

test('4: a datagram that is replayed, from another address or from its own, changes nothing', async () => {
  const scene = new SealedScene();
  const overheard: { readonly from: Endpoint; readonly to: Endpoint; readonly bytes: Uint8Array }[] = [];
  // What has not arrived is no replay when it comes.
  scene.network.overhears = ({ from, to, fate }, bytes) => {
    if (fate === 'carried') overheard.push({ from, to, bytes: bytes.slice() });
  };
  const { alice, bob } = scene.sealedPair();
  const link = alice.link('bob');
  scene.advance(6000);
  scene.network.overhears = () => {};
  const puppet = scene.stranger(MALLORY);
  for (const { from, to, bytes } of overheard) {
    for (const source of [endpoint(MALLORY), from]) scene.network.forge(source, to, bytes);
    scene.advance(100);
  }
  scene.advance(PROOF_PATIENCE_MS);
  assert.ok(overheard.length > 30);
  assert.deepEqual([alice.state, bob.state, link.state], ['registered', 'registered', 'connected']);
  assert.equal(alice.link('bob'), link);
  assert.equal((await readNow(bob.links)).length, 1);
  assert.equal(scene.server.status().clients, 2);
  assert.deepEqual([...new Set(puppet.received.map(({ from }) => formatEndpoint(from)))], [SERVER]);
  const carol = scene.sealed('carol', CAROL);
  scene.advance(1000);
  const links = [carol.link('alice'), carol.link('bob')];
  scene.advance(1000);
  assert.deepEqual(
    links.map(({ state }) => state),
    ['connected', 'connected'],
  );
  assert.deepEqual([...scene.between(CAROL, MALLORY), ...scene.between(BOB, MALLORY)], []);
});

test('6: a server with another key is noticed, told of, and told nothing', async () => {
  const scene = new SealedScene();
  const known = scene.serverKeys.publicKey;
  const trustServer = only(known);
  const alice = scene.sealed('alice', ALICE, { trustServer });
  const bob = scene.sealed('bob', BOB, { trustServer });
  scene.advance(1000);
  const link = alice.link('bob');
  scene.advance(1000);
  scene.swapServer();
  const told = new Set<number | undefined>();
  scene.network.overhears = ({ to }, bytes) => void (formatEndpoint(to) === SERVER && told.add(bytes[0]));
  for (const [name, where, pin] of [
    ['carol', CAROL, { serverKey: known }],
    ['dora', '192.0.2.31:3001', { trustServer }],
  ] as const) {
    const client = scene.sealed(name, where, pin);
    scene.advance(5000);
    assert.equal(client.state, 'failed');
    await assert.rejects(client.registered, punchError('serverKeyChanged'));
  }
  scene.advance(100_000);
  assert.deepEqual([alice.state, bob.state], ['unregistered', 'unregistered']);
  assert.deepEqual([link.state, bob.link('alice').state], ['connected', 'connected']);
  // Knocks, and what was sealed for the other server: no Register.
  assert.deepEqual([...told].sort(), [16, 20]);
});

test('7: a thousand clients behind one address all register, in less than 5 s of this machine’s time', (t) => {
  const scene = new SealedScene();
  const before = process.cpuUsage();
  const clients = Array.from({ length: 1000 }, (_, index) =>
    scene.sealed(`client ${index}`, `203.0.113.77:${10_000 + index}`, { access: access({ delayMs: 25 }) }),
  );
  const startedAt = scene.network.clock.now();
  while (clients.some(({ state }) => state !== 'registered') && scene.network.clock.now() < 60_000) {
    scene.advance(100);
  }
  const { user, system } = process.cpuUsage(before);
  const { refused } = scene.server.status();
  t.diagnostic(
    `${scene.network.clock.now() - startedAt} ms of virtual time, ${(user + system) / 1000} ms of CPU, refused: ${JSON.stringify(refused)}`,
  );
  assert.equal(scene.server.status().clients, 1000);
  assert.ok(clients.every(({ state }) => state === 'registered'));
  assert.ok(user + system < 5e6);
});

/** What was sent to the server and what came back, kind by kind, by the server's own doing. */
class Traffic {
  readonly #scene: SealedScene;
  readonly #rows: { what: string; sent: number; answers: number; bytes: number }[] = [];
  #puppets = 0;

  constructor(scene: SealedScene) {
    this.#scene = scene;
  }

  nextPuppet(): Puppet {
    this.#puppets += 1;
    return this.#scene.stranger(far(this.#puppets));
  }

  /** Says something once, from an address that has said nothing yet unless one is given, and waits long enough. */
  ask(what: string, bytes: Uint8Array, puppet = this.nextPuppet()): Envelope[] {
    puppet.received.length = 0;
    puppet.send(SERVER, bytes);
    this.#scene.advance(2000);
    const sizes = puppet.received.map((answer) => answer.bytes.length);
    this.#rows.push({
      what,
      sent: bytes.length,
      answers: sizes.length,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
    });
    return received(puppet);
  }

  report(tell: (line: string) => void): void {
    tell(`${'what is sent'.padEnd(36)}bytes  answers  bytes  factor`);
    for (const { what, sent, answers, bytes } of this.#rows) {
      const figures = [String(sent).padStart(5), String(answers).padStart(7), String(bytes).padStart(5)];
      tell(`${what.padEnd(36)}${figures.join('  ')}  ${(bytes / sent).toFixed(2).padStart(6)}`);
      assert.ok(answers <= 1 && bytes <= sent, what);
    }
    for (const answered of ['knock of', 'sealed of', 'another’s cookie', 'keepalive from']) {
      assert.ok(
        this.#rows.some(({ what, answers }) => what.includes(answered) && answers === 1),
        answered,
      );
    }
  }
}

function challengeOf(scene: SealedScene, puppet: Puppet, client: ScriptedClient) {
  puppet.send(SERVER, client.knock().bytes);
  scene.advance(100);
  const challenge = received(puppet).at(-1);
  assert.ok(challenge?.type === 'challenge');
  return challenge;
}
