import { parseBounds } from '../runtime/exploration/world/bounds.ts';
import { check, type Finding, isAsExpected, type JudgedVerdict } from '../runtime/exploration/world/check.ts';
import { properties } from '../runtime/exploration/world/properties.ts';
import { scenarios } from '../runtime/exploration/world/scenarios.ts';
import { findingLines, jsonLine, preamble, summary } from './check-text.ts';
import { exitCodes } from './exit.ts';
import { recordTold } from './recording.ts';
import { openTerminal } from './terminal.ts';

export type CheckCommandOptions = {
  /** `flight=2,restarts=1`: in place of the bounds that each scenario has. */
  readonly bounds?: string;
  readonly json?: boolean;
  /** Where to write the shortest run that breaks a property: an unexpected one, if there is any. */
  readonly record?: string;
};

/** Explores whole systems and judges them. Fails unless every verdict is as expected. */
export async function runCheck(options: CheckCommandOptions): Promise<number> {
  const bounds = parseBounds(options.bounds ?? '');
  if (typeof bounds === 'string') {
    process.stderr.write(`${bounds}\n`);
    return exitCodes.usage;
  }
  const isJson = options.json === true;
  const findings: Finding[] = [];
  const width = widthOf(process.stdout.columns);
  if (!isJson) printLines(preamble(width));
  for (const scenario of scenarios) {
    const finding = check(scenario, { bounds, progress: (states) => showProgress(scenario.name, states) });
    showProgress('', 0);
    findings.push(finding);
    printLines(isJson ? [jsonLine(finding)] : findingLines(finding, width));
  }
  if (!isJson) printLines(summary(findings));
  if (options.record !== undefined) await recordWorst(findings, options.record, isJson);
  return findings.every(isAsExpected) ? exitCodes.done : exitCodes.failed;
}

async function recordWorst(findings: readonly Finding[], file: string, isJson: boolean): Promise<void> {
  const terminal = openTerminal({ json: isJson });
  const worst = worstOf(findings);
  if (worst === undefined) {
    return terminal.report({ type: 'notice', text: `${file} is not recorded: no run breaks a property.` });
  }
  const { scenario, verdict, run } = worst;
  const broken = `“${properties[verdict.property].replace(/\.$/, '')}”${verdict.isExpected ? ', as expected' : ''}`;
  const said = `the shortest run in "${scenario}" that breaks ${broken}`;
  const origin = { label: `check: ${scenario}: ${verdict.property}`, times: 'moves' } as const;
  await recordTold(run.trace, { file, said, ...origin }, terminal);
}

type Broken = {
  readonly scenario: string;
  readonly verdict: JudgedVerdict;
  readonly run: NonNullable<JudgedVerdict['run']>;
};

/** The run to look at first: the shortest unexpected one, else the shortest there is. */
function worstOf(findings: readonly Finding[]): Broken | undefined {
  const broken = findings.flatMap(({ scenario, verdicts }) =>
    verdicts.flatMap((verdict): Broken[] =>
      verdict.run === undefined ? [] : [{ scenario: scenario.name, verdict, run: verdict.run }],
    ),
  );
  return broken.sort(
    (one, other) =>
      Number(one.verdict.isExpected) - Number(other.verdict.isExpected) ||
      one.run.steps.length - other.run.steps.length,
  )[0];
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function showProgress(scenario: string, states: number): void {
  if (!process.stderr.isTTY) return;
  const text = `${scenario}: ${states.toLocaleString('en')} states`;
  process.stderr.write(`\r\x1b[K${scenario === '' ? '' : text}`);
}

function widthOf(columns: number | undefined): number {
  return Math.max(80, Math.min(120, columns ?? 100));
}
