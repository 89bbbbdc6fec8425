import type { Endpoint } from '../../machines/endpoint.ts';
import { encode } from '../../machines/wire.ts';
import { onAbort } from '../abort.ts';
import type { Clock } from '../ambient.ts';
import type { Transport } from '../transport.ts';
import { Names } from './cast.ts';
import { type Contact, makeContact } from './contact.ts';
import { datagramScenarios } from './datagram-scenarios.ts';
import { Lane, type LaneOptions } from './lane.ts';
import { Pace } from './pace.ts';
import { pathScenarios } from './path-scenarios.ts';
import { isUnanswered, perform, type ScenarioResult } from './perform.ts';
import { needsAbroad, type Scenario, type ScenarioKind, waitsMs } from './scenario.ts';
import { plainSessions, plainTransitions } from './session-lives.ts';

export type ConformOptions = {
  readonly server: Endpoint;
  readonly clock: Clock;
  /** Begins every name we use: unique among the runs against one server, at most 40 bytes. */
  readonly run: string;
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
  /** When the server forgets a silent client, in ms. */
  readonly ttlMs: number;
  /** Whether to wait for sessions to expire, which takes more than twice `ttlMs`. */
  readonly isSlow: boolean;
  /** Whether datagrams come to two sockets in the order they were sent, as on one machine. */
  readonly isOrderSeen: boolean;
  /** A socket at our address, or at another one of ours: then it may reject with a `PunchError` that says why not. */
  readonly open: (where: 'here' | 'abroad') => Promise<Transport>;
  readonly signal: AbortSignal;
  readonly observer: ConformObserver;
};

export type ConformObserver = {
  /** Contact is made, and so much is to be done. */
  began(contact: Contact, plan: Plan): void;
  /** Nothing will be finished for so many ms at least: sessions are left to expire. */
  waits(ms: number): void;
  /** In the order of the plan. */
  finished(result: ScenarioResult): void;
};

export type Plan = {
  readonly scenarios: readonly Scenario[];
  readonly leftOut: readonly { readonly scenario: Scenario; readonly reason: LeftOut }[];
};

/** `slow`: it was not asked for. `abroad`: it takes a second IP address. */
export type LeftOut = 'slow' | 'abroad';

export type Conformance = {
  /** `stopped`: the server answered at first, and then nothing any more. */
  readonly ending: 'done' | 'silent' | 'refusing' | 'stopped' | 'interrupted';
  readonly results: readonly ScenarioResult[];
  /** Scenarios that were planned, and not begun or not ended. */
  readonly undone: readonly Scenario[];
  /** Transitions of the session chart: those that were driven, those that were not, by name. */
  readonly covered: readonly string[];
  readonly uncovered: readonly string[];
};

/**
 * Drives a server along the paths of the session chart, then with datagrams that it must drop, and judges each answer.
 * Sends at most 8 datagrams at once, and nothing before what was sent is answered or given up. Rejects with a
 * `PunchError` when no socket can be opened here.
 */
