import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documents, regenerate, sectionsIn } from './generated-sections.ts';

for (const [path, sections] of Object.entries(documents)) {
  test(`the diagrams in ${path} are those of the charts (if not: npm run docs)`, () => {
    const markdown = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    assert.deepEqual([...sectionsIn(markdown)].sort(), [...sections].sort());
    assert(markdown === regenerate(markdown), `${path} is stale`);
  });
}

test('only what is between the markers is written anew, and a second time changes nothing', () => {
  const stale = 'before\n<!-- generated: diagram link -->\nof yesterday\n<!-- end generated -->\nafter\n';
  const fresh = regenerate(stale);
  assert.match(fresh, /^before\n<!-- generated: diagram link -->\n```mermaid\nstateDiagram-v2\n/);
  assert.match(fresh, /\n```\n<!-- end generated -->\nafter\n$/);
  assert(!fresh.includes('of yesterday'));
  assert.equal(regenerate(fresh), fresh);
});

test('a section of an unknown name is an error', () => {
  assert.throws(() => regenerate('<!-- generated: poem -->\n<!-- end generated -->'), /"poem"/);
});
