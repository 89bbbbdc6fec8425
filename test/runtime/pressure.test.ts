import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeEnvelope } from '../../machines/envelope.ts';
import { decode, encode } from '../../machines/wire.ts';
import { momentaryLeases } from '../../runtime/identity/leases/momentary.ts';
import { pack, packedEndpoint, unpack } from '../../runtime/packed-endpoint.ts';
import { Rendezvous, type RendezvousOptions } from '../../runtime/rendezvous.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import type { PackedReceiver, PackedTransport } from '../../runtime/transport.ts';
import { received, ScriptedClient } from '../sealed/scripted-client.ts';
import { endpoint } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const ALICE = endpoint('198.51.100.10:5000');
const STRANGER = endpoint('203.0.113.66:6666');

describe('a server that cannot keep up', () => {
  it('goes on serving the registered clients of protocol 1, and passes over all others', () => {
    const { server, wire } = open();
    assert.deepEqual(wire.ask(ALICE, register('alice')), ['registerAck']);
    wire.isBehind = true;
    assert.deepEqual(wire.ask(ALICE, register('alice')), ['registerAck']);
    assert.deepEqual(wire.ask(STRANGER, register('mallory')), []);
    assert.deepEqual(wire.ask(STRANGER, Uint8Array.of(255, 1)), []);
    const { shed, malformed, refused } = server.status();
    assert.deepEqual({ shed, malformed, refused }, { shed: { unproven: 2 }, malformed: {}, refused: {} });
    wire.isBehind = false;
    assert.deepEqual(wire.ask(STRANGER, register('mallory')), ['registerAck']);
  });

  it('goes on serving the proven clients of protocol 2 wherever they are, and passes over all others', () => {
    const entropy = seededEntropy(1);
    const { server, wire } = open({
      sealed: { keys: createKeyPair(entropy), entropy, leases: momentaryLeases() },
    });
    const [alice, bob] = [new ScriptedClient('alice', 1), new ScriptedClient('bob', 2)];
    const join = (client: ScriptedClient, where: typeof ALICE) => {
      const [challenge] = received(wire.puppet(where, client.knock().bytes));
      assert(challenge?.type === 'challenge');
      const { bytes, admitted } = client.register(challenge);
      assert.equal(admitted(received(wire.puppet(where, bytes))[0])?.type, 'admitted');
    };
    join(alice, ALICE);
    join(bob, STRANGER);
    const letters = (client: ScriptedClient, where: typeof ALICE) =>
      client.letters(wire.puppet(where, client.seal({ type: 'keepalive' }))).map(({ type }) => type);
    assert.deepEqual(letters(alice, ALICE), ['keepaliveAck']);
    wire.isBehind = true;
    assert.deepEqual(letters(alice, ALICE), ['keepaliveAck']);
    assert.deepEqual(letters(alice, endpoint('192.0.2.77:7000')), ['pathChallenge']);
    assert.deepEqual(letters(bob, STRANGER), [], 'a session that was never used');
    assert.deepEqual(wire.ask(STRANGER, bob.knock().bytes), []);
    const foreign = {
      type: 'sealed',
      session: new Uint8Array(8),
      counter: 1,
      sealed: new Uint8Array(33),
    } as const;
    assert.deepEqual(wire.ask(STRANGER, encodeEnvelope(foreign)), []);
    assert.deepEqual(server.status().shed, { unproven: 3 });
  });
});

it('a million sources, each of which says one thing, leave a server as large as some thousand do', (t) => {
  const { server, wire } = open({ maxClients: 1000 });
  const flood = (from: number, to: number) => {
    const bytes = encode({ type: 'holePunchRequest', name: 'nobody' });
    for (let number = from; number < to; number += 1)
      wire.say(0x7f000000 + number, 1024 + (number % 60_000), bytes);
  };
  flood(0, 100_000);
  const before = process.memoryUsage().arrayBuffers;
  flood(100_000, 1_000_000);
  const growth = process.memoryUsage().arrayBuffers - before;
  t.diagnostic(`grown by ${growth} bytes`);
  assert.ok(growth < 1 << 20, `grown by ${growth} bytes`);
  assert.equal(server.status().refused.unregistered, 1_000_000);
});

function open(options: RendezvousOptions = {}) {
  const wire = new Wire();
  const stage = { clock: createVirtualClock(), random: seededRandom(3) };
  return { wire, server: new Rendezvous(stage, wire, options) };
}

function register(name: string): Uint8Array {
  return encode({ type: 'register', name });
}

/** A transport of numbers that a test speaks through. */
class Wire implements PackedTransport {
  readonly local = endpoint('192.0.2.1:39738');
  isBehind = false;
  #receiver: PackedReceiver | undefined;
  readonly #from = packedEndpoint();
  #sent: Uint8Array[] = [];

  /** The types of what comes back in protocol 1. */
  ask(from: typeof ALICE, bytes: Uint8Array): string[] {
    return this.#answers(from, bytes).map((answer) => {
      const message = decode(answer);
      return typeof message === 'string' ? message : message.type;
    });
  }

  /** What comes back, as the sockets of other tests hold it. */
  puppet(from: typeof ALICE, bytes: Uint8Array) {
    return { received: this.#answers(from, bytes).map((bytes) => ({ from: this.local, bytes })) };
  }

  say(address: number, port: number, bytes: Uint8Array): void {
    Object.assign(this.#from, { word0: 0, word1: 0, word2: 0xffff, word3: address, port });
    this.#receiver?.datagram(this.#from, bytes, bytes.length);
    this.#sent.length = 0;
  }

  send(): void {}

  sendPacked(to: ReturnType<typeof packedEndpoint>, bytes: Uint8Array, length: number): void {
    assert.ok(unpack(to).port > 0);
    this.#sent.push(bytes.slice(0, length));
  }

  listen(): void {}

  listenPacked(receiver: PackedReceiver): void {
    this.#receiver = receiver;
  }

  async close(): Promise<void> {}

  #answers(from: typeof ALICE, bytes: Uint8Array): Uint8Array[] {
    this.#sent = [];
    pack(from, this.#from);
    // In a buffer that holds more than the datagram, as those of a transport do.
    const buffer = new Uint8Array(2048).fill(0xee);
    buffer.set(bytes);
    this.#receiver?.datagram(this.#from, buffer, bytes.length);
    return this.#sent;
  }
}
