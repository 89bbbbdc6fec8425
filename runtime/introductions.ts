import type { Endpoint } from '../machines/endpoint.ts';
import { ID_BYTES } from '../machines/envelope.ts';
import { type IntroductionOutput, introductionMachine } from '../machines/introduction.ts';
import type { ToClient } from '../machines/letter-server.ts';
import type { Entropy } from './ambient.ts';
import { enact, type Live, type Stage } from './stage.ts';

/** Introductions of one caller that are remembered at once. */
const OF_ONE_CALLER_MAX = 64;

/** Neither side waits longer than this for the other. */
const START_IN_MAX_MS = 1_000;

/** Who can be introduced: sessions, which have numbers. A number is another session's once {@link Introductions.ended} has heard it. */
export type Sessions = {
  nameOf(session: number): string;
  keyOf(session: number): Uint8Array;
  clientOf(session: number): Endpoint;
  /** The time to the client and back. */
  roundTripMs(session: number): number;
  send(session: number, letter: ToClient): void;
};

/** One caller's request, and what came of it. */
type Introduction = {
  readonly caller: number;
  readonly callee: number | undefined;
  /** The caller's id for it. */
  readonly request: Uint8Array;
  /** The server's own, which the one who is called knows it by: callers may choose equal ones. */
  readonly id: Uint8Array;
  readonly offer: Uint8Array;
  readonly chart: Live<typeof introductionMachine>;
  answer: Uint8Array;
};

/** The introductions that are under way, and those that may be asked for again. */
export class Introductions {
  readonly #stage: Stage;
  readonly #entropy: Entropy;
  readonly #sessions: Sessions;
  readonly #byRequest = new Map<number, Map<string, Introduction>>();
  readonly #byId = new Map<string, Introduction>();
  /** Of whoever calls or is called. */
  readonly #bySession = new Map<number, Set<Introduction>>();

  constructor(stage: Stage, entropy: Entropy, sessions: Sessions) {
    this.#stage = stage;
    this.#entropy = entropy;
    this.#sessions = sessions;
  }

  get size(): number {
    return this.#byId.size;
  }

  /**
   * A caller asks for somebody, who may not be there. Tells whether that is a new request: the same one is answered
   * as before. A caller with too many of them is not heeded.
   */
  requested(
    caller: number,
    callee: number | undefined,
    request: Uint8Array,
    offer: Uint8Array,
  ): 'new' | 'repeated' | 'tooMany' {
    const requests = this.#byRequest.get(caller) ?? new Map<string, Introduction>();
    const known = requests.get(hex(request));
    if (known !== undefined) {
      known.chart.send({ type: 'repeated' });
      return 'repeated';
    }
    if (requests.size >= OF_ONE_CALLER_MAX) return 'tooMany';
    const id = this.#entropy(ID_BYTES);
    const input = { isReachable: callee !== undefined };
    // The chart speaks as soon as it lives, before there is anything to hold it in.
    const spoken: IntroductionOutput[] = [];
    let introduction: Introduction | undefined;
    const chart = enact(this.#stage, introductionMachine, `introduction:${hex(id)}`, input, {
      perform: (effect) => {
        if (introduction === undefined) spoken.push(effect);
        else this.#perform(introduction, effect);
      },
    });
    introduction = { caller, callee, request, id, offer, chart, answer: new Uint8Array() };
    requests.set(hex(request), introduction);
    this.#byRequest.set(caller, requests);
    this.#byId.set(hex(id), introduction);
    for (const session of partiesOf(introduction)) {
      const known = this.#bySession.get(session);
      if (known === undefined) this.#bySession.set(session, new Set([introduction]));
      else known.add(introduction);
    }
    for (const effect of spoken) this.#perform(introduction, effect);
    return 'new';
  }

  /** Who is called says yes. False if nobody has asked them, or no longer. */
  accepted(callee: number, id: Uint8Array, answer: Uint8Array): boolean {
    const introduction = this.#askedOf(callee, id);
    if (introduction === undefined) return false;
    if (introduction.answer.length === 0) introduction.answer = answer;
    introduction.chart.send({ type: 'accepted' });
    return true;
  }

  /** Who is called says no. */
  refused(callee: number, id: Uint8Array): boolean {
    const introduction = this.#askedOf(callee, id);
    introduction?.chart.send({ type: 'refused' });
    return introduction !== undefined;
  }

  /** A session is over: nobody can be introduced to it, or by its wish. */
  ended(session: number): void {
    for (const introduction of [...(this.#bySession.get(session) ?? [])]) this.#forget(introduction);
  }

  close(): void {
    for (const introduction of [...this.#byId.values()]) this.#forget(introduction);
  }

  #askedOf(callee: number, id: Uint8Array): Introduction | undefined {
    const introduction = this.#byId.get(hex(id));
    return introduction?.callee === callee ? introduction : undefined;
  }

  #perform(introduction: Introduction, effect: IntroductionOutput): void {
    const { caller, callee, request, id, offer, answer } = introduction;
    const sessions = this.#sessions;
    if (effect.type === 'ended') return this.#forget(introduction);
    if (effect.type === 'decline')
      return sessions.send(caller, { type: 'holePunchResponseUnknown', request });
    if (callee === undefined) return;
    // Who is nearer to the server waits for as long as the other's word travels longer.
    const leadMs = (sessions.roundTripMs(callee) - sessions.roundTripMs(caller)) / 2;
    switch (effect.type) {
      case 'offer':
        return sessions.send(callee, {
          type: 'holePunchInitiate',
          request: id,
          name: sessions.nameOf(caller),
          key: sessions.keyOf(caller),
          remote: sessions.clientOf(caller),
          offer,
        });
      case 'answer':
        return sessions.send(caller, {
          type: 'holePunchAnswer',
          request,
          remote: sessions.clientOf(callee),
          answer,
          startInMs: startIn(leadMs),
        });
      case 'start':
        return sessions.send(callee, { type: 'start', request: id, startInMs: startIn(-leadMs) });
    }
  }

  #forget(introduction: Introduction): void {
    const { caller, request, id, chart } = introduction;
    chart.stop();
    this.#byId.delete(hex(id));
    const requests = this.#byRequest.get(caller);
    requests?.delete(hex(request));
    if (requests?.size === 0) this.#byRequest.delete(caller);
    for (const session of partiesOf(introduction)) {
      const known = this.#bySession.get(session);
      known?.delete(introduction);
      if (known?.size === 0) this.#bySession.delete(session);
    }
  }
}

function partiesOf({ caller, callee }: Introduction): readonly number[] {
  return callee === undefined ? [caller] : [caller, callee];
}

function startIn(leadMs: number): number {
  return Math.round(Math.min(Math.max(0, leadMs), START_IN_MAX_MS));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
