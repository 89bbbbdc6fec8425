import {
  type AnyActor,
  type AnyEventObject,
  type AnyTransitionDefinition,
  type EventObject,
  type InspectionEvent,
  StateMachine,
  type StateValue,
} from 'xstate';
import type { Clock } from '../ambient.ts';
import { placeOf } from '../exploration/anatomy.ts';
import { greetingsIn, redact } from '../trace/redaction.ts';
import { Cast, type ChartInfo, type Watched } from './cast.ts';
import type { HubRequest } from './interest.ts';
import type { Line } from './lines.ts';
import { Queue } from './queue.ts';
import type { SourceRecord, StepDetails } from './records.ts';
import { Words } from './words.ts';

export type TapOptions = {
  readonly clock: Clock;
  /** On the clock, when `at` is 0. */
  readonly startedAt: number;
  /** Begins the ids of actors, with a slash, and is left out. */
  readonly label: string;
  /** Tells everything, and only when it is flushed. */
  readonly isPatient?: boolean;
  publish(lines: readonly Line[]): void;
};

/**
 * A step from when its event was sent until the actor has come to rest. Its place among the records is where the event
 * was sent, so that it comes before what it causes.
 */
type Pending = {
  readonly at: number;
  /** Undefined while an actor is made, which may take transitions already. */
  event?: EventObject;
  /** Whether there is a place for it. */
  isPlaced: boolean;
  readonly taken: number[];
  readonly arms: (readonly [number, number])[];
  readonly emits: string[];
  /** Undefined until it is known, and for ever if nothing came of the event. */
  record?: () => SourceRecord;
};

/** Found actors that are told by name. */
const FOUND_MAX = 20;

/** Greetings that are remembered, to show them among the words that are hidden. */
const GREETINGS_MAX = 10_000;

/** Turns what XState shows of its actors into records. */
export class Tap {
  readonly queue: Queue;
  /** What both sides of the links of this process say, which is no secret. */
  readonly greetings = new Set<string>();
  readonly #options: TapOptions;
  readonly #cast = new Cast();
  readonly #words: Words;
  /** Of each actor, the step it is taking, and those that wait. */
  readonly #pending = new Map<object, Pending[]>();
  readonly #stale = new Set<Watched>();
  #searches: readonly string[] = [];

