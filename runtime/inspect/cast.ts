import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { transitionIds } from '../drawing/picture.ts';

/** Actors of one chart that are told of one by one. Above that they are counted. */
export const TOLD_MAX = 200;

/** Actors that were asked for beyond those, at most. */
const OPENED_MAX = 100;

export type Watched = {
  readonly number: number;
  readonly id: string;
  readonly chart: ChartInfo;
  readonly beganAt: number;
  /** The word for its state; undefined until it has come to rest for the first time. */
  state: number | undefined;
  isTold: boolean;
};

export type ChartInfo = {
  readonly number: number;
  readonly machine: AnyStateMachine;
  readonly ids: ReadonlyMap<AnyTransitionDefinition, string>;
  living: number;
  told: number;
  readonly counts: Map<number, number>;
  /** Whether its actors are, or were, too many to be told of. */
  isCrowd: boolean;
  isChanged: boolean;
};

/** All living actors of a process: those that are told of, and those that are only counted. */
export class Cast {
  readonly #charts = new Map<AnyStateMachine, ChartInfo>();
  readonly #watched = new Map<object, Watched>();
  readonly #byNumber = new Map<number, Watched>();
  #latestRef: object | undefined;
  #latest: Watched | undefined;
  #numbered = 0;
  #opened = 0;

  get charts(): Iterable<ChartInfo> {
    return this.#charts.values();
  }

  chartOf(machine: AnyStateMachine): { readonly chart: ChartInfo; readonly isNew: boolean } {
    const known = this.#charts.get(machine);
    if (known !== undefined) return { chart: known, isNew: false };
    const chart: ChartInfo = {
      number: this.#charts.size,
      machine,
      ids: transitionIds(machine),
      living: 0,
      told: 0,
      counts: new Map(),
      isCrowd: false,
      isChanged: false,
    };
    this.#charts.set(machine, chart);
    return { chart, isNew: true };
  }

  get(ref: object): Watched | undefined {
    // XState shows what it does to one actor in a row.
    if (ref !== this.#latestRef) {
      this.#latestRef = ref;
      this.#latest = this.#watched.get(ref);
    }
    return this.#latest;
  }

  enter(ref: object, id: string, chart: ChartInfo, beganAt: number, hasRoom: boolean): Watched {
    this.#numbered += 1;
    const isTold = hasRoom && chart.told < TOLD_MAX;
    const watched: Watched = {
      number: this.#numbered,
      id,
      chart,
      beganAt,
      state: undefined,
      isTold,
    };
    chart.living += 1;
    if (isTold) chart.told += 1;
    else chart.isCrowd = true;
    this.#watched.set(ref, watched);
    this.#latestRef = undefined;
    this.#byNumber.set(watched.number, watched);
    return watched;
  }

  moved(watched: Watched, state: number): void {
    if (watched.state === state) return;
    const { counts } = watched.chart;
    this.#uncount(watched);
    counts.set(state, (counts.get(state) ?? 0) + 1);
    watched.state = state;
    watched.chart.isChanged = true;
  }

  leave(ref: object): void {
    const watched = this.#watched.get(ref);
    if (watched === undefined) return;
    this.#watched.delete(ref);
    this.#latestRef = undefined;
    this.#byNumber.delete(watched.number);
    this.#uncount(watched);
    watched.chart.living -= 1;
    watched.chart.isChanged = true;
    if (watched.isTold) watched.chart.told -= 1;
  }

  /** An actor that was only counted, to be told of from here on; undefined if it is told of, or is not there. */
  open(number: number): Watched | undefined {
    const watched = this.#byNumber.get(number);
    if (watched === undefined || watched.isTold || this.#opened >= OPENED_MAX) return undefined;
    this.#opened += 1;
    watched.isTold = true;
    watched.chart.told += 1;
    return watched;
  }

  /** Actors whose id has the text in it, in upper or lower case. */
  search(text: string, max: number): { readonly total: number; readonly first: readonly Watched[] } {
    const wanted = text.toLowerCase();
    const first: Watched[] = [];
    let total = 0;
    for (const watched of this.#watched.values()) {
      if (!watched.id.toLowerCase().includes(wanted)) continue;
      total += 1;
      if (first.length < max) first.push(watched);
    }
    return { total, first };
  }

  #uncount({ state, chart: { counts } }: Watched): void {
    if (state === undefined) return;
    const left = (counts.get(state) ?? 1) - 1;
    if (left === 0) counts.delete(state);
    else counts.set(state, left);
  }
}
