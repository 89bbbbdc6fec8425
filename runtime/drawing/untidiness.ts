import type { Layout, Point } from './layout.ts';

/** What a crossing and a bend are worth in px of line: about as much longer a line may be that avoids them. */
const CROSSING = 400;
const BEND = 40;

/** What a px of width and height is worth in px of line. */
const EDGE = 5;

type Segment = { readonly from: Point; readonly to: Point; readonly line: number };

/** How much there is to follow with the eyes in a layout: less is better. */
export function untidiness({ width, height, arrows }: Layout): number {
  const segments = arrows.flatMap(({ path }, line) =>
    path.slice(1).map((to, index) => ({ from: path[index] ?? to, to, line })),
  );
  const length = segments.reduce(
    (sum, { from, to }) => sum + Math.abs(from.x - to.x) + Math.abs(from.y - to.y),
    0,
  );
  return length + CROSSING * crossingsOf(segments) + BEND * segments.length + EDGE * (width + height);
}

function crossingsOf(segments: readonly Segment[]): number {
  const level = segments.filter(({ from, to }) => from.y === to.y);
  const upright = segments.filter(({ from, to }) => from.x === to.x);
  return level.reduce((sum, one) => sum + upright.filter((other) => isCrossing(one, other)).length, 0);
}

function isCrossing(level: Segment, upright: Segment): boolean {
  return (
    level.line !== upright.line &&
    isBetween(upright.from.x, level.from.x, level.to.x) &&
    isBetween(level.from.y, upright.from.y, upright.to.y)
  );
}

function isBetween(value: number, one: number, other: number): boolean {
  return value > Math.min(one, other) && value < Math.max(one, other);
}
