import type { Outcome } from './hunt.ts';

export function progressLine(outcome: Outcome, count: number, total: number): string {
  return `${`${count}/${total}`.padStart(7)}${seconds(outcome.elapsedMs)}  ${verdictOn(outcome)}`;
}

/** In one line: the fault and what found it. */
export function verdictOn({ mutant, killedBy }: Outcome): string {
  const verdict = killedBy === undefined ? `✖ survived in ${mutant.file}` : `✔ killed by ${killedBy.killer}`;
  return `${verdict}: ${mutant.fault}`;
}

/** The table of all mutants, by file, under a heading. */
export function tableOf(outcomes: readonly Outcome[]): readonly string[] {
  const rows = outcomes.map(({ mutant, killedBy, elapsedMs }) => [
    mutant.fault,
    mutant.file,
    killedBy?.killer ?? 'SURVIVED',
    seconds(elapsedMs),
    killedBy?.finding ?? 'nothing found it',
  ]);
  const all = [['mutant', 'file', 'killed by', 'time', 'finding'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

/** The last line: how many were killed, by what, and who survived. */
export function summaryOf(outcomes: readonly Outcome[], elapsedMs: number): string {
  const killers = outcomes.flatMap(({ killedBy }) => (killedBy === undefined ? [] : [killedBy.killer]));
  const shares = [...new Set(killers)].map(
    (killer) => `${killers.filter((one) => one === killer).length} by ${killer}`,
  );
  const survivors = outcomes.filter(({ killedBy }) => killedBy === undefined);
  const head = `${killers.length} of ${outcomes.length} mutants killed in ${seconds(elapsedMs).trim()}`;
  const names = survivors.map(({ mutant }) => `"${mutant.fault}" (${mutant.file})`);
  return [
    `${head}${shares.length === 0 ? '' : `: ${shares.join(', ')}`}`,
    ...(names.length === 0 ? [] : [`SURVIVED: ${names.join(', ')}`]),
  ].join('\n');
}

export function jsonLine({ mutant, killedBy, elapsedMs }: Outcome): string {
  const { fault, file } = mutant;
  return JSON.stringify({ fault, file, ...killedBy, elapsedMs: Math.round(elapsedMs) });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(7);
}
