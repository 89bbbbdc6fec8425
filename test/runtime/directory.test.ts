import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../../machines/endpoint.ts';
import { Directory } from '../../runtime/directory.ts';
import { pack, packedEndpoint } from '../../runtime/packed-endpoint.ts';
import { sessionTable } from '../../runtime/sessions/session-table.ts';
import { Sessions } from '../../runtime/sessions/sessions.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { Names } from '../../runtime/tables/names.ts';
import { NONE } from '../../runtime/tables/records.ts';
import { SeededHash } from '../../runtime/tables/seeded-hash.ts';
import type { PackedEndpoint } from '../../runtime/transport.ts';
import { endpoint } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const SEED = 20_260_104;

describe('the directory', () => {
  test('finds a session by its name and by its endpoint', () => {
    const book = new Book();
    const alice = book.enter('alice', endpoint('192.0.2.1:1'));
    assert.equal(book.named('alice'), alice);
    assert.equal(book.at(endpoint('192.0.2.1:1')), alice);
    assert.equal(book.named('bob'), NONE);
    assert.equal(book.at(endpoint('192.0.2.1:2')), NONE);
  });

  test('takes any name for what it is', () => {
    const book = new Book();
    const names = [
      '__proto__',
      'constructor',
      'a',
      'aa',
      'a'.repeat(16),
      'a'.repeat(17),
      'a'.repeat(63),
      'ä',
      '\u{1f600}',
    ];
    const slots = names.map((name, index) => book.enter(name, at(index + 1)));
    for (const [index, name] of names.entries()) assert.equal(book.named(name), slots[index]);
    assert.equal(new Set(slots).size, names.length);
  });

  test('tells endpoints apart that differ in one bit of their address or port', () => {
    const book = new Book();
    const base = endpoint('[2001:db8::1]:1024');
    const slot = book.enter('alice', base);
    const packed = packedOf(base);
    for (const field of ['word0', 'word1', 'word2', 'word3', 'port'] as const)
      for (let bit = 0; bit < 16; bit += 1)
        assert.equal(book.directory.at({ ...packed, [field]: (packed[field] ^ (1 << bit)) >>> 0 }), NONE);
    assert.equal(book.directory.at(packed), slot);
  });
});

/** The plainest directory: a list that is searched from end to end. */
type Entry = { readonly name: string; port: number; readonly session: number };

type Move =
  | { readonly type: 'enter' | 'move'; readonly name: string; readonly port: number }
  | { readonly type: 'remove'; readonly name: string };

test('after any moves it holds what a plain list holds, each name and endpoint once', () => {
  fc.assert(
    fc.property(fc.array(moves(), { maxLength: 200 }), (walk) => {
      const book = new Book();
      const list: Entry[] = [];
      for (const move of walk) {
        apply(book, list, move);
        agree(book, list);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

/** Keeps to what the directory asks of its caller: names and endpoints that are free. */
function apply(book: Book, list: Entry[], move: Move): void {
  const known = list.find(({ name }) => name === move.name);
  if (move.type === 'remove') {
    if (known === undefined) return;
    book.remove(known.session);
    list.splice(list.indexOf(known), 1);
    return;
  }
  const holder = list.find(({ port }) => port === move.port);
  if (holder !== undefined) return;
  if (move.type === 'move' && known !== undefined) {
    book.move(known.session, at(move.port));
    known.port = move.port;
  } else if (move.type === 'enter' && known === undefined) {
    list.push({ name: move.name, port: move.port, session: book.enter(move.name, at(move.port)) });
  }
}

function agree(book: Book, list: readonly Entry[]): void {
  for (const name of names)
    assert.equal(book.named(name), list.find((entry) => entry.name === name)?.session ?? NONE);
  for (const port of ports)
    assert.equal(book.at(at(port)), list.find((entry) => entry.port === port)?.session ?? NONE);
}

/** A directory, and the sessions that are in it. */
class Book {
  readonly directory: Directory;
  readonly #names = new Names();
  readonly #sessions: Sessions;

  constructor() {
    const stage = { clock: createVirtualClock(), random: () => 0 };
    this.#sessions = new Sessions(stage, {
      ...{ protocol: 1, ttlMs: 1000, names: this.#names },
      actions: {
        reportMoved: (slot) => this.directory.move(slot, this.#sessions.from),
        reportEnded: (slot) => this.directory.remove(slot),
      },
    });
    this.directory = new Directory(this.#sessions, new SeededHash(seededRandom(SEED)));
  }

  named(name: string): number {
    this.#names.seekText(name);
    return this.directory.named();
  }

  at(endpoint: Endpoint): number {
    return this.directory.at(packedOf(endpoint));
  }

  enter(name: string, endpoint: Endpoint): number {
    this.#names.seekText(name);
    this.#sessions.from = packedOf(endpoint);
    const slot = this.#sessions.begin();
    this.directory.enter(slot);
    return slot;
  }

  move(slot: number, to: Endpoint): void {
    this.#sessions.from = packedOf(to);
    this.#sessions.take(slot, sessionTable().event['datagram.register']);
  }

  remove(slot: number): void {
    this.#sessions.take(slot, sessionTable().event.replaced);
  }
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'a name of more than sixteen bytes'];
const ports = [1, 2, 3, 4, 5, 6, 7, 8];

function moves(): fc.Arbitrary<Move> {
  const name = fc.constantFrom(...names);
  const port = fc.constantFrom(...ports);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('enter' as const), name, port }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('move' as const), name, port }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), name }) },
  );
}

function at(port: number): Endpoint {
  return { address: '192.0.2.1', port };
}

function packedOf(endpoint: Endpoint): PackedEndpoint {
  const packed = packedEndpoint();
  pack(endpoint, packed);
  return packed;
}
