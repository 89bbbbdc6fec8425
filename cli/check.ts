import { writeFileSync } from 'node:fs';
import { abstractions } from '../runtime/exploration/world/abstractions.ts';
import { boundTexts, parseBounds } from '../runtime/exploration/world/bounds.ts';
import { check, type Finding, isAsExpected, type JudgedVerdict } from '../runtime/exploration/world/check.ts';
import { type PropertyName, properties } from '../runtime/exploration/world/properties.ts';
import { lifelines, type Run, traceText } from '../runtime/exploration/world/run.ts';
import { scenarios } from '../runtime/exploration/world/scenarios.ts';
import { drawSequence } from '../runtime/simulation/sequence.ts';
import { exitCodes } from './exit.ts';

export type CheckCommandOptions = {
  /** `flight=2,restarts=1`: in place of the bounds that each scenario has. */
  readonly bounds?: string;
  readonly json?: boolean;
  /** Where to write the shortest run that breaks a property: an unexpected one, if there is any. */
  readonly trace?: string;
};

/** Explores whole systems and judges them. Fails unless every verdict is as expected. */
export async function runCheck(options: CheckCommandOptions): Promise<number> {
  const bounds = parseBounds(options.bounds ?? '');
  if (typeof bounds === 'string') {
    process.stderr.write(`${bounds}\n`);
    return exitCodes.usage;
  }
  const findings: Finding[] = [];
  if (!options.json) printLines(preamble());
  for (const scenario of scenarios) {
    const finding = check(scenario, { bounds, progress: (states) => showProgress(scenario.name, states) });
    showProgress('', 0);
    findings.push(finding);
    printLines(options.json ? jsonLines(finding) : textLines(finding));
  }
  const witness = worstOf(findings)?.run;
  if (options.trace !== undefined && witness !== undefined) writeFileSync(options.trace, traceText(witness));
  if (!options.json) printLines(summary(findings));
  return findings.every(isAsExpected) ? exitCodes.done : exitCodes.failed;
}

function preamble(): readonly string[] {
  return [
    'Bounds, given with each scenario:',
    ...Object.entries(boundTexts).map(([name, text]) => `  ${name.padEnd(10)}${text}`),
    'Taken together or left out:',
    ...abstractions.map((text) => `  - ${text}`),
  ];
}

function textLines(finding: Finding): readonly string[] {
  const { scenario, states, moves, elapsedMs, verdicts, isCutOff } = finding;
  const head = `${scenario.name} (alice: ${scenario.nats[0]}, bob: ${scenario.nats[1]})`;
  return [
    '',
    `${head}: ${counted(states)} states, ${counted(moves)} moves, ${(elapsedMs / 1000).toFixed(1)} s`,
    `  bounds ${boundsText(finding)}`,
    ...(isCutOff ? ['  NOT JUDGED: more states than the bound "states" allows'] : []),
    ...verdicts.flatMap(verdictLines),
  ];
}

function verdictLines(verdict: JudgedVerdict): readonly string[] {
  const { property, holds, judged, reason, isExpected, run } = verdict;
  const mark = isExpected ? (holds ? 'holds   ' : 'witness ') : holds ? 'HOLDS   ' : 'BROKEN  ';
  const line = `  ${mark}${properties[property]} (judged on ${counted(judged)})`;
  if (holds) return isExpected ? [line] : [line, `    expected to be broken: ${reason}`];
  return [
    line,
    ...(reason === undefined ? [] : [`    because ${reason}`]),
    ...(run === undefined ? [] : runLines(run, isExpected)),
  ];
}

function runLines(run: Run, isExpected: boolean): readonly string[] {
  const steps = run.steps.map((step, index) => `    ${index + 1}. ${step}`);
  return isExpected
    ? steps
    : [...steps, ...drawSequence(run.happenings, { lifelines }).map((text) => `    ${text}`)];
}

function jsonLines({ scenario, bounds, states, moves, elapsedMs, bytes, isCutOff, verdicts }: Finding) {
  const judged = verdicts.map(({ property, holds, judged, reason, isExpected, run }) => ({
    ...{ property, says: properties[property], holds, judged, isExpected },
    ...(reason === undefined ? {} : { reason }),
    ...(run === undefined ? {} : { run: run.steps, happenings: run.happenings }),
  }));
  const { name, nats, asking } = scenario;
  const facts = { states, moves, elapsedMs: Math.round(elapsedMs), bytes, isCutOff };
  return [JSON.stringify({ scenario: name, nats, asking, bounds, ...facts, verdicts: judged })];
}

function summary(findings: readonly Finding[]): readonly string[] {
  const names = Object.keys(properties) as readonly PropertyName[];
  const rows = names.map((property) => {
    const all = findings.flatMap(({ verdicts }) =>
      verdicts.filter((verdict) => verdict.property === property),
    );
    const judged = all.reduce((sum, verdict) => sum + verdict.judged, 0);
    const held = all.filter(({ holds }) => holds).length;
    const wrong = all.filter(({ isExpected }) => !isExpected).length;
    const witnesses = all.length - held;
    const verdict = wrong > 0 ? 'UNEXPECTED' : witnesses > 0 ? 'as expected' : 'holds';
    const where = `holds in ${held} of ${all.length}`.padEnd(19);
    return `  ${verdict.padEnd(12)}${where}${counted(judged).padStart(12)}  ${properties[property]}`;
  });
  const states = findings.reduce((sum, finding) => sum + finding.states, 0);
  const moves = findings.reduce((sum, finding) => sum + finding.moves, 0);
  const seconds = findings.reduce((sum, finding) => sum + finding.elapsedMs, 0) / 1000;
  return [
    '',
    `${counted(states)} states and ${counted(moves)} moves in ${findings.length} scenarios, ${seconds.toFixed(0)} s`,
    ...rows,
  ];
}

/** The verdict to look at first: the shortest unexpected run, else the shortest run there is. */
function worstOf(findings: readonly Finding[]): JudgedVerdict | undefined {
  const broken = findings.flatMap(({ verdicts }) => verdicts.filter(({ run }) => run !== undefined));
  const length = ({ run }: JudgedVerdict) => run?.steps.length ?? 0;
  return broken.sort(
    (one, other) => Number(one.isExpected) - Number(other.isExpected) || length(one) - length(other),
  )[0];
}

function boundsText({ bounds }: Finding): string {
  return Object.entries(bounds)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function counted(count: number): string {
  return count.toLocaleString('en');
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function showProgress(scenario: string, states: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(scenario === '' ? '\r\x1b[K' : `\r\x1b[K${scenario}: ${counted(states)} states`);
}
