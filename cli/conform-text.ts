import { roles } from '../runtime/conformance/cast.ts';
import type { Conformance, LeftOut, Plan } from '../runtime/conformance/conform.ts';
import type { Contact } from '../runtime/conformance/contact.ts';
import type { Line } from '../runtime/conformance/line.ts';
import type { ScenarioResult, StepResult } from '../runtime/conformance/perform.ts';
import { type Repair, repairs, repairTitles } from '../runtime/conformance/repairs.ts';
import type { Scenario } from '../runtime/conformance/scenario.ts';
import type { Outcome } from './exit.ts';
import { escapeText } from './render.ts';

export type Subject = {
  readonly server: string;
  readonly seed: number;
  /** Begins every name. */
  readonly run: string;
  readonly isOrderSeen: boolean;
};

/** What is printed, line by line, as it comes. */
export type ConformReport = {
  began(contact: Contact, plan: Plan): readonly string[];
  waits(ms: number): readonly string[];
  finished(result: ScenarioResult): readonly string[];
  ended(conformance: Conformance, outcome: Outcome): readonly string[];
};

/** What `punch conform` prints for people. What has been shown in full is not shown so a second time. */
export function textReport(subject: Subject): ConformReport {
  const shown = new Map<string, string>();
  let notAbroad: string | undefined;
  let leftOut: Plan['leftOut'] = [];
  const escaped = (lines: readonly string[]) => lines.map(escapeText);
  return {
    began: (contact, plan) => {
      leftOut = plan.leftOut;
      notAbroad = contact.type === 'answering' ? contact.notAbroad : undefined;
      return escaped([...preamble(subject, contact, plan), '']);
    },
    finished: (result) => escaped(scenarioLines(result, shown)),
    waits: (ms) => [`Sessions are left to expire. That takes ${minutes(ms)}.`],
    ended: (conformance) => [
      ...(conformance.results.length === 0
        ? []
        : ['', ...countLines(conformance), ...escaped(leftOutLines(leftOut, notAbroad)), '']),
      ...escaped(verdictLines(conformance, subject.server, leftOut.length > 0)),
    ],
  };
}

function preamble({ server, seed, run, isOrderSeen }: Subject, contact: Contact, { scenarios }: Plan) {
  return [
    `${server} answers. To be driven: ${amounts(scenarios)}.`,
    `Our names there begin with ${run}- (--seed ${seed}).`,
    ...(isOrderSeen
      ? []
      : ['Which of two clients is introduced first cannot be seen from here, and is not judged.']),
    ...(contact.type === 'answering' && contact.isBehindNat
      ? ['A NAT is on the way: where each of us is, the server says first, and is held to it.']
      : []),
  ];
}

function scenarioLines({ scenario, outcome, steps, omitted }: ScenarioResult, shown: Map<string, string>) {
  const name = nameOf(scenario);
  const telling = steps.filter(({ verdict }) => verdict.type !== 'conforms');
  const known = [
    ...new Set(telling.flatMap(({ verdict }) => (verdict.type === 'repair' ? [verdict.repair] : []))),
  ];
  const head = `${marks[outcome].padEnd(10)}${name.padEnd(13)}${scenario.title}`;
  const before = telling.find((step) => step.verdict.type === 'deviates' && shown.has(signatureOf(step)));
  const fresh: StepResult[] = [];
  for (const step of telling) {
    if (shown.has(signatureOf(step))) continue;
    shown.set(signatureOf(step), name);
    fresh.push(step);
  }
  return [
    head,
    ...(fresh.length === 0
      ? []
      : steps.flatMap((step, index) => stepLines(step, index + 1, fresh.includes(step)))),
    ...(fresh.length === 0 && known.length > 0
      ? [`${indent}${known.map((one) => repairTitles[one]).join('; ')}`]
      : []),
    ...(before === undefined
      ? []
      : [`${indent}${sentence(before)}: as on ${shown.get(signatureOf(before))}`]),
    ...(omitted === 0 ? [] : [`${indent}not driven after that: ${counted(omitted, 'step')}`]),
  ];
}

function stepLines(step: StepResult, number: number, isTold: boolean): readonly string[] {
  const { verdict, about, says, expected, received, transmissions } = step;
  const known = verdict.type === 'repair' ? `known repair: ${repairTitles[verdict.repair]}` : '';
  const mark = verdict.type === 'conforms' ? 'ok' : verdict.type === 'deviates' ? 'DEVIATES' : known;
  const purpose = about === says ? '' : ` [${about}]`;
  const line = `${indent}${String(number).padStart(2)}. ${sentence(step)}${purpose}: ${mark}`;
  if (!isTold) return [line];
  const times = transmissions > 1 ? ` (sent ${transmissions} times)` : '';
  return [
    line,
    ...listed('expected', expected),
    ...listed('received', received),
    `${indent}    sent      ${step.bytes} from ${step.from}${times}`,
  ];
}

