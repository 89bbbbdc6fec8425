import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Program } from './program.ts';

const readme = readFileSync('README.md', 'utf8');
const example = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, code]) => code ?? '')
  .find((code) => code.includes("from 'udp-hole-punch'"));

const folder = mkdtempSync(join(tmpdir(), 'punch-readme-'));
after(() => rmSync(folder, { recursive: true }));

describe('the example in the README', () => {
  it('has at most ten lines of code', () => {
    const lines = (example ?? '').split('\n').filter((line) => line.trim() !== '');
    assert.ok(lines.length > 0, 'there is one');
    assert.ok(lines.length <= 10, `${lines.length} lines`);
  });

  it('runs, ends, and prints what the README says', async () => {
    const [, promised = ''] = /It prints `([^`]+)`/.exec(readme) ?? [];
    assert.match(promised, /hello/);
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(process.cwd(), join(folder, 'node_modules', 'udp-hole-punch'));
    writeFileSync(join(folder, 'example.mjs'), example ?? '');
    const program = new Program([process.execPath, 'example.mjs'], { folder });
    await program.endsWith(0);
    assert.equal(program.output, `${promised}\n`);
    assert.equal(program.errors, '');
  });
});
