import type { AnyStateMachine } from 'xstate';
import { pictureOf } from './picture.ts';
import { drawingStyle, type Theme } from './style.ts';
import { svgOf } from './svg.ts';

export { transitionIds } from './picture.ts';
export { drawingStyle, type Theme } from './style.ts';

export type Drawing = { readonly svg: string; readonly width: number; readonly height: number };

export type DrawingOptions = {
  /** The colours: by default those that whoever looks at it prefers. `none` is without a style, for a page that has {@link drawingStyle}. */
  readonly theme?: Theme | 'none';
};

/**
 * Lays a chart out and draws it as SVG: the same chart gives the same bytes. States have their id as `data-state`,
 * transitions theirs ({@link transitionIds}) as `data-transition`, and with a delay also a bar, `data-timer`, that is
 * as long as its property `--left` (0 to 1) says. Classes make it live: `on` for active states, `hot` for transitions
 * just taken, `next` for what is possible.
 */
export async function drawChart(machine: AnyStateMachine, options: DrawingOptions = {}): Promise<Drawing> {
  const { layOut } = await import('./layout.ts');
  const { theme = 'auto' } = options;
  const layout = await layOut(pictureOf(machine));
  const svg = svgOf(layout, theme === 'none' ? undefined : drawingStyle(theme));
  return { svg, width: layout.width, height: layout.height };
}
