const CHARACTERS_MAX = 160;

/** Above a difference, node:assert explains its signs. */
const legend = '+ actual - expected';

/** What is behind an error, in one line: of two values that differ, the first place where they do. */
export function briefly(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return briefly(error.cause);
  const lines = (error instanceof Error ? error.message : String(error))
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '');
  const [, ...rest] = lines;
  const [actual, expected] = ['+', '-'].map((sign) =>
    rest.find((line) => line.startsWith(`${sign} `) && /\w/.test(line) && !line.startsWith(legend)),
  );
  if (actual === undefined && expected === undefined) return shortened(lines.join(' '));
  return shortened(
    [
      ...(actual === undefined ? [] : [`is ${contentOf(actual)}`]),
      ...(expected === undefined ? [] : [`should be ${contentOf(expected)}`]),
    ].join(', '),
  );
}

function contentOf(line: string): string {
  return line.slice(2).replace(/,$/, '');
}

function shortened(text: string): string {
  return text.length <= CHARACTERS_MAX ? text : `${text.slice(0, CHARACTERS_MAX - 1)}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: node:assert colours what it prints
const colours = /\x1b\[\d+m/g;
