/** A laid out picture as SVG. Nothing in it refers to anything outside of it, and it has no ids: a page may hold many. */
import type { Layout, PlacedArrow, PlacedBeginning, PlacedBox, Point, Rectangle } from './layout.ts';
import type { Line } from './lines.ts';
import { element, escaped } from './markup.ts';
import type { Label, Row } from './picture.ts';
import {
  DOT_RADIUS,
  heightOf,
  LINE_HEIGHT,
  NAME_HEIGHT,
  NAME_SIZE,
  PADDING,
  ROW_PADDING,
  ROWS_PADDING,
  signWidth,
} from './sizes.ts';
import { headOf, outside, pathData } from './strokes.ts';
import { widthOf } from './text-width.ts';

/** Whatever the font, a text is as wide as the layout believes, and its letters keep their distance. */
const lengthAdjust = 'spacingAndGlyphs';

/** The style is left out if it is undefined. */
export function svgOf(layout: Layout, style: string | undefined): string {
  const { width, height, boxes, beginnings, arrows } = layout;
  const name = boxes[0]?.box.name ?? '';
  const transitions = new Set([
    ...boxes.flatMap(({ box }) => box.rows.flatMap(({ transition }) => transition ?? [])),
    ...arrows.flatMap(({ arrow }) => arrow.labels.map(({ id }) => id)),
  ]);
  const content = [
    element('title', {}, escaped(`The statechart ${name}`)),
    element(
      'desc',
      {},
      `${boxes.length - 1} states and ${transitions.size} transitions between and within them.`,
    ),
    ...(style === undefined ? [] : [element('style', {}, escaped(style))]),
    element('rect', { class: 'canvas', width, height }),
    ...boxes.map(boxMarkup),
    ...beginnings.map(beginningMarkup),
    ...chipsAndTransitions(arrows),
  ];
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', class: 'chart', role: 'img', width, height };
  return `${element('svg', { ...attributes, viewBox: `0 0 ${width} ${height}` }, `\n${content.join('\n')}\n`)}\n`;
}

function boxMarkup({ box, place, header }: PlacedBox): string {
  const { x, y, width, height } = place;
  const isNest = box.children.length > 0;
  const classes = [box.kind, ...(isNest ? ['nest'] : []), ...(box.isRegion ? ['region'] : [])];
  const nameWidth = widthOf(box.name, NAME_SIZE, true);
  const rowsTop = y + NAME_HEIGHT;
  return element(
    'g',
    { 'data-state': box.id, class: classes.join(' ') },
    element('rect', { class: 'box', x, y, width, height, rx: 8 }),
    box.kind === 'final'
      ? element('rect', { class: 'inner', x: x + 3, y: y + 3, width: width - 6, height: height - 6, rx: 5 })
      : '',
    element(
      'text',
      {
        class: 'name',
        x: isNest || box.rows.length > 0 ? header.x + PADDING : x + (width - nameWidth) / 2,
        y: y + 19,
        textLength: nameWidth,
        lengthAdjust,
      },
      escaped(box.name),
    ),
    box.rows.length > 0 ? element('path', { class: 'rule', d: `M${x} ${rowsTop}h${width}` }) : '',
    ...rowsMarkup(box.rows, { ...header, y: rowsTop + ROWS_PADDING }),
  );
}

function rowsMarkup(rows: readonly Row[], { x, y, width }: Rectangle): readonly string[] {
  const indent = signWidth(rows);
  let top = y;
  return rows.map((row) => {
    const place = { x, y: top, width, height: heightOf([row]) };
    top += place.height;
    const { transition } = row;
    if (transition === undefined) return linesMarkup(row.lines, place, indent);
    return element(
      'g',
      { 'data-transition': transition },
      element('rect', { class: 'row', ...inset(place, 3) }),
      row.isLoop ? loopSign(place) : row.hasTimer ? clockSign(place) : '',
      row.hasTimer ? timer(transition, place) : '',
      linesMarkup(row.lines, place, indent),
    );
  });
}

