import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../../machines/endpoint.ts';
import { Directory } from '../../runtime/directory.ts';
import { endpoint } from '../support/memory-network.ts';

const SEED = 20_260_104;

describe('the directory', () => {
  test('finds a session by its name and by its endpoint', () => {
    const directory = new Directory<string>(10);
    directory.enter('alice', endpoint('192.0.2.1:1'), 'session');
    assert.equal(directory.named('alice'), 'session');
    assert.equal(directory.at(endpoint('192.0.2.1:1')), 'session');
    assert.equal(directory.named('bob'), undefined);
    assert.equal(directory.at(endpoint('192.0.2.1:2')), undefined);
  });

  test('takes any name for what it is', () => {
    const directory = new Directory<number>(10);
    const names = ['__proto__', 'constructor', 'toString', '192.0.2.1:1', 'undefined'];
    for (const [index, name] of names.entries()) directory.enter(name, at(index), index);
    for (const [index, name] of names.entries()) assert.equal(directory.named(name), index);
    assert.equal(directory.size, names.length);
  });

  test('is full at its capacity, and has room again when a session goes', () => {
    const directory = new Directory<number>(2);
    directory.enter('a', at(1), 1);
    assert.ok(!directory.isFull);
    directory.enter('b', at(2), 2);
    assert.ok(directory.isFull);
    directory.remove('a');
    assert.ok(!directory.isFull);
  });

  test('can be walked while sessions go', () => {
    const directory = new Directory<string>(10);
    for (const [index, name] of ['a', 'b', 'c'].entries()) directory.enter(name, at(index), name);
    for (const name of directory) directory.remove(name);
    assert.equal(directory.size, 0);
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
      const capacity = 6;
      const directory = new Directory<number>(capacity);
      const list: Entry[] = [];
      for (const [index, move] of walk.entries()) {
        apply(directory, list, move, index);
        agree(directory, list);
        assert.ok(directory.size <= capacity);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

/** Keeps to what the directory asks of its caller: names and endpoints that are free, and room. */
function apply(directory: Directory<number>, list: Entry[], move: Move, index: number): void {
  const known = list.find(({ name }) => name === move.name);
  if (move.type === 'remove') {
    directory.remove(move.name);
    if (known !== undefined) list.splice(list.indexOf(known), 1);
    return;
  }
  const holder = list.find(({ port }) => port === move.port);
  if (move.type === 'move' && known !== undefined && (holder === undefined || holder === known)) {
    directory.move(move.name, at(move.port));
    known.port = move.port;
  } else if (move.type === 'enter' && known === undefined && holder === undefined && !directory.isFull) {
    directory.enter(move.name, at(move.port), index);
    list.push({ name: move.name, port: move.port, session: index });
  }
}

function agree(directory: Directory<number>, list: readonly Entry[]): void {
  assert.equal(directory.size, list.length);
  assert.equal(directory.isFull, list.length >= directory.capacity);
  assert.deepEqual([...directory].sort(), list.map(({ session }) => session).sort());
  for (const name of names) {
    assert.equal(directory.named(name), list.find((entry) => entry.name === name)?.session);
  }
  for (const port of ports) {
    assert.equal(directory.at(at(port)), list.find((entry) => entry.port === port)?.session);
  }
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
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
