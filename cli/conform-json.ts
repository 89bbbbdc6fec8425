import type { ConformReport, Subject } from './conform-text.ts';
import { exitCodes } from './exit.ts';
import { toJson } from './render.ts';

/** What `punch conform --json` prints: one line for the plan, one for each scenario, one for the end. */
export function jsonReport({ server, seed, run }: Subject): ConformReport {
  return {
    began: (contact, { scenarios, leftOut }) => [
      toJson({
        type: 'plan',
        ...{ server, seed, names: run, contact },
        scenarios: scenarios.length,
        leftOut: leftOut.map(({ scenario: { kind, number, title }, reason }) => ({
          kind,
          number,
          title,
          reason,
        })),
      }),
    ],
    waits: (ms) => [toJson({ type: 'waiting', ms })],
    finished: ({ scenario: { kind, number, title }, outcome, steps, omitted }) => [
      toJson({ type: 'scenario', kind, number, title, outcome, omitted, steps }),
    ],
    ended: ({ ending, results, undone, covered, uncovered }, outcome) => [
      toJson({
        type: 'end',
        ...{ outcome, code: exitCodes[outcome], ending },
        scenarios: results.length,
        steps: results.reduce((sum, { steps }) => sum + steps.length, 0),
        undone: undone.map(({ kind, number, title }) => ({ kind, number, title })),
        transitions: { covered, uncovered },
      }),
    ],
  };
}
