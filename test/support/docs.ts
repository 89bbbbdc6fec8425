/** Writes the drawings and the generated sections of the documents anew: `npm run docs`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { documents, drawings, regenerate } from '../charts/generated-sections.ts';

for (const path of Object.keys(documents)) update(path, regenerate(readFileSync(fileAt(path), 'utf8'), path));
for (const [path, drawing] of await drawings()) update(path, drawing);

function update(path: string, content: string): void {
  const file = fileAt(path);
  const isUpToDate = existsSync(file) && readFileSync(file, 'utf8') === content;
  if (!isUpToDate) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  }
  process.stdout.write(`${path} ${isUpToDate ? 'is up to date' : 'is written anew'}\n`);
}

function fileAt(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}
