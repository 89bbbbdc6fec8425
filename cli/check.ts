import { closuresOf } from '../runtime/exploration/closed.ts';
import {
  parseSealedBounds,
  type BoundName as SealedBoundName,
} from '../runtime/exploration/sealed-world/bounds.ts';
import { checkSealed, isKept, type SealedFinding } from '../runtime/exploration/sealed-world/check.ts';
import { properties as sealedProperties } from '../runtime/exploration/sealed-world/properties.ts';
import { sealedScenarios } from '../runtime/exploration/sealed-world/scenarios.ts';
import { type BoundName, parseBounds } from '../runtime/exploration/world/bounds.ts';
import { check, type Finding, isAsExpected } from '../runtime/exploration/world/check.ts';
import { properties } from '../runtime/exploration/world/properties.ts';
import type { Run } from '../runtime/exploration/world/run.ts';
import { scenarios } from '../runtime/exploration/world/scenarios.ts';
import {
  closureLines,
  sealedJsonLine,
  sealedLines,
  sealedPreamble,
  sealedSummary,
} from './check-sealed-text.ts';
import { findingLines, jsonLine, preamble, summary } from './check-text.ts';
import { exitCodes } from './exit.ts';
import { recordTold } from './recording.ts';
import { openTerminal } from './terminal.ts';

export type CheckCommandOptions = {
  /** Which protocol: both, unless told. */
  readonly protocol?: string;
  /** `flight=2,restarts=1`: in place of the bounds that each scenario has. The two protocols have bounds of their own. */
  readonly bounds?: string;
  readonly json?: boolean;
  /** Where to write the shortest run that breaks a property: an unexpected one, if there is any. */
  readonly record?: string;
};

type OpenBounds = Partial<Record<BoundName, number>>;
type SealedBounds = Partial<Record<SealedBoundName, number>>;
type Terms<Bounds> = { readonly bounds: Bounds; readonly isJson: boolean; readonly width: number };

/** Explores whole systems and judges them. Fails unless every verdict is as expected. */
export async function runCheck(options: CheckCommandOptions): Promise<number> {
  const { protocol, bounds: text = '', record } = options;
  if (protocol !== undefined && protocol !== '1' && protocol !== '2') {
    return refuse(`There is no protocol "${protocol}". Choose 1 or 2.`);
  }
  if (text !== '' && protocol === undefined) {
    return refuse('The two protocols have bounds of their own: say which with --protocol 1 or --protocol 2.');
  }
  const bounds = protocol === '2' ? {} : parseBounds(text);
  const sealedBounds = protocol === '1' || text === '' ? {} : parseSealedBounds(text);
  if (typeof bounds === 'string') return refuse(bounds);
  if (typeof sealedBounds === 'string') return refuse(sealedBounds);
  const isJson = options.json === true;
  const width = widthOf(process.stdout.columns);
  const findings = protocol === '2' ? [] : walkAll({ bounds, isJson, width });
  const sealed = protocol === '1' ? [] : walkAllSealed({ bounds: sealedBounds, isJson, width });
  const closures = protocol === undefined ? closuresOf(findings, sealed) : [];
  if (isJson)
    printLines(closures.map((closure) => JSON.stringify({ witness: closure.property, ...closure })));
  else printLines(closureLines(closures, width));
  if (record !== undefined) await recordWorst(findings, sealed, record, isJson);
  const isFine =
    findings.every(isAsExpected) && sealed.every(isKept) && closures.every(({ isClosed }) => isClosed);
  return isFine ? exitCodes.done : exitCodes.failed;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return exitCodes.usage;
}

function walkAll({ bounds, isJson, width }: Terms<OpenBounds>): Finding[] {
  if (!isJson) printLines(preamble(width));
  const findings = scenarios.map((scenario) => {
    const finding = check(scenario, { bounds, progress: (states) => showProgress(scenario.name, states) });
    showProgress('', 0);
    printLines(isJson ? [jsonLine(finding)] : findingLines(finding, width));
    return finding;
  });
  if (!isJson) printLines(summary(findings));
  return findings;
}

function walkAllSealed({ bounds, isJson, width }: Terms<SealedBounds>): SealedFinding[] {
  if (!isJson) printLines(sealedPreamble(width));
  const findings = sealedScenarios.map((scenario) => {
    const progress = (states: number) => showProgress(scenario.name, states);
    const finding = checkSealed(scenario, { bounds, progress });
    showProgress('', 0);
    printLines(isJson ? [sealedJsonLine(finding)] : sealedLines(finding, width));
    return finding;
  });
  if (!isJson) printLines(sealedSummary(findings, width));
  return findings;
}

async function recordWorst(
  findings: readonly Finding[],
  sealed: readonly SealedFinding[],
  file: string,
  isJson: boolean,
): Promise<void> {
  const terminal = openTerminal({ json: isJson });
  const worst = worstOf([...findings.flatMap(brokenIn), ...sealed.flatMap(brokenInSealed)]);
  if (worst === undefined) {
    return terminal.report({ type: 'notice', text: `${file} is not recorded: no run breaks a property.` });
  }
  const { scenario, property, says, isExpected, run } = worst;
  const broken = `“${says.replace(/\.$/, '')}”${isExpected ? ', as expected' : ''}`;
  const said = `the shortest run in "${scenario}" that breaks ${broken}`;
  const origin = { label: `check: ${scenario}: ${property}`, times: 'moves' } as const;
  await recordTold(run.trace, { file, said, ...origin }, terminal);
}

type Broken = {
  readonly scenario: string;
  readonly property: string;
  readonly says: string;
  readonly isExpected: boolean;
  readonly run: Run;
};

function brokenIn({ scenario, verdicts }: Finding): readonly Broken[] {
  return verdicts.flatMap(({ property, isExpected, run }) =>
    run === undefined
      ? []
      : [{ scenario: scenario.name, property, says: properties[property], isExpected, run }],
  );
}

function brokenInSealed({ scenario, verdicts }: SealedFinding): readonly Broken[] {
  return verdicts.flatMap(({ property, run }) =>
    run === undefined
      ? []
      : [
          {
            ...{ scenario: scenario.name, property, says: sealedProperties[property] },
            ...{ isExpected: false, run },
          },
        ],
  );
}

/** The run to look at first: the shortest unexpected one, else the shortest there is. */
function worstOf(broken: readonly Broken[]): Broken | undefined {
  return [...broken].sort(
    (one, other) =>
      Number(one.isExpected) - Number(other.isExpected) || one.run.steps.length - other.run.steps.length,
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
