import type { AnyStateMachine } from 'xstate';
import type { Theme } from '../runtime/drawing/style.ts';
import { chartNamed, chartNames } from '../runtime/exploration/charts.ts';
import { definitionOf } from '../runtime/exploration/definition.ts';
import { mermaidOf } from '../runtime/exploration/mermaid.ts';
import { exitCodes } from './exit.ts';

const themes: readonly string[] = ['auto', 'light', 'dark'] satisfies readonly Theme[];

const formats: Readonly<
  Record<string, (machine: AnyStateMachine, theme: Theme) => string | Promise<string>>
> = {
  mermaid: mermaidOf,
  svg: drawn,
  json: definitionOf,
};

/** Prints a chart in the format asked for. */
export async function runDiagram(
  chartName: string,
  options: { readonly format: string; readonly theme?: string },
): Promise<number> {
  const { format, theme = 'auto' } = options;
  const chart = chartNamed(chartName);
  if (chart === undefined) return refuse('chart', chartName, chartNames);
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined) return refuse('format', format, Object.keys(formats));
  if (!isTheme(theme)) return refuse('theme', theme, themes);
  process.stdout.write(await print(chart.machine, theme));
  return exitCodes.done;
}

/** Says that there is no such thing, and what there is. */
export function refuse(kind: string, name: string, known: readonly string[]): number {
  const list = new Intl.ListFormat('en').format(known);
  process.stderr.write(`There is no ${kind} ${JSON.stringify(name)}. There are ${list}.\n`);
  return exitCodes.usage;
}

async function drawn(machine: AnyStateMachine, theme: Theme): Promise<string> {
  const { drawChart } = await import('../runtime/drawing/drawing.ts');
  return (await drawChart(machine, { theme })).svg;
}

function isTheme(name: string): name is Theme {
  return themes.includes(name);
}
