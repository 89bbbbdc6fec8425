import type { Chart, Source } from './history.ts';

/** Charts as the hub draws them. Each is fetched once. */
export class Drawings {
  readonly #drawings = new Map<string, Promise<SVGSVGElement | undefined>>();
  readonly #key: () => string;

  constructor(key: () => string) {
    this.#key = key;
  }

  /** A drawing of its own for whoever asks; undefined if it cannot be had. */
  async of(source: Source, chart: Chart): Promise<SVGSVGElement | undefined> {
    const known = this.#drawings.get(chart.definition);
    const drawing = known ?? fetchDrawing(`/drawing/${source.number}/${chart.number}?key=${this.#key()}`);
    this.#drawings.set(chart.definition, drawing);
    const drawn = await drawing;
    // Asked again later: the hub may just have gone.
    if (drawn === undefined) this.#drawings.delete(chart.definition);
    return drawn?.cloneNode(true) as SVGSVGElement | undefined;
  }
}

async function fetchDrawing(path: string): Promise<SVGSVGElement | undefined> {
  const response = await fetch(path).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const { svg } = (await response.json()) as { readonly svg: string };
  const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  return documentElement instanceof SVGSVGElement ? documentElement : undefined;
}
