/** Gives every box, arrow and label of a picture its place. The layout itself is the Eclipse Layout Kernel's. */
import type { ElkExtendedEdge, ElkLabel, ElkNode, ElkPoint } from 'elkjs';
import elk from 'elkjs/lib/elk.bundled.js';
import type { Arrow, Box, Label, Picture, Row } from './picture.ts';
import { widthOf } from './text-width.ts';

export type Layout = {
  readonly width: number;
  readonly height: number;
  /** Each before its children. */
  readonly boxes: readonly PlacedBox[];
  readonly beginnings: readonly PlacedBeginning[];
  readonly arrows: readonly PlacedArrow[];
};

export type Point = { readonly x: number; readonly y: number };

export type Rectangle = Point & { readonly width: number; readonly height: number };

export type PlacedBox = { readonly box: Box; readonly depth: number; readonly place: Rectangle };

/** The dot at which a state begins, and the way from there to the state within that it begins in. */
export type PlacedBeginning = { readonly dot: Point; readonly path: readonly Point[] };

export type PlacedArrow = {
  readonly arrow: Arrow;
  readonly path: readonly Point[];
  /** Where its labels are, one below the other; undefined if it has none. */
  readonly place: Rectangle | undefined;
};

export const NAME_SIZE = 13;
export const LINE_HEIGHT = 15;
export const NAME_HEIGHT = 28;
export const PADDING = 10;
export const ROW_PADDING = 3;
/** The room for the sign before a row's text. */
export const SIGN_WIDTH = 16;
export const DOT_RADIUS = 5;
const MARGIN = 12;

export async function layOut({ root, arrows }: Picture): Promise<Layout> {
  const elkIds = new Map(boxesIn(root).map((box, index) => [box.id, `state ${index}`]));
  const idOf = (state: string) => elkIds.get(state) ?? '';
  const graph: ElkNode = {
    id: 'drawing',
    layoutOptions,
    children: [nodeOf(root, idOf)],
    edges: [
      ...arrows.map((arrow, index) =>
        edgeOf(`arrow ${index}`, idOf(arrow.from), idOf(arrow.to), arrow.labels),
      ),
      ...boxesIn(root).flatMap((box) =>
        box.begins.map((target, index) =>
          edgeOf(`begin ${index} ${idOf(box.id)}`, `dot ${idOf(box.id)}`, idOf(target), []),
        ),
      ),
    ],
  };
  const laid = await new elk.default().layout(graph);
  const nodes = new Map(nodesIn(laid).map((node) => [node.id, node]));
  const edges = new Map((laid.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    boxes: boxesWithDepth(root).map(({ box, depth }) => ({
      box,
      depth,
      place: rectangleOf(nodes.get(idOf(box.id))),
    })),
    beginnings: boxesIn(root).flatMap((box) =>
      box.begins.map((_, index) => ({
        dot: middleOf(rectangleOf(nodes.get(`dot ${idOf(box.id)}`))),
        path: pathOf(edges.get(`begin ${index} ${idOf(box.id)}`)),
      })),
    ),
    arrows: arrows.map((arrow, index) => {
      const edge = edges.get(`arrow ${index}`);
      const label = edge?.labels?.[0];
      return { arrow, path: pathOf(edge), place: label === undefined ? undefined : rectangleOf(label) };
    }),
  };
}

export function heightOfRow({ lines }: Row | Label): number {
  return lines.length * LINE_HEIGHT + 2 * ROW_PADDING;
}

/** The room that signs take before the text of rows, which begins at the same place in all of them. */
export function signWidthOf(rows: readonly Row[]): number {
  return rows.some(({ isLoop, hasTimer }) => isLoop || hasTimer) ? SIGN_WIDTH : 0;
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.padding': `[top=${MARGIN},left=${MARGIN},bottom=${MARGIN},right=${MARGIN}]`,
};

const spacing = {
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.labelNode': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
};

function nodeOf(box: Box, idOf: (state: string) => string): ElkNode {
  const header = headerOf(box);
  if (box.children.length === 0) return { id: idOf(box.id), ...header };
  return {
    id: idOf(box.id),
    layoutOptions: {
      ...spacing,
      'elk.padding': `[top=${header.height + 12},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${header.width}, ${header.height})`,
    },
    children: [
      ...(box.begins.length === 0
        ? []
        : [{ id: `dot ${idOf(box.id)}`, width: 2 * DOT_RADIUS, height: 2 * DOT_RADIUS }]),
      ...box.children.map((child) => nodeOf(child, idOf)),
    ],
  };
}

/** The size of a box's name and rows. */
function headerOf({ name, rows }: Box): { readonly width: number; readonly height: number } {
  const widths = rows.flatMap(({ lines }) => lines.map(({ width }) => width + signWidthOf(rows)));
  const height = rows.reduce((sum, row) => sum + heightOfRow(row), 0);
  return {
    width: Math.ceil(Math.max(44, widthOf(name, NAME_SIZE, true), ...widths) + 2 * PADDING),
    height: NAME_HEIGHT + height + (rows.length === 0 ? 0 : 6),
  };
}

function edgeOf(id: string, from: string, to: string, labels: readonly Label[]): ElkExtendedEdge {
  const shown = labels.filter(({ lines }) => lines.length > 0);
  const widths = shown.flatMap(({ lines, hasTimer }) =>
    lines.map(({ width }) => width + (hasTimer ? SIGN_WIDTH : 0)),
  );
  const label: ElkLabel = {
    text: id,
    width: Math.ceil(Math.max(0, ...widths) + 2 * PADDING),
    height: shown.reduce((sum, row) => sum + heightOfRow(row), 0),
    layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
  };
  return { id, sources: [from], targets: [to], labels: shown.length === 0 ? [] : [label] };
}

function pathOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  return points.map(({ x, y }: ElkPoint) => ({ x: rounded(x), y: rounded(y) }));
}

function rectangleOf(shape: ElkNode | ElkLabel | undefined): Rectangle {
  const { x = 0, y = 0, width = 0, height = 0 } = shape ?? {};
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
}

function middleOf({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function boxesIn(box: Box): readonly Box[] {
  return [box, ...box.children.flatMap(boxesIn)];
}

function boxesWithDepth(box: Box, depth = 0): readonly { readonly box: Box; readonly depth: number }[] {
  return [{ box, depth }, ...box.children.flatMap((child) => boxesWithDepth(child, depth + 1))];
}

function nodesIn(node: ElkNode): readonly ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesIn)];
}
