/** Prints what finds each planted fault. `npm run mutants -- <text>` takes those that have the text in their names. */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hunt } from './hunt.ts';
import { killers } from './killers.ts';
import { mutants } from './mutants.ts';
import { jsonLine, progressLine, summaryOf, tableOf } from './telling.ts';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const chosen = mutants.filter(({ fault }) => positionals.every((text) => fault.includes(text)));
if (chosen.length === 0) throw new Error(`No mutant is called "${positionals.join(' ')}".`);

const startedAt = performance.now();
let count = 0;
const outcomes = await hunt({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  mutants: chosen,
  killers,
  progress: (outcome) => {
    count += 1;
    print(values.json ? jsonLine(outcome) : progressLine(outcome, count, chosen.length));
  },
});
if (!values.json) for (const line of ['', ...tableOf(outcomes), '']) print(line);
if (!values.json) print(summaryOf(outcomes, performance.now() - startedAt));
process.exitCode = outcomes.every(({ killedBy }) => killedBy !== undefined) ? 0 : 1;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
