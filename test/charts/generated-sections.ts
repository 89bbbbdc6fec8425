import { posix } from 'node:path';
import { drawChart } from '../../runtime/drawing/drawing.ts';
import { type ChartName, chartNames, charts } from '../../runtime/exploration/charts.ts';

/** The documents that have generated sections, from the top of the project, and those that each must have. */
export const documents: Readonly<Record<string, readonly string[]>> = {
  'machines/PROTOCOL.md': chartNames.map((name) => `diagram ${name}`),
  'README.md': ['diagram link'],
};

/** The drawings that the documents show, each by its path from the top of the project. */
export async function drawings(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const name of chartNames) {
    for (const theme of ['light', 'dark'] as const) {
      files.set(fileOf(name, theme), (await drawChart(charts[name].machine, { theme })).svg);
    }
  }
  return files;
}

/** The names of a document's generated sections, in their order. */
export function sectionsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(section)].map(([, name = '']) => name);
}

/** The document at this path with every generated section as it should be. Throws if a section's name means nothing. */
export function regenerate(markdown: string, path: string): string {
  return markdown.replace(section, (_, name: string) => {
    const chart = chartNames.find((chartName) => name === `diagram ${chartName}`);
    if (chart === undefined) throw new Error(`nothing is generated for "${name}"`);
    return `<!-- generated: ${name} -->\n${pictureOf(chart, posix.dirname(path))}<!-- end generated -->`;
  });
}

const section = /<!-- generated: (.*?) -->\n[\s\S]*?<!-- end generated -->/g;

/** The drawing of a chart as a document in a folder shows it: light or dark, as its reader likes it. */
function pictureOf(chart: ChartName, folder: string): string {
  const [light, dark] = (['light', 'dark'] as const).map((theme) =>
    posix.relative(folder, fileOf(chart, theme)),
  );
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="${dark}">`,
    `  <img alt="The statechart ${chart}" src="${light}">`,
    '</picture>',
    '',
  ].join('\n');
}

function fileOf(chart: ChartName, theme: 'light' | 'dark'): string {
  return `machines/diagrams/${chart}-${theme}.svg`;
}
