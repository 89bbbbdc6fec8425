import { formatEndpoint } from '../../machines/endpoint.ts';
import { encode } from '../../machines/wire.ts';
import { pause } from '../ambient.ts';
import { Addresses } from './addresses.ts';
import { Names, type Role } from './cast.ts';
import { isComplete, isSame, judge, type Verdict } from './judge.ts';
import { Lane, type LaneOptions } from './lane.ts';
import { type Arrival, hexOf, type Line, Reader } from './line.ts';
import { Model } from './model.ts';
import { Original } from './original.ts';
import type { Scenario, Step } from './scenario.ts';

export type Stagecraft = LaneOptions & {
  /** Begins every name. */
  readonly run: string;
  /** When the server forgets a silent client, in ms. */
  readonly ttlMs: number;
  readonly isBehindNat: boolean;
  readonly isOrderSeen: boolean;
};

/** What was done in one step, and what came of it. */
export type StepResult = {
  /** An event of the chart, or what else it was for. */
  readonly about: string;
  readonly sender: Role;
  /** As people read it. */
  readonly says: string;
  readonly from: string;
  readonly bytes: string;
  readonly transmissions: number;
  readonly expected: readonly Line[];
  readonly received: readonly Line[];
  readonly verdict: Verdict;
};

export type ScenarioResult = {
  readonly scenario: Scenario;
  readonly outcome: Verdict['type'];
  readonly steps: readonly StepResult[];
  /** Steps that were not taken: after a deviation the server is in a state that nothing is known of. */
  readonly omitted: number;
  /** Of the session chart, as the model took them, by name. */
  readonly transitions: readonly string[];
};

/**
 * Plays a scenario against the server and, datagram by datagram, against the models. Ends at the first deviation, if it
 * is a path's, and when the signal aborts. Rejects with a `PunchError` when a socket cannot be opened.
 */
export async function perform(scenario: Scenario, stagecraft: Stagecraft): Promise<ScenarioResult> {
  const play = new Play(scenario, stagecraft);
  const steps: StepResult[] = [];
  let omitted = scenario.steps.filter(({ type }) => type !== 'wait').length;
  for (const step of scenario.steps) {
    if (step.type === 'wait') await pause(stagecraft.clock, step.ms, stagecraft.signal);
    if (stagecraft.signal.aborted) break;
    if (step.type === 'wait') continue;
    const result = await play.take(step);
    if (stagecraft.signal.aborted) break;
    steps.push(result);
    omitted -= 1;
    if (result.verdict.type === 'deviates' && scenario.kind !== 'datagram') break;
  }
  return { scenario, outcome: outcomeOf(steps), steps, omitted, transitions: play.transitions };
}

/** Whether a question that has an answer got none at all. */
export function isUnanswered({ expected, received }: StepResult): boolean {
  return expected.length > 0 && received.length === 0;
}

function outcomeOf(steps: readonly StepResult[]): Verdict['type'] {
  const types = steps.map(({ verdict }) => verdict.type);
  return (['deviates', 'repair'] as const).find((type) => types.includes(type)) ?? 'conforms';
}

type Act = Exclude<Step, { type: 'wait' }>;

class Play {
  readonly #stagecraft: Stagecraft;
  readonly #names: Names;
  readonly #addresses: Addresses;
  readonly #reader: Reader;
  readonly #lane: Lane;
  readonly #model: Model;
  readonly #original: Original;
  readonly #startedAt: number;

  constructor({ kind, number }: Scenario, stagecraft: Stagecraft) {
    this.#stagecraft = stagecraft;
    this.#names = new Names(stagecraft.run, `${kind[0]}${number}`);
    this.#addresses = new Addresses(stagecraft.isBehindNat);
    this.#reader = new Reader(stagecraft.server, this.#names, this.#addresses);
    this.#lane = new Lane(stagecraft);
    this.#model = new Model(stagecraft.ttlMs);
    this.#original = new Original(stagecraft.ttlMs);
    this.#startedAt = stagecraft.clock.now();
  }

  get transitions(): readonly string[] {
    return this.#model.transitions;
  }

  async take(step: Act): Promise<StepResult> {
    const { role, about } = step;
    const bytes = this.#bytesOf(step);
    const from = await this.#lane.place(role);
    this.#addresses.enter(role, from);
    const atMs = this.#stagecraft.clock.now() - this.#startedAt;
    const wanted = this.#model.answer(atMs, from, bytes);
    const expected = wanted.map((sent) => this.#reader.expected(sent));
    const { alternatives, repair, concede } = this.#original.answer(atMs, from, bytes);
    const original = alternatives.map((answer) => answer.map((sent) => this.#reader.expected(sent)));
    // That nothing has come is a sign of nothing before the time is over.
    const answers = [expected, ...original.filter(({ length }) => length > 0)];
    const read = (arrivals: readonly Arrival[]) =>
      arrivals.map((arrival) => this.#reader.received(arrival, wanted));
    const { arrivals, transmissions } = await this.#lane.exchange(role, bytes, (arrivals) =>
      answers.some((answer) => isComplete(answer, read(arrivals))),
    );
    const received = read(arrivals);
    const verdict = judge({
      ...{ expected, received, transmissions },
      original: { alternatives: original, repair },
      isOrderSeen: this.#stagecraft.isOrderSeen,
    });
    const isTelling = !original.some((answer) => isSame(answer, expected));
    if (isTelling && isOurs(verdict)) concede();
    return {
      ...{ about, sender: role, says: textOf(step), from: formatEndpoint(from), bytes: hexOf(bytes) },
      ...{ transmissions, expected, received, verdict },
    };
  }

  #bytesOf(step: Act): Uint8Array {
    return step.type === 'say'
      ? encode(this.#names.spell(step.message))
      : step.bytes((alias) => this.#names.real(alias));
  }
}

/** Whether the answer was ours, in whatever order. */
function isOurs(verdict: Verdict): boolean {
  return verdict.type === 'conforms' || (verdict.type === 'repair' && verdict.repair === 'calleeFirst');
}

function textOf(step: Act): string {
  if (step.type === 'send') return step.about;
  return `${step.message.type === 'register' ? 'Register' : 'HolePunchRequest'}(${step.message.name})`;
}
