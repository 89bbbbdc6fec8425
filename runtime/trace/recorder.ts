import type { EventObject } from 'xstate';
import {
  type ActorRefLike,
  type AnyActor,
  type InspectionEvent,
  StateMachine,
  type StateValue,
} from 'xstate';
import type { Clock } from '../ambient.ts';
import type { AnyEffect } from './format.ts';
import type { Happening, TraceWriter } from './writer.ts';

export type Recorder = {
  /** For the `inspect` option of an actor. Never throws. */
  inspect(event: InspectionEvent): void;
  /** Writes what is waiting, and the last line. */
  end(): void;
};

/** Turns what XState shows of its actors into the records of a trace. */
export function createRecorder(writer: TraceWriter, clock: Clock): Recorder {
  return new InspectionRecorder(writer, clock);
}

/**
 * An event that was sent, from then until the chart has taken it. Charts send to each other while they take events:
 * records come in the order of sending, causes before what they cause.
 */
type Slot = {
  readonly actor: Recorded;
  readonly at: number;
  readonly event: EventObject;
  readonly effects: AnyEffect[];
  state?: StateValue;
  error?: string;
  isComplete: boolean;
  /** Whether the chart has ended before it took the event. */
  isMoot: boolean;
};

type Recorded = {
  readonly ref: AnyActor;
  readonly id: string;
  readonly chart: string;
  /** Events not yet taken, the next one first. */
  readonly waiting: Slot[];
};

class InspectionRecorder implements Recorder {
  readonly #writer: TraceWriter;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #actors = new WeakMap<ActorRefLike, Recorded>();
  readonly #living = new Map<string, AnyActor>();
  readonly #slots: Slot[] = [];
  #isOver = false;

  constructor(writer: TraceWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  inspect(event: InspectionEvent): void {
    if (this.#isOver || this.#writer.stopped !== undefined) return;
    try {
      this.#see(event);
    } catch {
      // What cannot be written must not end the protocol.
      this.#isOver = true;
      this.#writer.cut('unfit');
    }
  }

  end(): void {
    if (this.#isOver) return;
    this.#settle();
    this.#isOver = true;
    this.#writer.end();
  }

  #see(event: InspectionEvent): void {
    switch (event.type) {
      case '@xstate.event': {
        const actor = event.event.type === 'xstate.init' ? this.#meet(event.actorRef) : this.#known(event);
        if (actor !== undefined) this.#enter(actor, event.event);
        return;
      }
      case '@xstate.action': {
        const effect = effectOf(event.action);
        if (effect !== undefined) this.#known(event)?.waiting[0]?.effects.push(effect);
        return;
      }
      case '@xstate.snapshot':
        return this.#complete(event.actorRef, event.event, event.snapshot);
    }
  }

  #known({ actorRef }: InspectionEvent): Recorded | undefined {
    return this.#actors.get(actorRef);
  }

  #meet(ref: ActorRefLike): Recorded | undefined {
    const actor = ref as AnyActor;
    if (!(actor.logic instanceof StateMachine)) return undefined;
    const recorded = { ref: actor, id: this.#freeId(actor.id), chart: actor.logic.id, waiting: [] };
    this.#living.set(recorded.id, actor);
    this.#actors.set(ref, recorded);
    return recorded;
  }

  /** Two hosts in one process may call their actors the same. */
  #freeId(id: string): string {
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? id : `${id}#${number}`;
      if (this.#living.get(candidate)?.getSnapshot().status !== 'active') return candidate;
    }
  }

  #enter(actor: Recorded, event: EventObject): Slot {
    const at = Math.round((this.#clock.now() - this.#startedAt) * 1000) / 1000;
    const slot: Slot = { actor, at, event, effects: [], isComplete: false, isMoot: false };
    actor.waiting.push(slot);
    // Charts run to rest before any microtask: who still has an event then has ended, or thrown.
    if (this.#slots.push(slot) === 1) queueMicrotask(() => this.#settle());
    return slot;
  }

  #complete(ref: ActorRefLike, event: EventObject, snapshot: unknown): void {
    const actor = this.#actors.get(ref);
    if (actor === undefined) return;
    // XState says nothing of `xstate.stop` before it is taken.
    const slot = actor.waiting.find((waiting) => waiting.event === event) ?? this.#enter(actor, event);
    actor.waiting.splice(actor.waiting.indexOf(slot), 1);
    const { value, status } = snapshot as { value: StateValue; status: string };
    slot.state = value;
    slot.isComplete = true;
    if (status !== 'active') this.#part(actor);
    this.#flush();
  }

  #part({ id, ref }: Recorded): void {
    if (this.#living.get(id) === ref) this.#living.delete(id);
  }

  #settle(): void {
    for (const slot of this.#slots) {
      if (slot.isComplete) continue;
      const { status, error } = slot.actor.ref.getSnapshot() as { status: string; error?: unknown };
      slot.isComplete = true;
      slot.isMoot = status !== 'error' || slot !== slot.actor.waiting[0];
      if (!slot.isMoot) slot.error = error instanceof Error ? error.message : String(error);
    }
    for (const { actor } of this.#slots) {
      actor.waiting.length = 0;
      if (actor.ref.getSnapshot().status !== 'active') this.#part(actor);
    }
    this.#flush();
  }

  #flush(): void {
    while (this.#slots[0]?.isComplete === true) {
      const slot = this.#slots.shift();
      if (slot !== undefined && !slot.isMoot && !this.#isOver) this.#writer.record(happeningOf(slot));
    }
  }
}

function happeningOf({ actor, at, event, state, effects, error }: Slot): Happening {
  const cause =
    event.type === 'xstate.init'
      ? { begin: actor.chart, input: (event as EventObject & { input?: unknown }).input }
      : { event };
  return {
    at,
    actor: actor.id,
    ...cause,
    ...(state === undefined ? {} : { state }),
    effects,
    ...(error === undefined ? {} : { error }),
  };
}

/** As `step` tells it; undefined for what our charts do not do. */
function effectOf({ type, params }: { type: string; params: unknown }): AnyEffect | undefined {
  const { id, delay, event, sendId } = params as {
    id?: string;
    delay?: number;
    event?: EventObject;
    sendId?: string;
  };
  if (type === 'xstate.emit' && event !== undefined) return { type: 'emit', event };
  if (type === 'xstate.cancel') return { type: 'disarm', timer: String(sendId) };
  if (type !== 'xstate.raise' || event === undefined || delay === undefined) return undefined;
  return { type: 'arm', timer: String(id), delayMs: delay, event };
}
