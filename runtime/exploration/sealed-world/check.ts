/** Explores sealed scenarios one after the other. */
import { realAmbient } from '../../ambient.ts';
import type { Run } from '../world/run.ts';
import { explore } from '../world/walk.ts';
import { type Machines, realMachines } from './alphabet.ts';
import { type BoundName, type Bounds, defaultBounds } from './bounds.ts';
import { movesOf } from './moves.ts';
import { judge, type Verdict } from './properties.ts';
import { type Rules, realRules } from './rules.ts';
import { runTo } from './run.ts';
import type { SealedScenario } from './scenarios.ts';
import { settingOf } from './setting.ts';

const { clock } = realAmbient;

export type SealedFinding = {
  readonly scenario: SealedScenario;
  readonly bounds: Bounds;
  readonly states: number;
  readonly moves: number;
  readonly elapsedMs: number;
  readonly bytes: number;
  /** Whether the bound on states ended it: then nothing is judged. */
  readonly isCutOff: boolean;
  readonly verdicts: readonly SealedVerdict[];
};

/** With the shortest run that breaks it. */
export type SealedVerdict = Verdict & { readonly run?: Run };

export type SealedCheckOptions = {
  readonly machines?: Machines;
  readonly rules?: Rules;
  /** These take the place of the scenario's own. */
  readonly bounds?: Partial<Record<BoundName, number>>;
  readonly progress?: (states: number) => void;
};

export function checkSealed(
  scenario: SealedScenario,
  { machines = realMachines, rules = realRules, bounds, progress }: SealedCheckOptions = {},
): SealedFinding {
  const startedAt = clock.now();
  const all: Bounds = { ...defaultBounds, ...scenario.bounds, ...bounds };
  const setting = settingOf(machines, all, rules);
  const moves = movesOf(setting);
  const { begin, each, hosts } = moves;
  const territory = { layout: setting.layout, limit: all.states * 1000, row: hosts.row, begin, each };
  const graph = explore(territory, progress);
  const verdicts = graph.isCutOff ? [] : judge(setting, graph);
  return {
    ...{ scenario, bounds: all, isCutOff: graph.isCutOff, bytes: graph.bytes },
    states: graph.stateCount,
    moves: graph.moveCount,
    verdicts: verdicts.map((verdict): SealedVerdict => {
      if (verdict.holds || verdict.state === undefined) return verdict;
      return { ...verdict, run: runTo(moves, graph, verdict.state, verdict.move) };
    }),
    elapsedMs: clock.now() - startedAt,
  };
}

/** Whether every promise holds, and nothing was cut off. */
export function isKept({ isCutOff, verdicts }: SealedFinding): boolean {
  return !isCutOff && verdicts.every(({ holds }) => holds);
}
