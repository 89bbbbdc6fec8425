import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, encodeEnvelope } from '../../machines/envelope.ts';
import { PROOF_PATIENCE_MS } from '../../machines/timing.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { ALICE, BOB, readNow, SERVER, settled } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import {
  Corpus,
  type Datagram,
  drain,
  HEAP_GROWTH_BYTES_MAX,
  heapGrowthIn,
  mutate,
  pick,
  SEED,
  total,
} from './fuzzing.ts';
import { larger, only, SealedScene, smaller } from './sealed-scene.ts';

const DATAGRAMS = 900_000;
/** Datagrams between two visits, and the virtual time that they take: a cookie outlives it. */
const ROUND = 15_000;
const PORTION = 100;
const MS_PER_PORTION = 80;
const HOSTS = [SERVER, ALICE, BOB] as const;
const VISITOR = '198.51.100.30:7000';
const visitorKeys = createKeyPair(seededEntropy(3));

/**
 * A server and two clients with a link, who go about their business under fire of those who have no keys. A visitor
 * comes and goes between the rounds, so that there are datagrams of all types whose keys and cookies are good.
 */
class City {
  readonly scene = new SealedScene({ seed: SEED, admission: { perSecond: 1e9, burst: 1e9 } });
  readonly random = seededRandom(SEED);
  readonly corpus = new Corpus(this.random);
  /** What was delivered to each host, by whomever. */
  readonly delivered = new Map<string, number>();
  /** What of that a host has to heed although nothing proves it. */
  readonly unproven = new Map<string, number>();
  /** What was sent to each host with keys behind it. */
  readonly proven = new Map<string, Set<string>>();
  /** The nonce and the session id that each client has used last. */
  readonly #own = new Map<string, string>();
  readonly alice;
  readonly bob;
  readonly link;
  readonly #sources: readonly Endpoint[];

  constructor() {
    const { network } = this.scene;
    const known = [...HOSTS, VISITOR];
    network.overhears = ({ from, to, fate }, bytes) => {
      const ends = [from, to].map(formatEndpoint) as [string, string];
      this.#learn(...ends, bytes);
      if (fate === 'carried') this.#note(from, ends[1], bytes);
      if (!ends.every((end) => known.includes(end))) return;
      this.corpus.add(`${bytes[0]} to the ${ends[1] === SERVER ? 'server' : 'client'}`, { from, to, bytes });
    };
    const trustServer = only(this.scene.serverKeys.publicKey);
    this.alice = this.scene.sealed('alice', ALICE, { keys: smaller, trustServer });
    this.bob = this.scene.sealed('bob', BOB, { keys: larger, trustServer });
    this.scene.advance(1000);
    this.link = this.alice.link('bob');
    this.scene.advance(1000);
    void drain(this.bob.links);
    const strangers = Array.from({ length: 30 }, (_, index) => `192.0.2.${100 + index}:${3000 + index}`);
    this.#sources = [...known, ...known, ...known, ...strangers, '[2001:db8::9]:9'].map(endpoint);
  }

  /** Says every kind of thing that there is to say. */
  async visit(): Promise<void> {
    const visitor = this.scene.sealed('visitor', VISITOR, { keys: visitorKeys });
    this.scene.advance(500);
    const link = visitor.link('bob');
    visitor.link('nobody');
    this.scene.advance(1500);
    assert.equal(link.state, 'connected');
    const said = link.send('hello');
    this.scene.advance(2000);
    await said;
    void visitor.close();
    this.scene.advance(100);
    await settled();
  }

  /** A round of fire. */
  async stand(): Promise<void> {
    const { network } = this.scene;
    network.withholds = () => this.random() < 0.1;
    for (let fed = 0; fed < ROUND; fed += PORTION) {
      for (let shot = 0; shot < PORTION; shot += 1) this.#fire();
      this.scene.advance(MS_PER_PORTION);
      await settled();
      network.log.length = 0;
    }
    network.withholds = () => false;
    this.scene.advance(PROOF_PATIENCE_MS + 3000);
    await settled();
  }

