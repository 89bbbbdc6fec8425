import { placeOf } from '../runtime/exploration/anatomy.ts';
import type { Chart } from '../runtime/exploration/chart.ts';
import { chartNamed, chartNames } from '../runtime/exploration/charts.ts';
import { type Count, isComplete, measures, titles } from '../runtime/exploration/coverage.ts';
import { type Generated, generatePaths, type Path, walk } from '../runtime/exploration/paths.ts';
import { refuse } from './diagram.ts';
import { exitCodes } from './exit.ts';

/** Prints the test paths that are generated from a chart, and what they cover. Fails if they do not cover all of it. */
export async function runPaths(chartName: string, options: { readonly json?: boolean }): Promise<number> {
  const chart = chartNamed(chartName);
  if (chart === undefined) return refuse('chart', chartName, chartNames);
  const generated = generatePaths(chart);
  const lines = options.json
    ? jsonLines(chartName, chart, generated)
    : textLines(chartName, chart, generated);
  for (const line of lines) process.stdout.write(`${line}\n`);
  return isComplete(generated.coverage) ? exitCodes.done : exitCodes.failed;
}

function textLines(name: string, chart: Chart, { paths, coverage }: Generated): readonly string[] {
  return [
    `${name}: ${paths.length} paths with ${stepsIn(paths)} steps cover`,
    ...measures.flatMap((measure) => coverageLines(titles[measure], coverage[measure])),
    ...paths.flatMap((path, index) => {
      const [first = '', ...places] = placesAlong(chart, path);
      return [
        '',
        `Path ${index + 1}: ${path.beginning}, ${first}`,
        ...path.stimuli.map(({ type }, step) => `  ${step + 1}. ${type} -> ${places[step]}`),
      ];
    }),
  ];
}

function coverageLines(title: string, { reached, total, unreached }: Count): readonly string[] {
  return [`  ${title}: ${reached} of ${total}`, ...unreached.map((missing) => `    not ${missing}`)];
}

function jsonLines(name: string, chart: Chart, { paths, coverage }: Generated): readonly string[] {
  return [
    ...paths.map((path, index) => {
      const [state, ...places] = placesAlong(chart, path);
      const steps = path.stimuli.map(({ type, event }, step) => ({
        stimulus: type,
        event,
        state: places[step],
      }));
      return JSON.stringify({ chart: name, path: index + 1, beginning: path.beginning, state, steps });
    }),
    JSON.stringify({
      chart: name,
      paths: paths.length,
      steps: stepsIn(paths),
      coverage,
    }),
  ];
}

function placesAlong(chart: Chart, path: Path): readonly string[] {
  return walk(chart, path).map(({ snapshot }) => placeOf(snapshot.value));
}

function stepsIn(paths: readonly Path[]): number {
  return paths.reduce((sum, { stimuli }) => sum + stimuli.length, 0);
}
