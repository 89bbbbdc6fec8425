/** Lines with rounded corners and arrow heads, of points that are right above, below or beside each other. */
import type { Point, Rectangle } from './layout.ts';
import { short } from './markup.ts';

const CORNER = 7;
const HEAD_LENGTH = 7;
const HEAD_WIDTH = 7;

/** SVG's path data for a line through the points. */
export function pathData(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (before === undefined) return `M${pair(point)}`;
      if (after === undefined) return `L${pair(point)}`;
      const radius = Math.min(CORNER, distance(before, point) / 2, distance(point, after) / 2);
      return `L${pair(towards(point, before, radius))}Q${pair(point)} ${pair(towards(point, after, radius))}`;
    })
    .join('');
}

/** SVG's path data for the arrow head at the end of a line. */
export function headOf(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const base = towards(tip, before, HEAD_LENGTH);
  const [dx, dy] = [(base.x - tip.x) / HEAD_LENGTH, (base.y - tip.y) / HEAD_LENGTH];
  const side = (sign: 1 | -1) => ({
    x: base.x - (sign * dy * HEAD_WIDTH) / 2,
    y: base.y + (sign * dx * HEAD_WIDTH) / 2,
  });
  return `M${pair(tip)}L${pair(side(1))}L${pair(side(-1))}Z`;
}

/** The parts of a line that are not within a rectangle. */
export function outside(points: readonly Point[], rectangle: Rectangle): readonly (readonly Point[])[] {
  const parts: Point[][] = [[]];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined) {
      for (const crossing of crossings(before, point, rectangle)) {
        parts.at(-1)?.push(crossing);
        parts.push([crossing]);
      }
    }
    parts.at(-1)?.push(point);
  }
  return parts.filter((part) => {
    const [first, second] = part;
    return first !== undefined && second !== undefined && !isInside(middle(first, second), rectangle);
  });
}

function crossings(from: Point, to: Point, { x, y, width, height }: Rectangle): readonly Point[] {
  const isLevel = from.y === to.y;
  const [start, end, low, high] = isLevel ? [from.x, to.x, x, x + width] : [from.y, to.y, y, y + height];
  const across = isLevel ? from.y > y && from.y < y + height : from.x > x && from.x < x + width;
  if (!across) return [];
  const at = [low, high].filter((edge) => (start - edge) * (end - edge) < 0);
  if (start > end) at.reverse();
  return at.map((edge) => (isLevel ? { x: edge, y: from.y } : { x: from.x, y: edge }));
}

function isInside(point: Point, { x, y, width, height }: Rectangle): boolean {
  return point.x > x && point.x < x + width && point.y > y && point.y < y + height;
}

function middle(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function pair({ x, y }: Point): string {
  return `${short(x)} ${short(y)}`;
}
