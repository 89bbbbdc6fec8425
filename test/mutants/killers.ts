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
    files: ['test/charts/invariants.test.ts', 'test/charts/endings.test.ts'],
  },
  {
    // Whole runs in virtual time, held to the oracle and to what must be true of every run.
    name: 'simulator',
    files: ['test/simulation/promises.test.ts'],
  },
  {
    // Every state of worlds of two clients, a server and what is between them.
    name: 'walk',
    files: ['test/mutants/worlds.ts'],
  },
  {
    // How charts and hosts behave, in sentences, with fast-check where there is too much to name.
    name: 'property',
    files: [
      ...['ladders'].map((name) => `test/charts/${name}.test.ts`),
      ...['timing', 'endpoint', 'wire', 'wire-properties'].map((name) => `test/machines/${name}.test.ts`),
      ...['directory', 'admission', 'feed', 'counters', 'rendezvous', 'registration'].map(runtimeTest),
      ...['introducing', 'punching', 'holding', 'strangers', 'connecting', 'closing'].map(runtimeTest),
      ...['abort', 'library', 'udp', 'hops', 'forgetting'].map(runtimeTest),
    ],
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

function runtimeTest(name: string): string {
  return `test/runtime/${name}.test.ts`;
}
