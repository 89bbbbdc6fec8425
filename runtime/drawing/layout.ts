/** Gives every box, arrow and label of a picture its place. */
import type { ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs';
import elk from 'elkjs/lib/elk.bundled.js';
import { graphOf, type Names, namesIn } from './graph.ts';
import { headerPlace } from './header.ts';
import { type Arrow, type Box, boxesIn, type Picture } from './picture.ts';
import { headerSize, type Size } from './sizes.ts';
import { untidiness } from './untidiness.ts';

export type Layout = Size & {
  /** Each before its children. */
  readonly boxes: readonly PlacedBox[];
  readonly beginnings: readonly PlacedBeginning[];
  readonly arrows: readonly PlacedArrow[];
};

export type Point = { readonly x: number; readonly y: number };

export type Rectangle = Point & Size;

export type PlacedBox = {
  readonly box: Box;
  readonly place: Rectangle;
  /** Where its name and rows are. */
  readonly header: Rectangle;
};

/** The dot at which a state begins, and the way from there to the state within that it begins in. */
export type PlacedBeginning = { readonly dot: Point; readonly path: readonly Point[] };

export type PlacedArrow = {
  readonly arrow: Arrow;
  readonly path: readonly Point[];
  /** Where its labels are, one below the other; undefined if it has none. */
  readonly place: Rectangle | undefined;
};

/** What chance does differs as much as what options do: of three layouts, one is good. */
const SEEDS = [1, 4, 5];

/** The tidiest of several layouts. The same picture has the same one whenever and wherever it is made. */
export async function layOut(picture: Picture): Promise<Layout> {
  const names = namesIn(picture);
  const layouter = new elk.default();
  const layouts: Layout[] = [];
  for (const seed of SEEDS) {
    layouts.push(placed(picture, names, await layouter.layout(graphOf(picture, names, seed))));
  }
  return layouts.reduce((best, other) => (untidiness(other) < untidiness(best) ? other : best));
}

function placed({ root, arrows }: Picture, names: Names, graph: ElkNode): Layout {
  const nodes = new Map(nodesIn(graph).map((node) => [node.id, node]));
  const edges = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const lines = [...edges.values()].map(pathOf);
  const boxes = boxesIn(root);
  return {
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    boxes: boxes.map((box) => {
      const place = rectangleOf(nodes.get(names.box(box.id)));
      const header = box.children.length === 0 ? place : headerPlace(place, headerSize(box), lines);
      return { box, place, header };
    }),
    beginnings: boxes.flatMap((box) =>
      box.begins.map((_, index) => ({
        dot: middleOf(rectangleOf(nodes.get(names.dot(box.id)))),
        path: pathOf(edges.get(names.beginning(box.id, index))),
      })),
    ),
    arrows: arrows.map((arrow, index) => {
      const edge = edges.get(names.arrow(index));
      const chip = edge?.labels?.[0];
      return { arrow, path: pathOf(edge), place: chip === undefined ? undefined : rectangleOf(chip) };
    }),
  };
}

function pathOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  return points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) }));
}

function rectangleOf(shape: ElkNode | ElkLabel | undefined): Rectangle {
  const { x = 0, y = 0, width = 0, height = 0 } = shape ?? {};
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
}

function middleOf({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function nodesIn(node: ElkNode): readonly ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesIn)];
}
