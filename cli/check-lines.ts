import type { Run } from '../runtime/exploration/world/run.ts';
import { drawSequence } from '../runtime/simulation/sequence.ts';
import { wrap } from '../runtime/simulation/wrap.ts';

/** Bounds, one after the other, with their values and what they limit. */
export function boundLines<Name extends string>(
  texts: Readonly<Record<Name, string>>,
  values: Readonly<Record<Name, number>>,
  width: number,
): readonly string[] {
  const names = Object.keys(texts) as Name[];
  return names.flatMap((name) => {
    const [first = '', ...others] = wrap(texts[name], width - 18);
    const head = `  ${`${name}=${values[name]}`.padEnd(16)}`;
    return [`${head}${first}`, ...others.map((line) => `${' '.repeat(20)}${line}`)];
  });
}

export function indented(text: string, indent: number, width: number): readonly string[] {
  return wrap(text, width - indent).map(
    (line, index) => `${' '.repeat(indent + (index === 0 ? 0 : 2))}${line}`,
  );
}

export function diagramLines({ lifelines, happenings }: Run, width: number): readonly string[] {
  return ['', ...drawSequence(happenings, { lifelines, width, times: 'moves' }), ''];
}

export function counted(count: number): string {
  return count.toLocaleString('en');
}
