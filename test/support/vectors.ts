/** Writes the test vectors of protocol 2 anew: `npm run vectors`. */
import { writeFileSync } from 'node:fs';
import { generate, vectorsFile } from '../sealed/vectors.ts';

const vectors = await generate();
writeFileSync(vectorsFile, `${JSON.stringify(vectors, null, 2)}\n`);
process.stdout.write(`${vectors.datagrams.length} datagrams are written\n`);
