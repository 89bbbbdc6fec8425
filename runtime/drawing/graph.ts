/** A picture as a graph of the Eclipse Layout Kernel. Its options are those with which the drawings looked best. */
import type { ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs';
import { type Arrow, type Box, boxesIn, type Picture } from './picture.ts';
import { chipSize, DOT_RADIUS, headerSize } from './sizes.ts';

/** The names that a picture's parts have in its graph. */
export type Names = {
  box(state: string): string;
  /** Where a state begins. */
  dot(state: string): string;
  beginning(state: string, index: number): string;
  arrow(index: number): string;
};

export function namesIn({ root }: Picture): Names {
  const numbers = new Map(boxesIn(root).map((box, index) => [box.id, index]));
  return {
    box: (state) => `box ${numbers.get(state)}`,
    dot: (state) => `dot ${numbers.get(state)}`,
    beginning: (state, index) => `beginning ${index} of ${numbers.get(state)}`,
    arrow: (index) => `arrow ${index}`,
  };
}

/** The graph. What is left to chance in its layout goes by the seed. */
export function graphOf({ root, arrows }: Picture, names: Names, seed: number): ElkNode {
  const margin = `[top=${MARGIN},left=${MARGIN},bottom=${MARGIN},right=${MARGIN}]`;
  return {
    id: 'drawing',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.json.edgeCoords': 'ROOT',
      'elk.json.shapeCoords': 'ROOT',
      'elk.padding': margin,
    },
    children: [nodeOf(root, names, seed)],
    edges: [
      ...arrows.map((arrow, index) => arrowEdge(arrow, names, index)),
      ...boxesIn(root).flatMap((box) =>
        box.begins.map((target, index) => ({
          id: names.beginning(box.id, index),
          sources: [names.dot(box.id)],
          targets: [names.box(target)],
        })),
      ),
    ],
  };
}

const MARGIN = 12;
const NEST_PADDING = 16;

/** Boxes side by side begin at the same height. */
const alignment = { 'elk.alignment': 'TOP' };

const nestOptions = {
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.crossingMinimization.hierarchicalSweepiness': '1',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '11',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '11',
};

function nodeOf(box: Box, names: Names, seed: number): ElkNode {
  const header = headerSize(box);
  const id = names.box(box.id);
  if (box.children.length === 0) return { id, ...header, layoutOptions: alignment };
  const dot = { id: names.dot(box.id), width: 2 * DOT_RADIUS, height: 2 * DOT_RADIUS };
  return {
    id,
    layoutOptions: {
      ...alignment,
      ...nestOptions,
      'elk.randomSeed': String(seed),
      'elk.padding': `[top=${header.height + 12},left=${NEST_PADDING},bottom=${NEST_PADDING},right=${NEST_PADDING}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      // The layout is made from left to right and then turned, but these two stay as they are.
      'elk.nodeSize.minimum': `(${header.height}, ${header.width})`,
    },
    children: [
      ...(box.begins.length === 0 ? [] : [dot]),
      ...box.children.map((child) => nodeOf(child, names, seed)),
    ],
  };
}

function arrowEdge({ from, to, labels }: Arrow, names: Names, index: number): ElkExtendedEdge {
  const id = names.arrow(index);
  const shown = labels.filter(({ lines }) => lines.length > 0);
  const chip: ElkLabel = {
    text: id,
    ...chipSize(shown),
    layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
  };
  return {
    id,
    sources: [names.box(from)],
    targets: [names.box(to)],
    labels: shown.length === 0 ? [] : [chip],
  };
}
