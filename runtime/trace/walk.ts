import type { StateValue } from 'xstate';
import type { ReplayStep } from './replay.ts';

/** Where an actor is. */
export type Standing = { readonly chart: string; readonly state: StateValue | undefined };

/** A walk over the steps of a replay, forward and back. */
export class Walk {
  readonly steps: readonly ReplayStep[];
  readonly #standings = new Map<string, Standing>();
  /** What each step so far has replaced. */
  readonly #replaced: (Standing | undefined)[] = [];

  constructor(steps: readonly ReplayStep[]) {
    this.steps = steps;
  }

  /** How many steps have been taken. */
  get position(): number {
    return this.#replaced.length;
  }

  /** The last step taken; undefined before the first. */
  get step(): ReplayStep | undefined {
    return this.steps[this.position - 1];
  }

  /** All actors that have begun, the oldest first. */
  get standings(): ReadonlyMap<string, Standing> {
    return this.#standings;
  }

  /** As near to the position as the steps allow. */
  moveTo(position: number): void {
    const goal = Math.min(Math.max(position, 0), this.steps.length);
    while (this.position < goal) this.#forward();
    while (this.position > goal) this.#back();
  }

  #forward(): void {
    const step = this.steps[this.position];
    if (step === undefined) return;
    this.#replaced.push(this.#standings.get(step.actor));
    this.#standings.set(step.actor, { chart: step.chart, state: step.after });
  }

  #back(): void {
    const { step } = this;
    const replaced = this.#replaced.pop();
    if (step === undefined) return;
    if (replaced === undefined) this.#standings.delete(step.actor);
    else this.#standings.set(step.actor, replaced);
  }
}
