import type { Chart } from './chart.ts';
import { clientChart } from './client-chart.ts';
import { introductionChart } from './introduction-chart.ts';
import { linkChart } from './link-chart.ts';
import { sessionChart } from './session-chart.ts';

/** Every chart of the protocol, by its name. */
export const charts = {
  client: clientChart as Chart,
  link: linkChart as Chart,
  session: sessionChart as Chart,
  introduction: introductionChart as Chart,
} as const;

export type ChartName = keyof typeof charts;

export const chartNames = Object.keys(charts) as readonly ChartName[];

/** The chart of this name, or undefined. */
export function chartNamed(name: string): Chart | undefined {
  return Object.hasOwn(charts, name) ? charts[name as ChartName] : undefined;
}
