import type { Figure } from './figures.ts';

export function showTable(figures: readonly Figure[], leftOut: Readonly<Record<string, string>>): void {
  const rows = figures.map(({ what, measured, reference, target, met }) => [
    what,
    measured,
    reference,
    target,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ]);
  const table = [['What', 'Measured', 'Reference, same run', 'Target', 'Met'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  for (const [name, reason] of Object.entries(leftOut)) console.log(`Left out: ${name}, because ${reason}`);
}

/** One line that is written over on a terminal; elsewhere, a line for each quarter of the work. */
export function showProgress(benchmark: string, what: string, done: number): void {
  const text = what === '' ? '' : `${benchmark}: ${what} ${Math.floor(done * 100)} %`;
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${text}`);
    return;
  }
  const stage = `${benchmark}: ${what} ${Math.floor(done * 4) * 25} %`;
  if (text !== '' && stage !== lastStage) process.stderr.write(`${stage}\n`);
  lastStage = stage;
}

let lastStage = '';