  #fire(): void {
    const { from, to, bytes } = this.#next();
    this.#note(from, formatEndpoint(to), bytes);
    this.scene.network.forge(from, to, bytes);
  }

  #next(): Datagram {
    const { random, corpus } = this;
    const original = corpus.pick();
    const from = random() < 0.7 ? original.from : pick(random, this.#sources);
    const to =
      random() < 0.8 && formatEndpoint(original.to) !== VISITOR ? original.to : endpoint(pick(random, HOSTS));
    // Nothing proves a Stale, so anybody can make one.
    const bytes =
      original.bytes[0] === 20 && random() < 0.05
        ? encodeEnvelope({ type: 'stale', session: original.bytes.slice(1, 9) })
        : mutate(random, original.bytes, corpus.pick().bytes);
    return { from, to, bytes };
  }

  /** What a host has sent tells what may be answered, and what is genuine. */
  #learn(from: string, to: string, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    assert.ok(typeof envelope !== 'string');
    if (envelope.type === 'knock') this.#own.set(`nonce of ${from}`, latin(envelope.nonce));
    if (envelope.type === 'sealed') this.#own.set(`session of ${from}`, latin(envelope.session));
    if (['registerAck', 'sealed', 'pair'].includes(envelope.type)) enter(this.proven, to, bytes);
  }

  #note(from: Endpoint, to: string, bytes: Uint8Array): void {
    add(this.delivered, to);
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') return;
    const isFromServer = formatEndpoint(from) === SERVER && to !== SERVER;
    const isHeeded =
      (envelope.type === 'knock' && to === SERVER) ||
      (envelope.type === 'challenge' && isFromServer && this.#isOwn(`nonce of ${to}`, envelope.nonce)) ||
      (envelope.type === 'stale' && isFromServer && this.#isOwn(`session of ${to}`, envelope.session));
    if (isHeeded) add(this.unproven, to);
  }

  #isOwn(what: string, bytes: Uint8Array): boolean {
    return this.#own.get(what) === latin(bytes);
  }
}

test(`a server and its clients live through ${DATAGRAMS} datagrams of strangers: replayed, changed, cut and mixed`, async (t) => {
  const city = new City();
  const { scene, alice, bob, link } = city;
  let fed = 0;
  const growth = await heapGrowthIn(async () => {
    for (let round = 0; round < DATAGRAMS / ROUND / 2; round += 1) {
      await city.visit();
      await city.stand();
      fed += ROUND;
      const states = [alice.state, bob.state, link.state, bob.link('alice').state];
      assert.deepEqual(states, ['registered', 'registered', 'connected', 'connected'], `after ${fed}`);
      assert.equal(alice.link('bob'), link);
      assert.equal(scene.server.status().clients, 2);
    }
  });
  assert.equal(fed, DATAGRAMS);
  for (const kind of KINDS) assert.ok(city.corpus.kinds.includes(kind), kind);
  t.diagnostic(`seed ${SEED}, heap grew by ${growth} bytes in the second half`);
  for (const [where, host] of [
    [SERVER, scene.server],
    [ALICE, alice],
    [BOB, bob],
  ] as const) {
    const status = host.status();
    const passedOver = 'refused' in status ? status.refused : status.ignored;
    assert.equal(status.received, city.delivered.get(where));
    const heeded = status.received - total(passedOver) - total(status.malformed);
    const unproven = city.unproven.get(where) ?? 0;
    // A Register that is repeated while its session is new is acknowledged again.
    const acknowledged = 'registrations' in status ? status.registrations : 0;
    const proven = city.proven.get(where)?.size ?? 0;
    t.diagnostic(
      `${where} received ${status.received}, heeded ${heeded}, of which ${unproven} need no proof`,
    );
    assert.ok(
      heeded - unproven - acknowledged <= proven,
      'nothing genuine is heeded twice, and nothing else at all',
    );
  }
  const refused = Object.keys(scene.server.status().refused);
  for (const reason of [
    'badCookie',
    'badHandshake',
    'forged',
    'notForServers',
    'repeated',
    'replayed',
    'stale',
  ]) {
    assert.ok(refused.includes(reason), reason);
  }
  const deliveries = [link.send('still here?'), bob.link('alice').send('yes')];
  scene.advance(5000);
  await Promise.all(deliveries);
  assert.deepEqual(await readNow(link.messages), ['yes']);
  assert.ok(growth < HEAP_GROWTH_BYTES_MAX, `heap grew by ${growth} bytes`);
});

/** By their first bytes. */
const KINDS = [
  ...['16 to the server', '17 to the client', '18 to the server', '19 to the client'],
  ...['20 to the client', '20 to the server', '21 to the client', '22 to the client'],
];

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function enter(sets: Map<string, Set<string>>, key: string, bytes: Uint8Array): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(latin(bytes)));
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
