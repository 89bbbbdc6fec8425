import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ambientRules, breaches, importsOf, machineRules, strangeImports } from './purity.ts';

const LINES_MAX = 300;

/** Files in which time and chance may be, and why. */
const exempt: Readonly<Record<string, string>> = {
  'runtime/ambient.ts': 'it is where they come from',
};

/** What runs in a browser, where ours are not to be had: nothing else of runtime/ may import it, but for a text. */
const PAGE = 'runtime/inspect/page/';

test('machines/ imports xstate and itself, and nothing in it is beyond exploration', () => {
  const faults = filesIn('machines').flatMap(({ path, source }) => [
    ...strangeImports(source).map(
      (specifier) => `${path} imports ${specifier}, but a chart knows xstate and ./ only`,
    ),
    ...breaches(source, machineRules).map((breach) => `${path} ${breach}`),
  ]);
  assert.deepEqual(faults, []);
});

test('runtime/ and cli/ take time and chance from runtime/ambient.ts alone', () => {
  const faults = [...filesIn('runtime'), ...filesIn('cli')]
    .filter(({ path }) => !Object.hasOwn(exempt, path) && !path.startsWith(PAGE))
    .flatMap(({ path, source }) => [
      ...importsOf(source)
        .filter((specifier) => /^(node:)?(timers|perf_hooks)/.test(specifier))
        .map((specifier) => `${path} imports ${specifier}`),
      ...breaches(source, ambientRules).map((breach) => `${path} ${breach}`),
    ]);
  assert.deepEqual(faults, []);
});

test('the page imports types of the records and itself, and nothing of the program imports it', () => {
  const faults = filesIn('runtime').flatMap(({ path, source }) => {
    const isPage = path.startsWith(PAGE);
    const strange = importsOf(source).filter((specifier) =>
      isPage
        ? !/^\.\/[\w-]+\.ts$/.test(specifier) && specifier !== '../records.ts'
        : /\/page\/(?!stately-origin\.ts$)/.test(specifier),
    );
    return strange.map((specifier) => `${path} imports ${specifier}`);
  });
  assert.deepEqual(faults, []);
});

test(`no file has more than ${LINES_MAX} lines`, () => {
  const long = ['machines', 'runtime', 'cli']
    .flatMap(filesIn)
    .map(({ path, source }) => ({ path, lines: source.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX);
  assert.deepEqual(long, []);
});

test('each thing that a chart may not say is caught', () => {
  const forbidden = [
    'const at = Date.now();',
    'new Date();',
    'const at = performance.now();',
    'hrtime();',
    'const chance = Math.random();',
    'crypto.getRandomValues(bytes);',
    'setTimeout(run, 5);',
    'setInterval(run, 5);',
    'setImmediate(run);',
    'queueMicrotask(run);',
    'if (process.env.DEBUG) stop();',
    'console.log(1);',
    'fetch(url);',
    'require(name);',
    'globalThis.name;',
    'await import(name);',
    'assign({ child: ({ spawn }) => spawn(logic) });',
    'spawnChild(logic);',
    'const state = { invoke: { src } };',
    'sendTo(other, event);',
    'sendParent(event);',
    'forwardTo(other);',
    'const actions = raise ({ type }, { delay: 5 });',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a text to be checked
    'const text = `it is ${Date.now()}`;',
  ];
  for (const code of forbidden)
    assert.equal(breaches(`/* fine */ run();\n${code}\n`, machineRules).length, 1, code);
  assert.equal(new Set(forbidden.flatMap((code) => breaches(code, machineRules))).size, machineRules.length);
});

test('each import that a chart may not have is caught', () => {
  for (const code of [
    "import { lookup } from 'node:dns';",
    "import type { Transport } from '../runtime/transport.ts';",
    "import './../runtime/udp.ts';",
    "export * from 'mnemonist';",
    "const graph = await import('xstate/graph');",
  ]) {
    assert.equal(strangeImports(code).length, 1, code);
  }
});

test('each way round the ambient clock is caught', () => {
  for (const code of [
    'Date.now()',
    'new Date()',
    'Date()',
    'performance.now()',
    'Math.random()',
    'setTimeout(run, 5)',
    'setInterval (run, 5)',
    'setImmediate(run)',
    'globalThis.setTimeout(run, 5)',
    'process.hrtime.bigint()',
  ]) {
    assert(breaches(`run(${code});`, ambientRules).length > 0, code);
  }
});

test('comments, quoted texts, longer words, and timers of the ambient clock are allowed', () => {
  const allowed = `
    /** In the process, a Date. */ // setTimeout(run, 5)
    import { assign } from 'xstate';
    import { rung } from './timing.ts';
    const update = 'it\\'s in process'; const processed = "new Date()"; const candidate = update;
  `;
  assert.deepEqual([...breaches(allowed, machineRules), ...strangeImports(allowed)], []);
  assert.deepEqual(
    breaches('clock.setTimeout(run, 5); AbortSignal.timeout(5); // Date.now()', ambientRules),
    [],
  );
});

function filesIn(folder: string): readonly { readonly path: string; readonly source: string }[] {
  const root = new URL('../../', import.meta.url);
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .map((path) => ({ path, source: readFileSync(new URL(path, root), 'utf8') }));
}