export async function conform(options: ConformOptions): Promise<Conformance> {
  const sockets: Transport[] = [];
  const open: LaneOptions['open'] = async (where) => {
    const socket = await options.open(where);
    sockets.push(socket);
    return socket;
  };
  try {
    return await new Run({ ...options, open }).go();
  } finally {
    // Not sooner: a port that is used again would have a past at the server.
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

/** At once, of those that do not wait. */
const LANES = 8;

class Run {
  readonly #options: ConformOptions;
  readonly #stopping = new AbortController();
  readonly #lane: LaneOptions;
  readonly #results: ScenarioResult[] = [];
  #isStopped = false;

  constructor(options: ConformOptions) {
    this.#options = options;
    const { server, clock, timeoutMs, open } = options;
    this.#lane = { server, clock, timeoutMs, open, pace: new Pace(), signal: this.#stopping.signal };
  }

  async go(): Promise<Conformance> {
    const { signal, run, observer, ttlMs, isSlow } = this.#options;
    const forget = onAbort(signal, () => this.#stopping.abort());
    try {
      const contact = await makeContact({ ...this.#lane, run });
      if (signal.aborted) return this.#end('interrupted', []);
      if (contact.type !== 'answering') return this.#end(contact.type, []);
      const plan = planOf(contact, ttlMs, isSlow);
      observer.began(contact, plan);
      const of = (kind: ScenarioKind) => plan.scenarios.filter((scenario) => scenario.kind === kind);
      await this.#performAll(of('path'), LANES, contact.isBehindNat);
      const waitMs = Math.max(0, ...of('slow').map(waitsMs));
      if (waitMs > 0 && !this.#stopping.signal.aborted) observer.waits(waitMs);
      await this.#performAll(of('slow'), Number.POSITIVE_INFINITY, contact.isBehindNat);
      await this.#performAll(of('datagram'), 1, contact.isBehindNat);
      return this.#end(signal.aborted ? 'interrupted' : this.#isStopped ? 'stopped' : 'done', plan.scenarios);
    } finally {
      forget();
      this.#stopping.abort();
    }
  }

  async #performAll(scenarios: readonly Scenario[], lanes: number, isBehindNat: boolean): Promise<void> {
    const waiting = [...scenarios];
    const finished = inOrder(scenarios, (result) => {
      this.#results.push(result);
      this.#options.observer.finished(result);
    });
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (this.#stopping.signal.aborted) return;
        const { run, ttlMs, isOrderSeen } = this.#options;
        const result = await perform(next, { ...this.#lane, run, ttlMs, isOrderSeen, isBehindNat });
        if (this.#stopping.signal.aborted) return;
        const isLost = result.steps.some(isUnanswered) && !(await this.#isAlive(next));
        // Once is enough: the others have met the same silence.
        if (this.#stopping.signal.aborted) return;
        finished.add(result);
        if (isLost) this.#stop();
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, scenarios.length) }, work));
    finished.rest();
  }

  /** Whether the server answers anything to a newcomer. */
  async #isAlive({ kind, number }: Scenario): Promise<boolean> {
    const names = new Names(this.#options.run, `alive-${kind[0]}${number}`);
    const hello = encode(names.spell({ type: 'register', name: 'alice' }));
    const { arrivals } = await new Lane(this.#lane).exchange('client', hello, ({ length }) => length > 0);
    return arrivals.length > 0;
  }

  #stop(): void {
    this.#isStopped = true;
    this.#stopping.abort();
  }

  #end(ending: Conformance['ending'], planned: readonly Scenario[]): Conformance {
    const done = new Set(this.#results.map(({ scenario }) => scenario));
    const taken = new Set(this.#results.flatMap(({ transitions }) => transitions));
    const all = plainTransitions();
    return {
      ending,
      results: this.#results,
      undone: planned.filter((scenario) => !done.has(scenario)),
      covered: all.filter((name) => taken.has(name)),
      uncovered: all.filter((name) => !taken.has(name)),
    };
  }
}

function planOf({ notAbroad }: Contact & { type: 'answering' }, ttlMs: number, isSlow: boolean): Plan {
  const all = [...pathScenarios(plainSessions, ttlMs), ...datagramScenarios()];
  const reasonAgainst = (scenario: Scenario): LeftOut | undefined => {
    if (notAbroad !== undefined && needsAbroad(scenario)) return 'abroad';
    return scenario.kind === 'slow' && !isSlow ? 'slow' : undefined;
  };
  return {
    scenarios: all.filter((scenario) => reasonAgainst(scenario) === undefined),
    leftOut: all.flatMap((scenario) => {
      const reason = reasonAgainst(scenario);
      return reason === undefined ? [] : [{ scenario, reason }];
    }),
  };
}

/** Hands results on in the order of their scenarios, each as soon as all before it are there; `rest` waits no more. */
function inOrder(scenarios: readonly Scenario[], handOn: (result: ScenarioResult) => void) {
  const early = new Map<Scenario, ScenarioResult>();
  const ahead = [...scenarios];
  const hand = (result: ScenarioResult) => {
    early.delete(result.scenario);
    handOn(result);
  };
  return {
    add(result: ScenarioResult): void {
      early.set(result.scenario, result);
      for (;;) {
        const next = ahead[0] === undefined ? undefined : early.get(ahead[0]);
        if (next === undefined) return;
        ahead.shift();
        hand(next);
      }
    },
    rest(): void {
      for (const scenario of ahead) {
        const result = early.get(scenario);
        if (result !== undefined) hand(result);
      }
    },
  };
}
