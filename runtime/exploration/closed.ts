/** What became of the witnesses against protocol 1: which properties of protocol 2 close them, and where that was seen. */
import { isKept, type SealedFinding } from './sealed-world/check.ts';
import type { PropertyName as Promised } from './sealed-world/properties.ts';
import type { Finding } from './world/check.ts';
import type { PropertyName } from './world/properties.ts';

export type Closure = {
  readonly property: PropertyName;
  /** The properties of protocol 2 that say the same there. */
  readonly by: readonly Promised[];
  /** The scenarios with an attacker in which they were judged. */
  readonly scenarios: readonly string[];
  readonly states: number;
  readonly isClosed: boolean;
};

/** What protocol 1 cannot hold because it has no keys, and what says the same of protocol 2. */
const counterparts: Partial<Record<PropertyName, readonly Promised[]>> = {
  connectedGiven: ['connectedProven', 'endToEnd'],
  sentGiven: ['sentGiven'],
  notDisplaced: ['notDisplaced', 'nameHeld'],
  requestAmplifies: ['noAmplification', 'keepsNothing'],
};

/** One for each property that a stranger breaks in protocol 1, out of what was really walked of both. */
export function closuresOf(
  findings: readonly Finding[],
  sealed: readonly SealedFinding[],
): readonly Closure[] {
  const attacked = sealed.filter(({ bounds }) => bounds.forgeries > 0);
  return (Object.keys(counterparts) as PropertyName[])
    .filter((property) => isWitnessed(property, findings))
    .map((property) => {
      const by = counterparts[property] ?? [];
      const isJudged = ({ verdicts }: SealedFinding) =>
        by.every((name) => verdicts.some((verdict) => verdict.property === name));
      const where = attacked.filter((finding) => !finding.isCutOff && isJudged(finding));
      return {
        ...{ property, by },
        scenarios: where.map(({ scenario }) => scenario.name),
        states: where.reduce((sum, { states }) => sum + states, 0),
        isClosed: where.length > 0 && attacked.every(isKept),
      };
    });
}

function isWitnessed(property: PropertyName, findings: readonly Finding[]): boolean {
  return findings.some(
    ({ bounds, verdicts }) =>
      bounds.forgeries > 0 && verdicts.some((verdict) => verdict.property === property && !verdict.holds),
  );
}
