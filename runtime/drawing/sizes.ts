/** How large what is drawn is, in px. */
import type { Box, Label, Row } from './picture.ts';
import { widthOf } from './text-width.ts';

export type Size = { readonly width: number; readonly height: number };

export const NAME_SIZE = 13;
export const NAME_HEIGHT = 28;
export const LINE_HEIGHT = 15;
export const DOT_RADIUS = 5;
/** Beside texts. */
export const PADDING = 10;
/** Above and below the lines of a row. */
export const ROW_PADDING = 3;
/** Above and below all rows of a box. */
export const ROWS_PADDING = 3;

const SIGN_WIDTH = 16;
const NAME_WIDTH_MIN = 44;

/** The size of a box's name and rows. */
export function headerSize({ name, rows }: Box): Size {
  const widths = rows.flatMap(({ lines }) => lines.map(({ width }) => width + signWidth(rows)));
  return {
    width: Math.ceil(Math.max(NAME_WIDTH_MIN, widthOf(name, NAME_SIZE, true), ...widths) + 2 * PADDING),
    height: NAME_HEIGHT + heightOf(rows) + (rows.length === 0 ? 0 : 2 * ROWS_PADDING),
  };
}

/** The size of what is written at an arrow. */
export function chipSize(labels: readonly Label[]): Size {
  const widths = labels.flatMap((label) => label.lines.map(({ width }) => width + signWidth([label])));
  return { width: Math.ceil(Math.max(0, ...widths) + 2 * PADDING), height: heightOf(labels) };
}

/** The height of rows, one below the other. */
export function heightOf(rows: readonly (Row | Label)[]): number {
  return rows.reduce((sum, { lines }) => sum + lines.length * LINE_HEIGHT + 2 * ROW_PADDING, 0);
}

/** The room that signs take before the texts of rows, which begin at the same place in all of them. */
export function signWidth(rows: readonly (Row | Label)[]): number {
  return rows.some((row) => row.hasTimer || ('isLoop' in row && row.isLoop)) ? SIGN_WIDTH : 0;
}
