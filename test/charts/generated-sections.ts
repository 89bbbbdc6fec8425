import { chartNames, charts } from '../../runtime/exploration/charts.ts';
import { mermaidOf } from '../../runtime/exploration/mermaid.ts';

/** The documents that have generated sections, from the top of the project, and those that each must have. */
export const documents: Readonly<Record<string, readonly string[]>> = {
  'machines/PROTOCOL.md': chartNames.map((name) => `diagram ${name}`),
  'README.md': ['diagram link'],
};

/** The names of a document's generated sections, in their order. */
export function sectionsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(section)].map(([, name = '']) => name);
}

/** The document with every generated section as it should be. Throws if a section's name means nothing. */
export function regenerate(markdown: string): string {
  return markdown.replace(section, (_, name: string) => {
    const content = contents.get(name);
    if (content === undefined) throw new Error(`nothing is generated for "${name}"`);
    return `<!-- generated: ${name} -->\n${content}<!-- end generated -->`;
  });
}

const section = /<!-- generated: (.*?) -->\n[\s\S]*?<!-- end generated -->/g;

const contents: ReadonlyMap<string, string> = new Map(
  chartNames.map((name) => [`diagram ${name}`, `\`\`\`mermaid\n${mermaidOf(charts[name].machine)}\`\`\`\n`]),
);
