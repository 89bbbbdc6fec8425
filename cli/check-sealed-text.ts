import type { Closure } from '../runtime/exploration/closed.ts';
import { sealedAbstractions } from '../runtime/exploration/sealed-world/abstractions.ts';
import { type BoundName, boundTexts, defaultBounds } from '../runtime/exploration/sealed-world/bounds.ts';
import type { SealedFinding, SealedVerdict } from '../runtime/exploration/sealed-world/check.ts';
import { type PropertyName, properties } from '../runtime/exploration/sealed-world/properties.ts';
import { properties as properties1 } from '../runtime/exploration/world/properties.ts';
import { boundLines, counted, diagramLines, indented } from './check-lines.ts';

/** What to know before the verdicts on protocol 2. */
export function sealedPreamble(width: number): readonly string[] {
  return [
    '',
    'Protocol 2, with an attacker on the network. Bounds, with what they are unless a scenario says otherwise:',
    ...boundLines(boundTexts, defaultBounds, width),
    'Taken together or left out:',
    ...sealedAbstractions.flatMap((text) => indented(`- ${text}`, 2, width)),
  ];
}

/** What was found in one scenario: how much holds in a line, and what does not with the run that shows it. */
export function sealedLines(finding: SealedFinding, width: number): readonly string[] {
  const { scenario, states, moves, elapsedMs, verdicts, isCutOff } = finding;
  const broken = verdicts.filter(({ holds }) => !holds);
  const seconds = (elapsedMs / 1000).toFixed(1);
  return [
    '',
    scenario.name,
    ...indented(
      `${counted(states)} states, ${counted(moves)} moves, ${seconds} s${boundsText(finding)}`,
      2,
      width,
    ),
    ...(isCutOff ? ['  NOT JUDGED: more states than the bound "states" allows'] : []),
    ...(isCutOff ? [] : [`  holds   ${verdicts.length - broken.length} of ${verdicts.length} properties`]),
    ...broken.flatMap((verdict) => brokenLines(verdict, width)),
  ];
}

function brokenLines({ property, judged, run }: SealedVerdict, width: number): readonly string[] {
  return [
    ...indented(`BROKEN  NOT: ${properties[property]}`, 2, width),
    ...(run === undefined
      ? indented(`no run shows it: there is none among ${counted(judged)} states`, 10, width)
      : diagramLines(run, width)),
  ];
}

/** The same as one line of JSON, with the runs. */
export function sealedJsonLine(finding: SealedFinding): string {
  const { scenario, bounds, states, moves, elapsedMs, bytes, isCutOff } = finding;
  const verdicts = finding.verdicts.map(({ property, holds, judged, run }) => ({
    ...{ property, says: properties[property], holds, judged },
    ...(run === undefined ? {} : { run: run.steps, happenings: run.happenings }),
  }));
  const facts = { states, moves, elapsedMs: Math.round(elapsedMs), bytes, isCutOff };
  return JSON.stringify({ protocol: 2, scenario: scenario.name, bounds, ...facts, verdicts });
}

/** All scenarios together, promise by promise. */
export function sealedSummary(findings: readonly SealedFinding[], width: number): readonly string[] {
  const rows = (Object.keys(properties) as PropertyName[]).flatMap((property) => {
    const all = findings.flatMap(({ verdicts }) =>
      verdicts.filter((verdict) => verdict.property === property),
    );
    const judged = all.reduce((sum, verdict) => sum + verdict.judged, 0);
    const held = all.filter(({ holds }) => holds).length;
    const where = `holds in ${held} of ${all.length}`.padEnd(19);
    const head = `${held < all.length ? 'BROKEN' : 'holds '}  ${where}${counted(judged).padStart(12)}  `;
    return indented(`${head}${properties[property]}`, 2, width);
  });
  const total = (of: (finding: SealedFinding) => number) =>
    findings.reduce((sum, finding) => sum + of(finding), 0);
  const seconds = (total(({ elapsedMs }) => elapsedMs) / 1000).toFixed(0);
  const size = `${counted(total(({ states }) => states))} states and ${counted(total(({ moves }) => moves))} moves`;
  return [
    '',
    `Protocol 2: ${size} in ${findings.length} scenarios, ${seconds} s. The numbers are states or moves judged.`,
    ...rows,
  ];
}

/** What became of the witnesses against protocol 1. */
export function closureLines(closures: readonly Closure[], width: number): readonly string[] {
  if (closures.length === 0) return [];
  return [
    '',
    'Witnesses against protocol 1 that a stranger’s forgeries gave, and what became of them:',
    ...closures.flatMap(({ property, by, scenarios, states, isClosed }) => [
      ...indented(`NOT in protocol 1: ${properties1[property]}`, 2, width),
      ...(isClosed
        ? by.flatMap((name) => indented(`closed by protocol 2: ${properties[name]}`, 4, width))
        : ['    NOT CLOSED']),
      ...indented(`judged in ${counted(states)} states: ${scenarios.join('; ')}`, 4, width),
    ]),
  ];
}

/** The bounds that are not the usual ones. */
function boundsText({ bounds }: SealedFinding): string {
  const names = Object.keys(boundTexts) as readonly BoundName[];
  const unusual = names.filter((name) => bounds[name] !== defaultBounds[name]);
  return unusual.length === 0 ? '' : `; ${unusual.map((name) => `${name}=${bounds[name]}`).join(',')}`;
}
