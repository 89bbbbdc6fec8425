/** Explores scenarios one after the other and compares what it finds with what is expected. */
import { realAmbient } from '../../ambient.ts';
import { type BoundName, type Bounds, defaultBounds } from './bounds.ts';
import { type Machines, realMachines } from './parts.ts';
import { judge, type Verdict } from './properties.ts';
import { type Run, runTo } from './run.ts';
import type { Scenario } from './scenarios.ts';
import { type Setting, settingOf } from './setting.ts';
import { walk } from './walk.ts';

const { clock } = realAmbient;

export type Finding = {
  readonly scenario: Scenario;
  readonly bounds: Bounds;
  readonly states: number;
  readonly moves: number;
  readonly elapsedMs: number;
  readonly bytes: number;
  /** Whether the bound on states ended it: then nothing is judged. */
  readonly isCutOff: boolean;
  readonly verdicts: readonly JudgedVerdict[];
  /** With the cells of the charts' tables that were visited. */
  readonly setting: Setting;
};

export type JudgedVerdict = Verdict & {
  /** Why it may be broken here; undefined where it must hold. */
  readonly reason?: string;
  readonly isExpected: boolean;
  /** The shortest run that breaks it. */
  readonly run?: Run;
};

export type CheckOptions = {
  readonly machines?: Machines;
  /** These take the place of the scenario's own. */
  readonly bounds?: Partial<Record<BoundName, number>>;
  readonly progress?: (states: number) => void;
};

export function check(scenario: Scenario, { machines, bounds, progress }: CheckOptions = {}): Finding {
  const startedAt = clock.now();
  const all: Bounds = { ...defaultBounds, ...scenario.bounds, ...bounds };
  const setting = settingOf({
    machines: machines ?? realMachines,
    bounds: all,
    nats: scenario.nats,
    asking: scenario.asking,
  });
  const walked = walk(setting, progress);
  const verdicts = walked.isCutOff ? [] : judge(walked);
  return {
    ...{ scenario, bounds: all, setting, isCutOff: walked.isCutOff },
    states: walked.stateCount,
    moves: walked.moveCount,
    bytes: walked.bytes,
    verdicts: verdicts.map((verdict): JudgedVerdict => {
      const reason = scenario.broken[verdict.property];
      return {
        ...verdict,
        ...(reason === undefined ? {} : { reason }),
        isExpected: verdict.holds === (reason === undefined),
        ...(verdict.holds || verdict.state === undefined
          ? {}
          : { run: runTo(walked, verdict.state, verdict.move) }),
      };
    }),
    elapsedMs: clock.now() - startedAt,
  };
}

/** Whether every verdict is as expected, and nothing was cut off. */
export function isAsExpected({ isCutOff, verdicts }: Finding): boolean {
  return !isCutOff && verdicts.every(({ isExpected }) => isExpected);
}
