/** What is wrong with where a layout has put things, as sentences. */
import type { Layout, PlacedArrow, PlacedBox, Point, Rectangle } from '../../runtime/drawing/layout.ts';
import { boxesIn } from '../../runtime/drawing/picture.ts';
import { chipSize, headerSize } from '../../runtime/drawing/sizes.ts';

type Segment = { readonly from: Point; readonly to: Point };

/** Places are rounded to tenths. */
const TOLERANCE = 0.15;

export function faultsOf(layout: Layout): readonly string[] {
  return [
    ...boxFaults(layout),
    ...labelFaults(layout),
    ...lineFaults(layout),
    ...[...places(layout)]
      .filter(([, place]) => !contains(wholeOf(layout), place))
      .map(([what]) => `${what} is outside`),
  ];
}

/** The lines that run through a box's name or rows. */
export function struckHeaders({ boxes, arrows, beginnings }: Layout): readonly string[] {
  const lines = [...arrows, ...beginnings].flatMap(({ path }) => segmentsOf(path));
  return boxes
    .filter(({ header }) => lines.some((line) => overlaps(inset(header, 2), boundsOf(line))))
    .map(({ box }) => `a line runs through the name of ${box.id}`);
}

function boxFaults({ boxes }: Layout): readonly string[] {
  return [
    ...boxes.flatMap(({ box, place, header }) => [
      ...(fits(headerSize(box), header) && contains(place, header)
        ? []
        : [`${box.id} has no room for its texts`]),
      ...boxes
        .filter((other) => box.children.includes(other.box))
        .filter((child) => !contains(place, child.place) || overlaps(header, child.place))
        .map((child) => `${child.box.id} is not where it belongs in ${box.id}`),
    ]),
    ...pairsOf(boxes)
      .filter(([one, other]) => !isAround(one, other) && !isAround(other, one))
      .filter(([one, other]) => overlaps(one.place, other.place))
      .map(([one, other]) => `${one.box.id} and ${other.box.id} overlap`),
  ];
}

function labelFaults({ boxes, arrows }: Layout): readonly string[] {
  const labelled = arrows.flatMap(({ arrow, place, path }) =>
    place === undefined ? [] : [{ arrow, place, path, name: `the label from ${arrow.from} to ${arrow.to}` }],
  );
  return [
    ...labelled
      .filter(
        ({ arrow, place }) => !fits(chipSize(arrow.labels.filter(({ lines }) => lines.length > 0)), place),
      )
      .map(({ name }) => `${name} is too small for its texts`),
    ...labelled
      .filter(({ place, path }) => !segmentsOf(path).some((line) => overlaps(place, boundsOf(line))))
      .map(({ name }) => `${name} is not at its line`),
    ...pairsOf(labelled)
      .filter(([one, other]) => overlaps(one.place, other.place))
      .map(([one, other]) => `${one.name} and ${other.name} overlap`),
    ...labelled.flatMap(({ name, place }) =>
      boxes
        .filter((box) => overlaps(box.place, place))
        .filter(
          ({ box, place: around, header }) =>
            box.children.length === 0 || !contains(around, place) || overlaps(header, place),
        )
        .map(({ box }) => `${name} overlaps ${box.id}`),
    ),
  ];
}

function lineFaults({ boxes, arrows }: Layout): readonly string[] {
  const at = new Map(boxes.map(({ box, place }) => [box.id, place]));
  const leaves = boxes.filter(({ box }) => box.children.length === 0);
  return arrows.flatMap((arrow) => {
    const { from, to } = arrow.arrow;
    const name = `the line from ${from} to ${to}`;
    const lines = segmentsOf(arrow.path);
    return [
      ...(lines.length === 0 ? [`${name} is missing`] : []),
      ...lines.filter(isSlanted).map(() => `${name} is slanted`),
      ...(isOnBorder(arrow.path[0], at.get(from)) ? [] : [`${name} does not begin at ${from}`]),
      ...(isOnBorder(arrow.path.at(-1), at.get(to)) ? [] : [`${name} does not end at ${to}`]),
      ...leaves
        .filter(({ place }) => lines.some((line) => overlaps(inset(place, TOLERANCE), boundsOf(line))))
        .map(({ box }) => `${name} runs through ${box.id}`),
      ...arrows
        .filter((other) => other !== arrow && isStruck(other, lines))
        .map((other) => `${name} runs through the label from ${other.arrow.from} to ${other.arrow.to}`),
    ];
  });
}

function isStruck({ place }: PlacedArrow, lines: readonly Segment[]): boolean {
  return place !== undefined && lines.some((line) => overlaps(inset(place, TOLERANCE), boundsOf(line)));
}

function places({ boxes, arrows, beginnings }: Layout): ReadonlyMap<string, Rectangle> {
  return new Map([
    ...boxes.map(({ box, place }) => [`the box of ${box.id}`, place] as const),
    ...arrows.flatMap(({ arrow: { from, to }, place, path }) => [
      ...(place === undefined ? [] : [[`the label from ${from} to ${to}`, place] as const]),
      ...segmentsOf(path).map(
        (line, index) => [`line ${index} from ${from} to ${to}`, boundsOf(line)] as const,
      ),
    ]),
    ...beginnings.flatMap(({ path }, beginning) =>
      segmentsOf(path).map(
        (line, index) => [`line ${index} of beginning ${beginning}`, boundsOf(line)] as const,
      ),
    ),
  ]);
}

function wholeOf({ width, height }: Layout): Rectangle {
  return { x: 0, y: 0, width, height };
}

function segmentsOf(path: readonly Point[]): readonly Segment[] {
  return path.slice(1).map((to, index) => ({ from: path[index] ?? to, to }));
}

function boundsOf({ from, to }: Segment): Rectangle {
  return {
    x: Math.min(from.x, to.x),
    y: Math.min(from.y, to.y),
    width: Math.abs(from.x - to.x),
    height: Math.abs(from.y - to.y),
  };
}

function isSlanted({ from, to }: Segment): boolean {
  return from.x !== to.x && from.y !== to.y;
}

function isOnBorder(point: Point | undefined, place: Rectangle | undefined): boolean {
  if (point === undefined || place === undefined) return false;
  return (
    contains(inset(place, -TOLERANCE), { ...point, width: 0, height: 0 }) &&
    !isInside(point, inset(place, TOLERANCE))
  );
}

function isInside({ x, y }: Point, place: Rectangle): boolean {
  return x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height;
}

function isAround(one: PlacedBox, other: PlacedBox): boolean {
  return boxesIn(one.box).includes(other.box);
}

function fits(
  size: { readonly width: number; readonly height: number },
  { width, height }: Rectangle,
): boolean {
  return width >= size.width - TOLERANCE && height >= size.height - TOLERANCE;
}

function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x - TOLERANCE &&
    inner.y >= outer.y - TOLERANCE &&
    inner.x + inner.width <= outer.x + outer.width + TOLERANCE &&
    inner.y + inner.height <= outer.y + outer.height + TOLERANCE
  );
}

function overlaps(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width - TOLERANCE &&
    other.x < one.x + one.width - TOLERANCE &&
    one.y < other.y + other.height - TOLERANCE &&
    other.y < one.y + one.height - TOLERANCE
  );
}

function inset({ x, y, width, height }: Rectangle, by: number): Rectangle {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function pairsOf<Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const));
}
