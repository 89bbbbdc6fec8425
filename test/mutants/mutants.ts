import { inCharts } from './in-charts.ts';
import { inHosts } from './in-hosts.ts';
import type { Mutant } from './mutant.ts';

/** Every fault that is planted. What finds each is not written anywhere: it is found out. */
export const mutants: readonly Mutant[] = [...inCharts, ...inHosts];
