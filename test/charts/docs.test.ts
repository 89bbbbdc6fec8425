import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documents, drawings, regenerate, sectionsIn } from './generated-sections.ts';

const top = new URL('../../', import.meta.url);

for (const [path, sections] of Object.entries(documents)) {
  test(`${path} shows the drawings of the charts (if not: npm run docs)`, () => {
    const markdown = readFileSync(new URL(path, top), 'utf8');
    assert.deepEqual([...sectionsIn(markdown)].sort(), [...sections].sort());
    assert(markdown === regenerate(markdown, path), `${path} is stale`);
  });
}

test('the drawings in machines/diagrams are those of the charts, and there are no others (if not: npm run docs)', async () => {
  const expected = await drawings();
  const there = readdirSync(new URL('machines/diagrams', top)).map((name) => `machines/diagrams/${name}`);
  assert.deepEqual(there.sort(), [...expected.keys()].sort());
  for (const [path, drawing] of expected) {
    assert(readFileSync(new URL(path, top), 'utf8') === drawing, `${path} is stale`);
  }
});

test('only what is between the markers is written anew, and a second time changes nothing', () => {
  const stale = 'before\n<!-- generated: diagram link -->\nof yesterday\n<!-- end generated -->\nafter\n';
  const fresh = regenerate(stale, 'machines/PROTOCOL.md');
  assert.match(fresh, /^before\n<!-- generated: diagram link -->\n<picture>\n/);
  assert.match(fresh, /\n<\/picture>\n<!-- end generated -->\nafter\n$/);
  assert(!fresh.includes('of yesterday'));
  assert.equal(regenerate(fresh, 'machines/PROTOCOL.md'), fresh);
});

test('a document shows a drawing by the way to it from where the document is', () => {
  const section = '<!-- generated: diagram link -->\n<!-- end generated -->';
  assert.match(regenerate(section, 'README.md'), / src="machines\/diagrams\/link-light\.svg"/);
  assert.match(regenerate(section, 'machines/PROTOCOL.md'), / srcset="diagrams\/link-dark\.svg"/);
});

test('a section of an unknown name is an error', () => {
  assert.throws(() => regenerate('<!-- generated: poem -->\n<!-- end generated -->', 'README.md'), /"poem"/);
});
