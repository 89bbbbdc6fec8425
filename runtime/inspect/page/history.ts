import type { PassageFate, SourceIdentity, StepDetails } from '../records.ts';

/** A process that tells of itself, or has. */
export type Source = {
  readonly identity: SourceIdentity;
  readonly words: Map<number, string>;
  readonly charts: Map<number, Chart>;
  /** Its number at the hub, which changes when another hub takes over. */
  number: number;
  isLive: boolean;
};

export type Chart = { readonly number: number; readonly name: string; readonly definition: string };

/** A server or a client: a life line. Those that only an address is known of are elsewhere. */
export type Host = {
  readonly key: string;
  readonly name: string;
  readonly role: 'server' | 'client' | 'nat' | 'elsewhere';
  readonly source: Source | undefined;
  /** Where its sockets are bound. */
  readonly addresses: Set<string>;
};

export type Actor = {
  readonly key: string;
  readonly number: number;
  readonly source: Source;
  readonly host: Host;
  readonly chart: Chart;
  /** Without the name of its host: `client`, `link:bob`, `alice`. */
  readonly id: string;
  readonly beganAt: number;
  readonly steps: Step[];
};

type Placed = {
  /** In ms: since 1970, or in the time of the run. */
  at: number;
  /** Its place among all items of the scene. */
  order: number;
  readonly source: Source;
};

export type Step = Placed & {
  readonly kind: 'step';
  readonly actor: Actor;
  readonly event: string;
  readonly state: string;
  /** Ids of the transitions that were taken. */
  readonly taken: readonly string[];
  readonly details: StepDetails;
  readonly arms: readonly Armed[];
  /** Its place among the steps of its actor. */
  index: number;
  /** When the actor came to the phase that it is in. */
  since: number;
  /** Whether it came there with this step. */
  isArrival: boolean;
  /** Running after it; undefined until somebody asks. */
  timers?: ReadonlyMap<string, Running>;
  /** What a search looks through, in lower case; undefined until somebody searches. */
  text?: string;
};

export type Armed = { readonly timer: string; readonly delayMs: number };

export type Running = { readonly delayMs: number; readonly dueAt: number };

export type Datagram = Placed & {
  readonly kind: 'datagram';
  sender: Host | undefined;
  receiver: Host | undefined;
  from: string;
  readonly to: string;
  readonly message: string;
  readonly bytes: number;
  /** `sent` and `received` are what is known when only one side tells. */
  fate: PassageFate | { readonly type: 'sent' } | { readonly type: 'received' };
  /** Whether it was found to be the arrival of another, and is shown there. */
  isMerged?: boolean;
  text?: string;
};

export type Note = Placed & {
  readonly kind: 'note';
  readonly host: Host | undefined;
  readonly message: string;
  text?: string;
};

export type Item = Step | Datagram | Note;

export type Crowd = {
  readonly key: string;
  readonly host: Host;
  readonly chart: Chart;
  readonly source: Source;
  total: number;
  counts: readonly (readonly [state: string, count: number])[];
};

export type Found = {
  readonly search: string;
  readonly total: number;
  readonly actors: readonly {
    readonly number: number;
    readonly id: string;
    readonly state: string;
    readonly chart: string;
  }[];
};

/** The ids of the states that are active, from the chart's own to the innermost: `a.b + c` is `chart.a`, `chart.a.b`, `chart.c`. */
export function activeStates(chart: string, state: string): ReadonlySet<string> {
  const active = new Set([chart]);
  for (const leaf of state.split(' + ')) {
    const path = leaf.split('.');
    for (let length = 1; length <= path.length; length += 1) {
      active.add([chart, ...path.slice(0, length)].join('.'));
    }
  }
  return active;
}

/** What a state is called where there is little room: its first name, which is the phase that people are told. */
export function phaseOf(state: string): string {
  return state.split(/[. ]/, 1)[0] ?? state;
}

/** The actor's latest step that is not after a place in its scene; undefined if it has not begun by then. */
export function stepAt({ steps }: Actor, order: number): Step | undefined {
  return steps[placeAt(steps, order)];
}

/** The place of the last item that is not after another place; -1 if there is none. */
export function placeAt(items: readonly { readonly order: number }[], order: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.order ?? 0) <= order) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Says of steps what follows from those before them. */
export function chain(steps: readonly Step[], first = 0): void {
  for (let index = first; index < steps.length; index += 1) {
    const [step, before] = [steps[index], steps[index - 1]];
    if (step === undefined) return;
    step.index = index;
    delete step.timers;
    step.isArrival = before === undefined || phaseOf(before.state) !== phaseOf(step.state);
    step.since = before === undefined || step.isArrival ? step.at : before.since;
  }
}

/** The timers that run after a step: those of states that are still active, and those that were started. */
export function timersAfter({ actor: { steps }, index }: Step): ReadonlyMap<string, Running> {
  // Back to where they are known, then forward: a chart may have taken thousands of steps that nobody has looked at.
  let first = index;
  while (first > 0 && steps[first - 1]?.timers === undefined) first -= 1;
  let known = steps[first - 1]?.timers ?? NO_TIMERS;
  for (const step of steps.slice(first, index + 1)) {
    known = nextTimers(known, step);
    step.timers = known;
  }
  return known;
}

const NO_TIMERS: ReadonlyMap<string, Running> = new Map();

function nextTimers(before: ReadonlyMap<string, Running>, step: Step): ReadonlyMap<string, Running> {
  if (step.details.ended !== undefined) return NO_TIMERS;
  const active = activeStates(step.actor.chart.name, step.state);
  const kept = [...before].filter(([timer]) => timer !== step.event && active.has(stateOfTimer(timer)));
  if (kept.length === before.size && step.arms.length === 0) return before;
  const started = step.arms.map(
    ({ timer, delayMs }) => [timer, { delayMs, dueAt: step.at + delayMs }] as const,
  );
  return new Map([...kept, ...started]);
}

/** `xstate.after.retry.client.joining` belongs to `client.joining`. */
function stateOfTimer(timer: string): string {
  return timer.replace(/^xstate\.after\.[^.]*\./, '');
}