function beginningMarkup({ dot, path }: PlacedBeginning): string {
  return element(
    'g',
    { class: 'beginning' },
    element('circle', { class: 'dot', cx: dot.x, cy: dot.y, r: DOT_RADIUS }),
    element('path', { class: 'edge', d: pathData(path) }),
    element('path', { class: 'head', d: headOf(path) }),
  );
}

/** The labels' boxes, and then the transitions, each with its own copy of the line that it may share with others. */
function chipsAndTransitions(arrows: readonly PlacedArrow[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { arrow, path, place } of arrows) {
    const lines = place === undefined ? [path] : outside(path, place);
    const strokes = [
      ...lines.map((points) => element('path', { class: 'edge', d: pathData(points) })),
      element('path', { class: 'head', d: headOf(path) }),
      tailMarkup(path),
    ];
    let top = place?.y ?? 0;
    for (const [index, label] of arrow.labels.entries()) {
      const group = groups.get(label.id) ?? [];
      groups.set(label.id, group);
      group.push(element('g', { class: index === 0 ? 'line' : 'line again' }, ...strokes));
      if (place === undefined || label.lines.length === 0) continue;
      group.push(labelMarkup(label, { ...place, y: top, height: heightOf([label]) }));
      top += heightOf([label]);
    }
  }
  return [
    ...arrows.flatMap(({ place }) =>
      place === undefined ? [] : [element('rect', { class: 'chip', ...place, rx: 6 })],
    ),
    ...[...groups].map(([id, content]) => element('g', { 'data-transition': id }, ...content)),
  ];
}

/** Where an arrow begins: others cross the same border. */
function tailMarkup([start]: readonly Point[]): string {
  return start === undefined ? '' : element('circle', { class: 'head', cx: start.x, cy: start.y, r: 2.2 });
}

function labelMarkup(label: Label, place: Rectangle): string {
  const indent = signWidth([label]);
  return [
    element('rect', { class: 'row', ...inset(place, 1), rx: 5 }),
    label.hasTimer ? clockSign(place) + timer(label.id, place) : '',
    linesMarkup(label.lines, place, indent),
  ].join('');
}

function linesMarkup(lines: readonly Line[], { x, y }: Rectangle, indent: number): string {
  return lines
    .map(({ pieces, width }, index) =>
      element(
        'text',
        {
          x: x + PADDING + indent,
          y: y + ROW_PADDING + index * LINE_HEIGHT + 11,
          textLength: width,
          lengthAdjust,
        },
        ...pieces.map(({ kind, text }, at) =>
          element('tspan', { class: kind }, escaped(at === 0 ? text : ` ${text}`)),
        ),
      ),
    )
    .join('');
}

/** A bar that a page can make as long as the wait that is left: its property `--left` goes from 0 to 1. */
function timer(transition: string, { x, y, width, height }: Rectangle): string {
  const place = { x: x + 4, y: y + height - 2.5, width: width - 8, height: 2 };
  return element('rect', { class: 'timer', 'data-timer': transition, ...place, rx: 1 });
}

function clockSign(place: Rectangle): string {
  const { x, y } = signCentre(place);
  return element('path', {
    class: 'sign',
    d: `M${x - 4.5} ${y}a4.5 4.5 0 1 1 9 0a4.5 4.5 0 1 1 -9 0M${x} ${y - 2.5}v2.5h2`,
  });
}

/** An arrow that comes back. */
function loopSign(place: Rectangle): string {
  const { x, y } = signCentre(place);
  return element('path', {
    class: 'sign',
    d: `M${x + 3.5} ${y - 2}a4 4 0 1 0 .5 2.5M${x + 4} ${y - 4.5}v2.7h-2.7`,
  });
}

function signCentre({ x, y }: Rectangle): Point {
  return { x: x + PADDING + 5, y: y + ROW_PADDING + 7.5 };
}

function inset({ x, y, width, height }: Rectangle, by: number): Rectangle & { readonly rx: number } {
  return {
    x: x + by,
    y: y + by / 3,
    width: width - 2 * by,
    height: height - (2 * by) / 3,
    rx: 4,
  };
}
