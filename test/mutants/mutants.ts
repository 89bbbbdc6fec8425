import { inCharts } from './in-charts.ts';
import { inChartsWithKeys } from './in-charts-with-keys.ts';
import { inHosts } from './in-hosts.ts';
import { inHostsWithKeys } from './in-hosts-with-keys.ts';
import { inSecrecy } from './in-secrecy.ts';
import type { Mutant } from './mutant.ts';

/** Every fault that is planted. What finds each is not written anywhere: it is found out. */
export const mutants: readonly Mutant[] = [
  ...inCharts,
  ...inHosts,
  ...inChartsWithKeys,
  ...inHostsWithKeys,
  ...inSecrecy,
];
