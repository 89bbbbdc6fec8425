/** How a drawing looks. Colours are custom properties, so that a page that holds drawings can have its own. */

export type Theme = 'auto' | 'light' | 'dark';

const light = {
  canvas: '#f6f8fa',
  box: '#ffffff',
  nest: 'rgb(9 30 66 / 3%)',
  border: '#c5ced8',
  line: '#8390a0',
  ink: '#1c2530',
  muted: '#66727f',
  event: '#1c4f9c',
  guard: '#8a4b08',
  action: '#1f6b3a',
  on: '#1d6fe0',
  'on-fill': '#dcebff',
  hot: '#d9480f',
  'hot-fill': '#ffe3d3',
  next: '#7048c8',
};

const dark: typeof light = {
  canvas: '#0f141a',
  box: '#1a212a',
  nest: 'rgb(180 205 255 / 4%)',
  border: '#3a4654',
  line: '#6f7d8d',
  ink: '#e4eaf1',
  muted: '#93a0ae',
  event: '#8cbcff',
  guard: '#f0b072',
  action: '#84d3a0',
  on: '#5aa2ff',
  'on-fill': '#17345c',
  hot: '#ff8a4c',
  'hot-fill': '#5a2a12',
  next: '#b79bff',
};

/** The style sheet of drawings: for a file of its own, or, once for all of them, for a page that holds some. */
export function drawingStyle(theme: Theme = 'auto'): string {
  const colours = {
    light: `.chart { ${declarations(light)} }`,
    dark: `.chart { ${declarations(dark)} }`,
    auto: `.chart { ${declarations(light)} }\n@media (prefers-color-scheme: dark) { .chart { ${declarations(dark)} } }`,
  };
  return `${colours[theme]}\n${rules}`;
}

function declarations(colours: typeof light): string {
  return Object.entries(colours)
    .map(([name, value]) => `--chart-${name}: ${value};`)
    .join(' ');
}

const rules = `.chart { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
.chart text { fill: var(--chart-ink); white-space: pre; }
.chart .name { font-size: 13px; font-weight: 600; }
.chart .canvas { fill: var(--chart-canvas); }
.chart .box { fill: var(--chart-box); stroke: var(--chart-border); }
.chart .nest > .box { fill: var(--chart-nest); }
.chart .region > .box { stroke-dasharray: 5 4; }
.chart .inner { fill: none; stroke: var(--chart-border); }
.chart .rule { stroke: var(--chart-border); stroke-opacity: .6; }
.chart .word { fill: var(--chart-muted); }
.chart .event { fill: var(--chart-event); font-weight: 500; }
.chart .delay { fill: var(--chart-muted); }
.chart .guard { fill: var(--chart-guard); }
.chart .action { fill: var(--chart-action); }
.chart .edge { fill: none; stroke: var(--chart-line); stroke-width: 1.2; }
.chart .head, .chart .dot { fill: var(--chart-line); }
.chart [data-transition]:not(.hot, .next) > .again { visibility: hidden; }
.chart .chip { fill: var(--chart-box); stroke: var(--chart-border); }
.chart .row { fill: transparent; }
.chart .sign { fill: none; stroke: var(--chart-muted); stroke-width: 1.2; stroke-linecap: round; stroke-linejoin: round; }
.chart .timer { fill: var(--chart-on); transform-box: fill-box; transform-origin: left; transform: scaleX(var(--left, 0)); }
.chart .box, .chart .edge, .chart .head, .chart .row, .chart .inner { transition: fill .2s, stroke .2s; }
.chart [data-state].on > .box { stroke: var(--chart-on); stroke-width: 1.6; }
.chart [data-state].on > .inner { stroke: var(--chart-on); }
.chart [data-state].on:not(.nest) > .box { fill: var(--chart-on-fill); stroke-width: 2; }
.chart [data-state].on > .name { fill: var(--chart-on); }
.chart [data-state].on:not(.nest) > .name { fill: var(--chart-ink); }
.chart [data-state].next > .box { stroke: var(--chart-next); }
.chart [data-transition].next .edge { stroke: var(--chart-next); stroke-width: 1.8; }
.chart [data-transition].next .head { fill: var(--chart-next); }
.chart [data-transition].next .row { fill: var(--chart-next); fill-opacity: .12; }
.chart [data-transition].next .sign { stroke: var(--chart-next); }
.chart [data-transition].hot .edge { stroke: var(--chart-hot); stroke-width: 2.6; }
.chart [data-transition].hot .head { fill: var(--chart-hot); }
.chart [data-transition].hot .row { fill: var(--chart-hot-fill); fill-opacity: 1; }
.chart [data-transition].hot .sign { stroke: var(--chart-hot); }
@media (prefers-reduced-motion: no-preference) {
  .chart [data-transition].hot .edge, .chart [data-transition].hot .row { animation: chart-flash .9s ease-out; }
}
@keyframes chart-flash { 0% { stroke-width: 6; fill-opacity: 1; } 25% { fill-opacity: .2; } 50% { fill-opacity: 1; } }
`;
