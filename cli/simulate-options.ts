import type { Access } from '../runtime/simulation/behaviour.ts';
import { parseAccess } from '../runtime/simulation/description.ts';
import type { Path } from '../runtime/simulation/path.ts';
import type { InspectOptions } from './inspection.ts';

/** What `punch simulate` is given, as it is typed. */
export type SimulateOptions = InspectOptions & {
  readonly a?: string;
  readonly b?: string;
  readonly rtt?: string;
  readonly jitter?: string;
  readonly loss?: string;
  readonly duplicate?: string;
  readonly reorder?: string;
  readonly seed?: string;
  readonly protocol?: 1 | 2;
  readonly runs?: string;
  readonly matrix?: boolean;
  readonly json?: boolean;
  readonly record?: string;
};

/** What it means. */
export type SimulatePlan = {
  /** Undefined for the matrix. */
  readonly pair?: {
    readonly names: readonly [string, string];
    readonly alice: Access;
    readonly bob: Access | 'same';
  };
  readonly path: Path;
  readonly rttMs: number;
  readonly protocol: 1 | 2;
  readonly seed: number;
  /** Undefined if it was not said. */
  readonly runs?: number;
};

/** Reads the options; a text is what is wrong with them, as a sentence. */
export function readOptions(options: SimulateOptions): SimulatePlan | string {
  try {
    return plan(options);
  } catch (error) {
    if (error instanceof Misuse) return error.message;
    throw error;
  }
}

function plan(options: SimulateOptions): SimulatePlan {
  const rttMs = numberIn('--rtt', options.rtt ?? '40', 0, 60_000);
  const share = (name: string, text = '0') => numberIn(name, text, 0, 100) / 100;
  const path: Path = {
    delayMs: rttMs / 2,
    jitterMs: numberIn('--jitter', options.jitter ?? '0', 0, 60_000),
    loss: share('--loss', options.loss),
    duplication: share('--duplicate', options.duplicate),
    reordering: share('--reorder', options.reorder),
  };
  const common = {
    path,
    rttMs,
    protocol: options.protocol ?? 2,
    seed: wholeIn('--seed', options.seed ?? '1', 0, 2_147_483_647),
    ...(options.runs === undefined ? {} : { runs: wholeIn('--runs', options.runs, 1, 1_000_000) }),
  };
  if (options.matrix === true) {
    if (options.inspect === true || options.inspectTo !== undefined)
      throw new Misuse('--inspect shows one run, not every pair: leave --matrix out, and give --a and --b.');
    if (options.record !== undefined)
      throw new Misuse('--record takes one run, not every pair: leave --matrix out, and give --a and --b.');
    if (options.a !== undefined || options.b !== undefined)
      throw new Misuse('--matrix runs every pair of kinds: leave --a and --b out.');
    return common;
  }
  if (options.inspectTo === 'stately')
    throw new Misuse('The Stately Inspector shows what is alive: leave =stately out.');
  if (options.a === undefined || options.b === undefined)
    throw new Misuse('Give --a and --b, the NATs of the two clients; or --matrix for every pair.');
  return {
    ...common,
    pair: {
      names: [options.a, options.b],
      alice: accessIn(options.a),
      bob: options.b === 'same' ? 'same' : accessIn(options.b),
    },
  };
}

class Misuse extends Error {}

function accessIn(text: string): Access {
  const access = parseAccess(text);
  if (typeof access === 'string') throw new Misuse(access);
  return access;
}

function numberIn(name: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,10}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Misuse(`${name} ${JSON.stringify(text)} is no number from ${min} to ${max}.`);
  return value;
}

function wholeIn(name: string, text: string, min: number, max: number): number {
  const value = numberIn(name, text, min, max);
  if (!Number.isInteger(value)) throw new Misuse(`${name} ${JSON.stringify(text)} is not a whole number.`);
  return value;
}
