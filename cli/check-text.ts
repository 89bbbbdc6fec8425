import { abstractions } from '../runtime/exploration/world/abstractions.ts';
import { type BoundName, boundTexts, defaultBounds } from '../runtime/exploration/world/bounds.ts';
import type { Finding, JudgedVerdict } from '../runtime/exploration/world/check.ts';
import { type PropertyName, properties } from '../runtime/exploration/world/properties.ts';
import { boundLines, counted, diagramLines, indented } from './check-lines.ts';

/** What to know before the verdicts. */
export function preamble(width: number): readonly string[] {
  return [
    'Protocol 1. Bounds, with what they are unless a scenario says otherwise:',
    ...boundLines(boundTexts, defaultBounds, width),
    'Taken together or left out:',
    ...abstractions.flatMap((text) => indented(`- ${text}`, 2, width)),
  ];
}

/** What was found in one scenario: what holds in a line, and what does not with the run that shows it. */
export function findingLines(finding: Finding, width: number): readonly string[] {
  const { scenario, states, moves, elapsedMs, verdicts, isCutOff } = finding;
  const seconds = (elapsedMs / 1000).toFixed(1);
  const held = verdicts.filter(({ holds, isExpected }) => holds && isExpected);
  return [
    '',
    `${scenario.name} (alice: ${scenario.nats[0]}, bob: ${scenario.nats[1]})`,
    `  ${counted(states)} states, ${counted(moves)} moves, ${seconds} s${boundsText(finding)}`,
    `  timers  ${finding.bounds.ordered === 1 ? ORDERED_TEXT : FREE_TEXT}`,
    ...(isCutOff ? ['  NOT JUDGED: more states than the bound "states" allows'] : []),
    ...(held.length === 0 ? [] : [`  holds   ${held.length} of ${verdicts.length} properties`]),
    ...verdicts
      .filter((verdict) => !held.includes(verdict))
      .flatMap((verdict) => verdictLines(verdict, width)),
  ];
}

const ORDERED_TEXT = 'of one chart in the order that the clock gives them';
const FREE_TEXT = 'in any order: every run that the clock allows, and more';

function verdictLines({ property, holds, judged, reason, isExpected, run }: JudgedVerdict, width: number) {
  const mark = isExpected ? 'witness' : holds ? 'HOLDS  ' : 'BROKEN ';
  const line = `  ${mark} ${holds ? '' : 'NOT: '}${properties[property]}`;
  const more = (text: string) => indented(text, 10, width);
  if (holds) return [line, ...more(`expected to be broken: ${reason}`)];
  return [
    line,
    ...(reason === undefined ? [] : more(`because ${reason}`)),
    ...(run === undefined
      ? more(`no run shows it: there is none among ${counted(judged)} states`)
      : diagramLines(run, width)),
  ];
}

/** The same as one line of JSON, with the runs. */
export function jsonLine(finding: Finding): string {
  const { scenario, bounds, states, moves, elapsedMs, bytes, isCutOff } = finding;
  const verdicts = finding.verdicts.map(({ property, holds, judged, reason, isExpected, run }) => ({
    ...{ property, says: properties[property], holds, judged, isExpected },
    ...(reason === undefined ? {} : { reason }),
    ...(run === undefined ? {} : { run: run.steps, happenings: run.happenings }),
  }));
  const { name, nats, asking } = scenario;
  const facts = { states, moves, elapsedMs: Math.round(elapsedMs), bytes, isCutOff };
  return JSON.stringify({ protocol: 1, scenario: name, nats, asking, bounds, ...facts, verdicts });
}

/** All scenarios together, property by property. */
export function summary(findings: readonly Finding[]): readonly string[] {
  const names = Object.keys(properties) as readonly PropertyName[];
  const rows = names.map((property) => {
    const all = findings.flatMap(({ verdicts }) =>
      verdicts.filter((verdict) => verdict.property === property),
    );
    const judged = all.reduce((sum, verdict) => sum + verdict.judged, 0);
    const held = all.filter(({ holds }) => holds).length;
    const wrong = all.filter(({ isExpected }) => !isExpected).length;
    const verdict = wrong > 0 ? 'UNEXPECTED' : held < all.length ? 'as expected' : 'holds';
    const where = `holds in ${held} of ${all.length}`.padEnd(19);
    return `  ${verdict.padEnd(12)}${where}${counted(judged).padStart(12)}  ${properties[property]}`;
  });
  const total = (of: (finding: Finding) => number) => findings.reduce((sum, finding) => sum + of(finding), 0);
  const seconds = (total(({ elapsedMs }) => elapsedMs) / 1000).toFixed(0);
  const size = `${counted(total(({ states }) => states))} states and ${counted(total(({ moves }) => moves))} moves`;
  return [
    '',
    `${size} in ${findings.length} scenarios, ${seconds} s. The numbers are states or moves judged.`,
    ...rows,
  ];
}

/** The bounds that are not the usual ones. */
function boundsText({ bounds }: Finding): string {
  const names = Object.keys(boundTexts) as readonly BoundName[];
  const unusual = names.filter((name) => name !== 'ordered' && bounds[name] !== defaultBounds[name]);
  return unusual.length === 0 ? '' : `; ${unusual.map((name) => `${name}=${bounds[name]}`).join(',')}`;
}
