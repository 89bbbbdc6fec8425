/** Breaks between words; a word that is longer than a line is broken too. What follows the first line is indented. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    const room = () => width - (lines.length === 0 ? 0 : INDENT);
    if (line !== '' && line.length + 1 + rest.length > room()) {
      lines.push(line);
      line = '';
    }
    while (rest.length > room()) {
      lines.push(rest.slice(0, room()));
      rest = rest.slice(lines.at(-1)?.length);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

const INDENT = 2;
