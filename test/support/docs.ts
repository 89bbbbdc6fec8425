/** Writes the generated sections of the documents anew: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { documents, regenerate } from '../charts/generated-sections.ts';

for (const path of Object.keys(documents)) {
  const document = new URL(`../../${path}`, import.meta.url);
  const before = readFileSync(document, 'utf8');
  const after = regenerate(before);
  if (after !== before) writeFileSync(document, after);
  process.stdout.write(`${path} ${after === before ? 'is up to date' : 'is written anew'}\n`);
}