function listed(what: string, lines: readonly Line[]): readonly string[] {
  const times = new Map<string, number>();
  for (const { to, says } of lines) {
    const text = `${says}, to ${roles[to]}`;
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  const texts = [...times].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  return (texts.length === 0 ? ['nothing'] : texts).map(
    (text, index) => `${indent}    ${(index === 0 ? what : '').padEnd(10)}${text}`,
  );
}

function countLines({ results, covered, uncovered }: Conformance): readonly string[] {
  const count = (outcome: ScenarioResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const steps = results.reduce((sum, result) => sum + result.steps.length, 0);
  return [
    `${amounts(results.map(({ scenario }) => scenario))}, ${counted(steps, 'step')}: ` +
      `${count('conforms')} conform, ${count('repair')} with known repairs missing, ${count('deviates')} deviate.`,
    `Transitions of the session chart that were driven: ${covered.length} of ${covered.length + uncovered.length}.`,
    ...uncovered.map((name) => `  not ${name}`),
  ];
}

function leftOutLines(leftOut: Plan['leftOut'], notAbroad: string | undefined): readonly string[] {
  const count = (reason: LeftOut) => leftOut.filter((one) => one.reason === reason).length;
  return [
    ...(count('slow') === 0
      ? []
      : [`Left out: ${counted(count('slow'), 'path')} on which a session expires. --slow includes them.`]),
    ...(count('abroad') === 0
      ? []
      : [
          `Left out: ${counted(count('abroad'), 'path')} with a stranger at another IP address, because ${notAbroad}. ` +
            '--from <address> names another address of this machine.',
        ]),
  ];
}

function verdictLines(
  { ending, results, undone }: Conformance,
  server: string,
  isPartial: boolean,
): readonly string[] {
  const steps = results.flatMap((result) => result.steps);
  const missing = [
    ...new Set(steps.flatMap(({ verdict }) => (verdict.type === 'repair' ? [verdict.repair] : []))),
  ];
  const deviations = steps.filter(({ verdict }) => verdict.type === 'deviates').length;
  return [
    ...repairLines(missing, deviations),
    ...(deviations === 0 ? [] : [`${server} deviates from the protocol in ${counted(deviations, 'step')}.`]),
    ...endLines(ending, server, undone),
    ...(ending === 'done' && missing.length === 0 && deviations === 0
      ? [`${server} conforms to the protocol${isPartial ? ' in all that was driven' : ''}.`]
      : []),
  ];
}

function repairLines(missing: readonly Repair[], deviations: number): readonly string[] {
  if (missing.length === 0) return [];
  const head = `Warning: it speaks the original's protocol 1, with ${counted(missing.length, 'known repair')} missing`;
  return [
    `${head}${deviations === 0 ? '' : ', and more'}:`,
    ...missing.map((repair) => `  - ${repairTitles[repair]}. ${repairs[repair]}`),
  ];
}

function endLines(
  ending: Conformance['ending'],
  server: string,
  undone: readonly Scenario[],
): readonly string[] {
  switch (ending) {
    case 'silent':
      return [
        `${server} did not answer. Check the address, that the server runs, and that UDP to it is not blocked.`,
        'This tests protocol 1, which a server of protocol 2 answers only with --allow-protocol-1.',
      ];
    case 'refusing':
      return [`${server} refuses a name that nobody has: it is full. Try again later.`];
    case 'stopped':
      return [`${server} has stopped answering. Not driven: ${amounts(undone)}.`];
    case 'interrupted':
      return [`Interrupted.${undone.length === 0 ? '' : ` Not driven: ${amounts(undone)}.`}`];
    case 'done':
      return [];
  }
}

const indent = '          ';

const marks: Readonly<Record<ScenarioResult['outcome'], string>> = {
  conforms: 'ok',
  repair: 'repair',
  deviates: 'DEVIATES',
};

function sentence({ sender, says }: StepResult): string {
  return `${roles[sender]} sends ${says}`;
}

/** What two steps have in common if one need not be shown in full after the other: all but ports and repetitions. */
function signatureOf(step: StepResult): string {
  const { verdict, expected, received } = step;
  if (verdict.type === 'repair') return verdict.repair;
  const texts = (lines: readonly Line[]) => [
    ...new Set(lines.map(({ to, says }) => `${to}: ${says.replaceAll(/:\d+/g, ':')}`)),
  ];
  return JSON.stringify([sentence(step), texts(expected), texts(received)]);
}

function nameOf({ kind, number }: Scenario): string {
  return `${kind === 'datagram' ? 'datagram' : 'path'} ${number}`;
}

function amounts(scenarios: readonly Scenario[]): string {
  const datagrams = scenarios.filter(({ kind }) => kind === 'datagram').length;
  const paths = scenarios.length - datagrams;
  const parts = [
    ...(paths === 0 ? [] : [`${counted(paths, 'path')} of the session chart`]),
    ...(datagrams === 0 ? [] : [`${counted(datagrams, 'datagram')} to be dropped`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function minutes(ms: number): string {
  return ms < 60_000 ? counted(Math.ceil(ms / 1000), 'second') : counted(Math.ceil(ms / 60_000), 'minute');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
