import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importsOf } from '../charts/purity.ts';

/** What finds faults: files of tests, which all have to pass on the code as it is. */
export type Killer = { readonly name: string; readonly files: readonly string[] };

/** The cheapest first. */
export const killers: readonly Killer[] = [
  {
    // Every situation of every chart.
    name: 'walk',
    files: filesIn('charts', ['invariants', 'invariants-with-keys', 'endings']),
  },
  {
    // How charts, bytes, tables, keys and hosts behave, in sentences, with fast-check where there is too much to name.
    name: 'property',
    files: [
      ...filesIn('charts', ['ladders', 'ladders-with-keys']),
      ...filesIn('machines', [
        'timing',
        'endpoint',
        'wire',
        'wire-properties',
        'amplification',
        'envelope',
        'automaton',
      ]),
      ...filesIn('runtime', ['directory', 'admission', 'feed', 'counters', 'tables', 'sessions']),
      ...filesIn('runtime', ['rendezvous', 'pressure', 'registration']),
      ...filesIn('secrecy', ['cookies', 'keys', 'noise', 'seal']),
      ...filesIn('sealed', ['candidates', 'frames', 'lines', 'paths', 'service', 'introductions']),
      ...filesIn('sealed', ['registering', 'calls']),
      ...filesIn('identity', ['trust', 'accept-list', 'leases/leases']),
    ],
  },
  {
    // Every state of worlds of protocol 2, with somebody who meddles.
    name: 'walk',
    files: ['test/mutants/sealed-worlds.ts'],
  },
  {
    // Whole runs in virtual time, held to the oracle and to what must be true of every run.
    name: 'simulator',
    files: filesIn('simulation', ['promises']),
  },
  {
    // How two clients and a server behave that talk to each other.
    name: 'property',
    files: [
      ...filesIn('runtime', ['introducing', 'punching', 'holding', 'strangers', 'connecting', 'closing']),
      ...filesIn('runtime', ['abort', 'library', 'hops', 'forgetting']),
      ...filesIn('sealed', ['roaming', 'connecting', 'introducing-anew']),
    ],
  },
  {
    // What becomes of files that many processes use at once.
    name: 'property',
    files: filesIn('identity', ['key-file', 'known-keys']),
  },
  {
    // Every state of worlds of protocol 1: two clients, a server and what is between them.
    name: 'walk',
    files: ['test/mutants/worlds.ts'],
  },
];

/**
 * The tests that can see a fault in this file, because they run it; the nearest first, which run the fewest other
 * files.
 */
export function filesFacing(killer: Killer, file: string, root: string): readonly string[] {
  return killer.files
    .map((test) => ({ test, reach: reachOf(test, root) }))
    .filter(({ reach }) => reach.has(file))
    .sort((one, other) => one.reach.size - other.reach.size)
    .map(({ test }) => test);
}

/** The files that a file runs: itself, what it imports, and so on. */
function reachOf(file: string, root: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(file) || !existsSync(join(root, file))) return reached;
  reached.add(file);
  const source = readFileSync(join(root, file), 'utf8').replace(typeImports, '');
  for (const specifier of importsOf(source))
    if (specifier.startsWith('.')) reachOf(join(dirname(file), specifier), root, reached);
  return reached;
}

const typeImports = /^\s*(import|export) type [^;]*;/gm;

function filesIn(folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `test/${folder}/${name}.test.ts`);
}
