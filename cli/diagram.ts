import { chartNamed, chartNames } from '../runtime/exploration/charts.ts';
import { definitionOf } from '../runtime/exploration/definition.ts';
import { mermaidOf } from '../runtime/exploration/mermaid.ts';
import { exitCodes } from './exit.ts';

const formats = { mermaid: mermaidOf, json: definitionOf } as const;

/** Prints a chart in the format asked for. */
export async function runDiagram(chartName: string, options: { readonly format: string }): Promise<number> {
  const chart = chartNamed(chartName);
  if (chart === undefined) return refuse('chart', chartName, chartNames);
  if (!Object.hasOwn(formats, options.format)) return refuse('format', options.format, Object.keys(formats));
  process.stdout.write(formats[options.format as keyof typeof formats](chart.machine));
  return exitCodes.done;
}

/** Says that there is no such thing, and what there is. */
export function refuse(kind: string, name: string, known: readonly string[]): number {
  const list = new Intl.ListFormat('en').format(known);
  process.stderr.write(`There is no ${kind} ${JSON.stringify(name)}. There are ${list}.\n`);
  return exitCodes.usage;
}
