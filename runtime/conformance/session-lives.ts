import type { SessionInput } from '../../machines/session.ts';
import type { Chart } from '../exploration/chart.ts';
import { charts } from '../exploration/charts.ts';
import { generatePaths } from '../exploration/paths.ts';

/** The session's chart with those lives that a client without keys can bring about. */
export const plainSessions: Chart = {
  ...charts.session,
  beginnings: Object.fromEntries(
    Object.entries(charts.session.beginnings).filter(([, input]) => (input as SessionInput).protocol !== 2),
  ),
};

/** The transitions that such a life can take, by name. */
export function plainTransitions(): readonly string[] {
  const { goals, coverage } = generatePaths(plainSessions);
  return [...goals.transitions].filter((name) => !coverage.transitions.unreached.includes(name));
}
