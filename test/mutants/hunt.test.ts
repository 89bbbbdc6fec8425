import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { hunt } from './hunt.ts';
import { inCharts } from './in-charts.ts';
import { inChartsWithKeys } from './in-charts-with-keys.ts';
import { inHosts } from './in-hosts.ts';
import { inHostsWithKeys } from './in-hosts-with-keys.ts';
import { inSecrecy } from './in-secrecy.ts';
import { filesFacing } from './killers.ts';
import { type Mutant, plant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { jsonLine, summaryOf, tableOf } from './telling.ts';

const wrong: Mutant = {
  fault: 'Twice is thrice',
  file: 'src/twice.ts',
  text: 'n * 2',
  becomes: 'n * 3',
};
const unseen: Mutant = { ...wrong, fault: 'The note is another', text: "'a note'", becomes: "'no note'" };

const killers = [
  { name: 'far', files: ['test/note.ts'] },
  { name: 'near', files: ['test/twice.ts'] },
];

describe('a mutant', () => {
  test('has one text of its source replaced', () => {
    assert.equal(plant(wrong, '(n) => n * 2'), '(n) => n * 3');
  });

  test('no longer applies if its text is gone, or is there more than once', () => {
    assert.throws(() => plant(wrong, '(n) => n + n'), /"Twice is thrice" no longer applies: .* not in src/);
    assert.throws(() => plant(wrong, 'n * 2 + n * 2'), /no longer applies: its text is 2 times in src/);
  });

  test('that no longer applies ends the hunt before it begins', async (t) => {
    const root = project(t);
    const gone = { ...wrong, text: 'n / 2' };
    await assert.rejects(hunt({ root, mutants: [wrong, gone], killers }), /no longer applies/);
  });
});

describe('a hunt', () => {
  test('tells of each mutant what found it, or that nothing did, and leaves the project as it was', async (t) => {
    const root = project(t);
    const told: string[] = [];
    const outcomes = await hunt({
      ...{ root, killers, mutants: [wrong, unseen] },
      progress: ({ mutant }) => told.push(mutant.fault),
    });
    assert.deepEqual(
      outcomes.map(({ mutant, killedBy }) => [mutant.fault, killedBy]),
      [
        [
          'Twice is thrice',
          {
            killer: 'near',
            finding: 'numbers, are doubled: Expected values to be strictly equal: 21 !== 14',
          },
        ],
        ['The note is another', undefined],
      ],
    );
    assert.deepEqual(told.toSorted(), ['The note is another', 'Twice is thrice']);
    assert.match(readFileSync(join(root, wrong.file), 'utf8'), /n \* 2/);
    assert.match(
      summaryOf(outcomes, 1000),
      /^1 of 2 mutants killed in 1.0 s: 1 by near\nSURVIVED: "The note/,
    );
    assert.match(tableOf(outcomes)[2] ?? '', /^The note is another {2}src\/twice.ts {2}SURVIVED/);
    assert.equal(JSON.parse(jsonLine(outcomes[0] ?? assert.fail())).killer, 'near');
  });

  test('is off if a killer finds something in the project as it is', async (t) => {
    const root = project(t);
    writeFileSync(join(root, wrong.file), moduleOf('n + 2'));
    const added = { ...wrong, text: 'n + 2' };
    await assert.rejects(
      hunt({ root, mutants: [added], killers }),
      /"near" fails without a mutant: numbers, are doubled/,
    );
  });

  test('counts a program that cannot even be loaded as found', async (t) => {
    const broken = { ...wrong, becomes: 'n *' };
    const [outcome] = await hunt({ root: project(t), mutants: [broken], killers });
    assert.match(outcome?.killedBy?.finding ?? '', /^test\/twice\.ts can be loaded: /);
  });
});

test('a killer faces a mutant with the tests that run its file only, the nearest first', (t) => {
  const root = project(t);
  const all = { name: 'all', files: ['test/both.ts', ...killers.flatMap(({ files }) => files)] };
  assert.deepEqual(filesFacing(all, wrong.file, root), ['test/twice.ts', 'test/both.ts']);
});

test('there are at least 50 mutants, in charts and in what carries them, each with a name of its own', () => {
  const inMachines = mutants.filter(({ file }) => file.startsWith('machines/')).length;
  assert.ok(inMachines >= 25 && mutants.length - inMachines >= 25);
  assert.equal(new Set(mutants.map(({ fault }) => fault)).size, mutants.length);
});

test('both protocols have their mutants', () => {
  assert.ok(inCharts.length + inHosts.length >= 30);
  assert.ok(inChartsWithKeys.length >= 10 && inHostsWithKeys.length + inSecrecy.length >= 10);
});

/** A project of one module and its tests, gone after the test. */
function project(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'punch-mutants-test-'));
  t.after(() => rmSync(root, { recursive: true }));
  const files = {
    'package.json': '{ "type": "module" }',
    'src/twice.ts': moduleOf('n * 2'),
    'test/note.ts': `
      import { test } from 'node:test';
      import type { note } from '../src/twice.ts';
      test('nothing is wrong', () => {});`,
    'test/twice.ts': `
      import assert from 'node:assert/strict';
      import { describe, test } from 'node:test';
      import { twice } from '../src/twice.ts';
      describe('numbers', () => test('are doubled', () => assert.equal(twice(7), 14)));`,
    'test/both.ts': `import './note.ts'; import './twice.ts';`,
  };
  for (const folder of ['src', 'test']) mkdirSync(join(root, folder));
  for (const [path, source] of Object.entries(files)) writeFileSync(join(root, path), source);
  return root;
}

function moduleOf(expression: string): string {
  return `export const note = 'a note';\nexport const twice = (n: number): number => ${expression};\n`;
}
