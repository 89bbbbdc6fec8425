import type { Point, Rectangle } from './layout.ts';
import type { Size } from './sizes.ts';

/** How near a line may come to a header's texts, which keep their own distance from its edges. */
const CLEARANCE = 2;

/**
 * Where a box's name and rows go: at the top of it, as far to the left as no line runs through them. Where lines run
 * everywhere, that is all to the left.
 */
export function headerPlace(
  box: Rectangle,
  { width, height }: Size,
  lines: readonly (readonly Point[])[],
): Rectangle {
  const upright = lines.flatMap((line) => crossingsOf(line, box, height));
  const candidates = [box.x, ...upright.map((x) => x + CLEARANCE)].filter(
    (x) => x + width <= box.x + box.width,
  );
  const free = candidates
    .sort((one, other) => one - other)
    .find((x) => upright.every((line) => line < x + CLEARANCE || line > x + width - CLEARANCE));
  return { x: free ?? box.x, y: box.y, width, height };
}

/** Where a line is upright at the height of a header. */
function crossingsOf(line: readonly Point[], box: Rectangle, height: number): readonly number[] {
  return line.slice(1).flatMap((to, index) => {
    const from = line[index] ?? to;
    const isUpright = from.x === to.x && from.x > box.x && from.x < box.x + box.width;
    const isThere = Math.max(from.y, to.y) > box.y && Math.min(from.y, to.y) < box.y + height;
    return isUpright && isThere ? [from.x] : [];
  });
}
