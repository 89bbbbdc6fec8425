import { formatKey, parseKey } from '../secrecy/keys.ts';

export type KeyKind = 'server' | 'peer';

/** What one line of the file of known keys says. A comment or an empty line is none of these. */
export type KnownLine = {
  /** From 1, as editors count. */
  readonly line: number;
  /** Undefined where the line is neither a server's nor a peer's. */
  readonly kind: KeyKind | undefined;
  readonly label: string | undefined;
  readonly key: Uint8Array | undefined;
  /** Why the line says nothing, as a sentence's end; undefined if it is well. */
  readonly why: string | undefined;
};

/** `server <host:port> <key>`, or `peer <name>@<server> <key>`. */
export function formatLine(kind: KeyKind, label: string, key: Uint8Array): string {
  return `${kind} ${encodeLabel(label)} ${formatKey(key)}`;
}

/**
 * The lines that are no comments. A damaged line keeps its label where it has one, so that its server or peer counts
 * as changed and not as new: else damage would undo what the file is for.
 */
export function readLines(text: string): readonly KnownLine[] {
  return text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '' && !content.startsWith('#'))
    .map(({ content, line }) => readLine(content, line));
}

function readLine(content: string, line: number): KnownLine {
  const [word, encoded, keyText, ...more] = content.split(/\s+/);
  const kind = kinds.find((known) => known === word);
  if (kind === undefined) {
    const why = 'starts with neither "server" nor "peer"';
    return { line, kind: undefined, label: undefined, key: undefined, why };
  }
  const label = encoded === undefined ? undefined : decodeLabel(encoded);
  const key = keyText === undefined ? undefined : parseKey(keyText);
  const bare = { line, kind, label, key: undefined };
  if (label === undefined) return { ...bare, why: `does not name its ${kind}` };
  if (key === undefined) return { ...bare, why: 'has no key of 43 characters' };
  if (more.length > 0) return { ...bare, why: 'has more than three words' };
  return { line, kind, label, key, why: undefined };
}

const kinds: readonly KeyKind[] = ['server', 'peer'];

/** A label as one word: names may have spaces. */
function encodeLabel(label: string): string {
  return label.replace(/[%\s]/g, (character) => encodeURIComponent(character));
}

function decodeLabel(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
