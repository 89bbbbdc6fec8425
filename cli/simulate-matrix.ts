import type { Statistics } from '../runtime/simulation/statistics.ts';
import { percentOf } from './simulate-text.ts';

/** One pair of kinds: who calls, who is called, and how it came out. */
export type Cell = { readonly a: string; readonly b: string; readonly statistics: Statistics };

/** A table of every pair; callers are rows, those who are called are columns. Folded if it is wider than `width`. */
export function matrixLines(cells: readonly Cell[], width: number): readonly string[] {
  const kinds = [...new Set(cells.map(({ a }) => a))];
  const labels = kinds.map((kind, index) => `${String(index + 1).padStart(2)} ${kind}`);
  const labelWidth = Math.max(0, ...labels.map(({ length }) => length)) + 1;
  const perBlock = Math.max(1, Math.floor((width - labelWidth) / CELL_WIDTH));
  const texts = new Map(cells.map(({ a, b, statistics }) => [`${a} ${b}`, cellText(statistics)]));
  const lines = ['Rows call columns. A number is the p50 of ms until both are connected.', ''];
  for (let start = 0; start < kinds.length; start += perBlock) {
    const columns = kinds.slice(start, start + perBlock);
    const heads = columns.map((_, index) => String(start + index + 1).padStart(CELL_WIDTH));
    lines.push(`${' '.repeat(labelWidth)}${heads.join('')}`);
    for (const [row, kind] of kinds.entries()) {
      const entries = columns.map((column) => (texts.get(`${kind} ${column}`) ?? '').padStart(CELL_WIDTH));
      lines.push(`${(labels[row] ?? '').padEnd(labelWidth)}${entries.join('')}`.trimEnd());
    }
    lines.push('');
  }
  return [...lines, ...conclusion(cells)];
}

const CELL_WIDTH = 5;

function cellText({ runs, connected, agreeing, connectedMs }: Statistics): string {
  const flag = agreeing < runs ? '!' : '';
  if (connected === 0) return `${flag}·`;
  if (connected < runs) return `${flag}${Math.floor((100 * connected) / runs)}%`;
  const p50 = connectedMs?.p50 ?? 0;
  return `${flag}${p50 < 10_000 ? p50.toFixed(0) : `${Math.round(p50 / 1000)}s`}`;
}

function conclusion(cells: readonly Cell[]): readonly string[] {
  const against = cells.filter(({ statistics: { agreeing, runs } }) => agreeing < runs);
  const connecting = cells.filter(({ statistics: { connected, runs } }) => connected === runs);
  return [
    '· never connects   50% connects so often   ! otherwise than theory has it',
    `${connecting.length} of ${cells.length} pairs connect (${percentOf(connecting.length, cells.length)}).`,
    ...(against.length === 0 ? ['All agree with theory.'] : against.map(againstLine)),
  ];
}

function againstLine({ a, b, statistics: { runs, agreeing, firstSeedAgainst } }: Cell): string {
  return `Against theory: ${runs - agreeing} of ${runs}: punch simulate --a ${a} --b ${b} --seed ${firstSeedAgainst}`;
}