  constructor(options: TapOptions) {
    this.#options = options;
    this.queue = new Queue({ ...options, conclude: (missed) => this.#conclude(missed) });
    this.#words = new Words((number, text) => this.queue.tellFirst(['word', number, text]));
  }

  now(): number {
    return Math.round((this.#options.clock.now() - this.#options.startedAt) * 1000) / 1000;
  }

  /** Takes an inspection event. It neither throws nor keeps what it is given for longer than it is told. */
  inspect(event: InspectionEvent): void {
    switch (event.type) {
      case '@xstate.actor':
        return this.#meet(event.actorRef as AnyActor);
      case '@xstate.event':
        if (event.event.type === 'xstate.init') this.#meet(event.actorRef as AnyActor);
        return this.#expect(event.actorRef, event.event);
      case '@xstate.microstep': {
        const [watched, step] = this.#underway(event.actorRef);
        if (watched !== undefined && step !== undefined) this.#take(step, watched.chart, event._transitions);
        return;
      }
      case '@xstate.action': {
        const [, step] = this.#underway(event.actorRef);
        if (step !== undefined) this.#act(step, event.action);
        return;
      }
      case '@xstate.snapshot':
        return this.#rest(event.actorRef as AnyActor, event);
    }
  }

  /** What viewers look at and search for. */
  asked({ actors, searches }: Extract<HubRequest, { actors: unknown }>): void {
    for (const number of actors) {
      const watched = this.#cast.open(number);
      if (watched !== undefined) this.#introduce(watched);
    }
    this.#searches = searches;
    for (const search of searches) this.#answer(search);
  }

  #meet(ref: AnyActor): void {
    if (this.#cast.get(ref) !== undefined || !(ref.logic instanceof StateMachine)) return;
    const { chart, isNew } = this.#cast.chartOf(ref.logic);
    if (isNew) this.queue.tellFirst(['chart', chart.number, chart.machine.id, definitionOf(chart)]);
    const prefix = `${this.#options.label}/`;
    const id = ref.id.startsWith(prefix) ? ref.id.slice(prefix.length) : ref.id;
    const watched = this.#cast.enter(ref, id, chart, this.now(), this.queue.admits());
    if (watched.isTold) this.queue.add(['actor', watched.number, chart.number, id, watched.beganAt]);
  }

  /** Keeps a place for what will come of an event. */
  #expect(ref: object, event: EventObject): void {
    const watched = this.#cast.get(ref);
    if (watched === undefined || !watched.isTold) return;
    const steps = this.#pending.get(ref) ?? [];
    const making = steps.at(-1);
    if (!this.queue.admits()) {
      if (making?.event === undefined) steps.pop();
      this.#stale.add(watched);
      return;
    }
    const step = making !== undefined && making.event === undefined ? making : newPending(this.now());
    step.event = event;
    if (step !== making) steps.push(step);
    this.#pending.set(ref, steps);
    this.#place(step);
  }

  #take({ taken }: Pending, chart: ChartInfo, transitions: readonly AnyTransitionDefinition[]): void {
    for (const transition of transitions) {
      const id = chart.ids.get(transition);
      if (id !== undefined) taken.push(this.#words.numberOf(id));
    }
  }

  #act(step: Pending, { type, params }: { readonly type: string; readonly params: unknown }): void {
    const { id, delay, event } = params as { id?: string; delay?: number; event?: EventObject };
    if (type === 'xstate.emit' && event !== undefined) step.emits.push(event.type);
    if (type !== 'xstate.raise' || id === undefined || delay === undefined) return;
    step.arms.push([this.#words.numberOf(id), delay]);
  }

  #rest(ref: AnyActor, { event, snapshot }: Extract<InspectionEvent, { type: '@xstate.snapshot' }>): void {
    const watched = this.#cast.get(ref);
    if (watched === undefined) return;
    const { value, status } = snapshot as unknown as { value: StateValue; status: string };
    if (event.type === 'xstate.init') this.#learnGreetings(event);
    this.#cast.moved(watched, this.#words.numberOf(placeOf(value)));
    const hasEnded = status !== 'active';
    if (watched.isTold) this.#complete(ref, watched, event, hasEnded ? status : undefined);
    else this.queue.wake();
    if (!hasEnded) return;
    this.#pending.delete(ref);
    this.#cast.leave(ref);
  }

  #place(step: Pending): void {
    step.isPlaced = true;
    this.queue.add(() => step.record?.());
  }

  #complete(ref: object, watched: Watched, event: EventObject, ended: string | undefined): void {
    const steps = this.#pending.get(ref);
    const place = steps?.findIndex((step) => step.event === event) ?? -1;
    // What was not admitted is told as a state, later; an end is told whatever there is to do, or it would never be.
    if (place < 0 && ended === undefined && this.#stale.has(watched)) return;
    const [step = newPending(this.now())] = place < 0 ? [] : (steps?.splice(place, 1) ?? []);
    if (steps?.length === 0) this.#pending.delete(ref);
    const state = watched.state ?? 0;
    const word = this.#words.numberOf(event.type);
    step.record = () => {
      const details = detailsOf(event, step, ended, this.greetings);
      const record = ['step', watched.number, step.at, word, state, step.taken] as const;
      return Object.keys(details).length === 0 ? record : [...record, details];
    };
    if (!step.isPlaced) this.#place(step);
    if (ended !== undefined) this.#stale.delete(watched);
  }

  /** An actor that is told of from here on, in the state that it is in. */
  #introduce(watched: Watched): void {
    const { number, chart, id, beganAt, state } = watched;
    this.queue.tell(['actor', number, chart.number, id, beganAt]);
    if (state !== undefined) this.#tellState(watched, OPENED, state);
  }

  #tellState({ number }: Watched, why: string, state: number): void {
    this.queue.tell(['step', number, this.now(), this.#words.numberOf(why), state, []]);
  }

  #conclude(missed: number): void {
    if (missed > 0) this.queue.tell(['missed', this.now(), missed]);
    for (const watched of this.#stale) {
      if (watched.state !== undefined) this.#tellState(watched, MISSED, watched.state);
    }
    this.#stale.clear();
    let isChanged = false;
    for (const chart of this.#cast.charts) {
      if (!chart.isCrowd || !chart.isChanged) continue;
      chart.isChanged = false;
      isChanged = true;
      this.queue.tell(['crowd', chart.number, this.now(), chart.living, [...chart.counts]]);
    }
    if (isChanged) for (const search of this.#searches) this.#answer(search);
  }

  #answer(search: string): void {
    const { total, first } = this.#cast.search(search, FOUND_MAX);
    this.queue.tell([
      'found',
      search,
      total,
      first.map(({ number, chart, id, state }) => [number, chart.number, id, state ?? 0]),
    ]);
  }

  /** The actor, and the step that it is taking; no step if it is not told of. */
  #underway(ref: object): readonly [Watched | undefined, Pending | undefined] {
    const watched = this.#cast.get(ref);
    if (watched === undefined || !watched.isTold) return NOBODY;
    const known = this.#pending.get(ref)?.[0];
    // Only an actor that is being made takes steps without an event.
    if (known !== undefined || watched.state !== undefined) return [watched, known];
    const step = newPending(this.now());
    this.#pending.set(ref, [step]);
    return [watched, step];
  }

  #learnGreetings(event: AnyEventObject): void {
    if (this.greetings.size < GREETINGS_MAX)
      for (const greeting of greetingsIn(event.input)) this.greetings.add(greeting);
  }
}

const NOBODY = [undefined, undefined] as const;

/** Words in place of an event, where none was told. */
const OPENED = '(watched from here on)';
const MISSED = '(steps not told)';

function newPending(at: number): Pending {
  return { at, isPlaced: false, taken: [], arms: [], emits: [] };
}

function detailsOf(
  event: EventObject,
  { arms, emits }: Pending,
  ended: string | undefined,
  greetings: ReadonlySet<string>,
): StepDetails {
  const { type: _, ...payload } = redact(event, greetings) as Record<string, unknown>;
  return {
    ...(Object.keys(payload).length === 0 ? {} : { event: payload }),
    ...(arms.length === 0 ? {} : { arms }),
    ...(emits.length === 0 ? {} : { emits }),
    ...(ended === undefined ? {} : { ended: ended as NonNullable<StepDetails['ended']> }),
  };
}

/** Without a context, which may be a literal in it. Functions are left out, since what is drawn has names. */
function definitionOf({ machine }: ChartInfo): string {
  const { context: _, ...config } = machine.config;
  return JSON.stringify(config);
}
