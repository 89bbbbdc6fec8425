/** How wide texts are, without a browser to ask: the widths of a common sans serif, in thousandths of the font's size. */

/** The width of a text in px. Fonts differ: who draws it sets `textLength` to this, so that it is true of all of them. */
export function widthOf(text: string, size: number, isBold = false): number {
  let thousandths = 0;
  for (const character of text) thousandths += widths.get(character) ?? (character < 'ᄀ' ? OTHER : WIDE);
  return Math.round((thousandths * size * (isBold ? BOLD : 1)) / 100) / 10;
}

/** For characters without an entry: the widest of most alphabets, and those that fill a square. */
const OTHER = 722;
const WIDE = 1000;

/** How much wider bold is. */
const BOLD = 1.07;

const widths: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "'ijl": 222,
    '|': 260,
    ' !,./:;I[\\]ft': 278,
    '()-`r': 333,
    '"*^{}': 389,
    Jcksvxyz: 500,
    '#$0123456789?L_abdeghnopqu–': 556,
    '+<=>~': 584,
    FTZ: 611,
    '&ABEKPSVXY': 667,
    CDHNRUw: 722,
    GOQ: 778,
    Mm: 833,
    '%': 889,
    W: 944,
    '@…': 1015,
  }).flatMap(([characters, width]) => [...characters].map((character) => [character, width] as const)),
);
