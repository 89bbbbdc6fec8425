import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { decode, encode, type Message } from '../../machines/wire.ts';
import type { Random } from '../../runtime/ambient.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { endpoint } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { collectGarbage } from './garbage.ts';
import { ALICE, BOB, SERVER, settled } from './scene.ts';

const DATAGRAMS = 500_000;
const SEED = 20_260_105;
/** Datagrams between which no time passes. */
const PORTION = 500;
const CLIENTS_MAX = 500;
const HEAP_GROWTH_BYTES_MAX = 2 << 20;

test(`a server lives through ${DATAGRAMS} random, mutated and truncated datagrams and counts each once`, async (t) => {
  const { clock, random, transport, feed } = laboratory(SERVER, 1);
  const server = new Rendezvous({ clock, random }, transport, {
    maxClients: CLIENTS_MAX,
    admission: { perSecond: 1e9, burst: 1e9 },
  });
  const sources = Array.from({ length: 2000 }, (_, index) => ({
    address: `198.51.${index % 250}.${index % 7}`,
    port: 1000 + (index % 300),
  }));
  const growth = await inHalves(async (datagrams) => {
    await feed(datagrams, () => pick(random, sources));
    assert.ok(server.status().clients <= CLIENTS_MAX);
  });
  const { received, sent, registrations, introductions, refused, malformed } = server.status();
  assert.equal(received, DATAGRAMS);
  // A datagram is malformed, refused, a registration, or a request, which is answered with two introductions or a no.
  const { full = 0, nameTaken = 0, unregistered = 0 } = refused;
  const disappointments = sent - registrations - 2 * introductions - full - nameTaken - unregistered;
  assert.ok(disappointments > 0 && introductions > 0 && registrations > 0);
  assert.equal(total(refused) + total(malformed) + registrations + introductions + disappointments, received);
  for (const reason of ['full', 'nameTaken', 'unregistered', 'notForServers'])
    assert.ok((refused[reason] ?? 0) > 0, reason);
  assert.equal(Object.keys(malformed).length, 9);
  t.diagnostic(`seed ${SEED}, heap grew by ${growth} bytes in the second half`);
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `heap grew by ${growth} bytes`);
});

test(`a client lives through ${DATAGRAMS} random, mutated and truncated datagrams and counts each once`, async (t) => {
  const { clock, random, transport, feed, counted } = laboratory(ALICE, 0.2);
  const host = new PeerHost({ clock, random }, { name: 'alice', server: SERVER });
  host.opened(transport, endpoint(SERVER));
  void readAll(host.links);
  const sources = [SERVER, BOB, '198.51.100.99:9', '198.51.100.98:9', '[2001:db8::9]:9'].map(endpoint);
  const growth = await inHalves((datagrams) => feed(datagrams, () => pick(random, sources)));
  const { received, ignored, malformed } = host.status();
  assert.equal(received, DATAGRAMS);
  assert.deepEqual(malformed, counted.malformed);
  assert.equal(Object.keys(malformed).length, 9);
  assert.equal(ignored.notForClients, counted.of('register') + counted.of('holePunchRequest'));
  const fromOthers = ['registerAck', 'holePunchResponseUnknown', 'holePunchInitiate'] as const;
  assert.equal(
    ignored.notFromServer,
    fromOthers.reduce((sum, type) => sum + counted.of(type) - counted.of(type, SERVER), 0),
  );
  const strange = counted.of('message') - counted.of('message', BOB);
  assert.ok((ignored.stranger ?? 0) >= strange, 'nobody was introduced at the other addresses');
  t.diagnostic(`seed ${SEED}, heap grew by ${growth} bytes in the second half`);
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `heap grew by ${growth} bytes`);
});

/** One host, alone with what a test feeds it, at a pace. */
function laboratory(where: string, msPerDatagram: number) {
  const clock = createVirtualClock();
  const random = seededRandom(SEED);
  let receiver: Receiver | undefined;
  const transport: Transport = {
    local: endpoint(where),
    send: () => {},
    listen: (listener) => {
      receiver = listener;
    },
    close: async () => {},
  };
  const counted = new Tally();
  const make = datagrams(random);
  const feed = async (count: number, from: () => Endpoint) => {
    for (let number = 0; number < count; number += 1) {
      const bytes = make();
      const source = from();
      counted.count(source, decode(bytes));
      receiver?.datagram(source, bytes);
      if (number % PORTION !== 0) continue;
      clock.advance(PORTION * msPerDatagram);
      await settled();
    }
  };
  return { clock, random, transport, feed, counted };
}

/** What was fed, by an independent count. */
class Tally {
  readonly malformed: Record<string, number> = {};
  readonly #messages: Record<string, number> = {};

  count(from: Endpoint, decoded: Message | string): void {
    if (typeof decoded === 'string') return this.#add(this.malformed, decoded);
    this.#add(this.#messages, decoded.type);
    this.#add(this.#messages, `${decoded.type} ${formatEndpoint(from)}`);
  }

  of(type: Message['type'], from?: string): number {
    return this.#messages[from === undefined ? type : `${type} ${from}`] ?? 0;
  }

  #add(counts: Record<string, number>, key: string): void {
    counts[key] = (counts[key] ?? 0) + 1;
  }
}

/** Makes a sixth random bytes, and of messages a third whole, a third cut short and a third changed in a few bytes. */
function datagrams(random: Random): () => Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const names = Array.from({ length: 1500 }, (_, number) => `client ${number}`);
  const templates: (() => Message)[] = [
    () => ({ type: 'message', text: pick(random, ['', 'hi', 'Hello from client 7', '🦊'.repeat(9)]) }),
    () => ({ type: 'register', name: pick(random, names) }),
    () => ({ type: 'registerAck' }),
    () => ({ type: 'holePunchRequest', name: pick(random, names) }),
    () => ({ type: 'holePunchResponseUnknown' }),
    () => ({
      type: 'holePunchInitiate',
      name: pick(random, names),
      remote:
        below(4) === 0 ? endpoint(BOB) : { address: `203.0.113.${1 + below(19)}`, port: 1 + below(60_000) },
    }),
  ];
  return () => {
    if (below(6) === 0) return Uint8Array.from({ length: below(140) }, () => below(256));
    const bytes = encode(pick(random, templates)());
    switch (below(3)) {
      case 0:
        return bytes;
      case 1:
        return bytes.subarray(0, below(bytes.length));
      default:
        for (let change = below(4); change >= 0; change -= 1) bytes[below(bytes.length)] = below(256);
        return below(20) === 0 ? Uint8Array.of(...bytes, below(256)) : bytes;
    }
  };
}

/** How much the heap grew in the second half, in bytes: the first half fills what is allowed to be filled. */
async function inHalves(run: (count: number) => Promise<void>): Promise<number> {
  await run(DATAGRAMS / 2);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  await run(DATAGRAMS / 2);
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}

async function readAll(feed: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of feed);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
