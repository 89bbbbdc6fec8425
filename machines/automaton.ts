/**
 * A flat chart compiled to tables of integers: what it does in a state at an event, for each outcome of the guards that
 * are asked, looked up instead of computed. Context is no part of it: whoever runs the tables keeps that where it
 * likes, answers the guards and does the actions. (What a chart can come to, context and all, is enumerated elsewhere,
 * for exploration.)
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export type Automaton = {
  /** The names of what the tables number. The first state is the one that a life begins in. */
  readonly states: readonly string[];
  /** {@link BEGIN}, the types of events, and `after` with the name of each delay. */
  readonly events: readonly string[];
  readonly guards: readonly string[];
  readonly actions: readonly string[];
  readonly delays: readonly string[];
  /** By state: 1 for those that are final. */
  readonly isFinal: Uint8Array;
  /** By `state * events.length + event`: the guards to be asked, as bits. */
  readonly asked: Uint8Array;
  /**
   * By `(state * events.length + event << guards.length) + outcomes`, where the outcomes are bits too: the state after,
   * or {@link NOTHING} where the event is not heeded.
   */
  readonly next: Uint8Array;
  /** Likewise: which of the programs is run. */
  readonly program: Uint8Array;
  /** Likewise: the delay that is armed, anew if it was, or {@link NOTHING}. */
  readonly armed: Uint8Array;
  /** Likewise: the delay that is disarmed, or {@link NOTHING}. */
  readonly disarmed: Uint8Array;
  /** Lists of actions, in their order. The first one is empty. */
  readonly programs: readonly Uint8Array[];
};

/** The event that begins a life. */
export const BEGIN = 'begin';

export const NOTHING = 255;

/** Tables double with each guard. */
const GUARDS_MAX = 6;

/** Throws, with the name of what it has no table for, unless the chart is flat and does no more than assign, emit and wait. */
export function compile(machine: AnyStateMachine): Automaton {
  const nodes = statesOf(machine);
  const rules = nodes.flatMap((node) => rulesOf(machine, node));
  const states = nodes.map(({ key }) => key);
  const delays = distinct(rules.flatMap(({ event }) => (event.startsWith(AFTER) ? [event] : [])));
  const others = distinct(rules.map(({ event }) => event)).filter((event) => !event.startsWith(AFTER));
  const events = [BEGIN, ...others.filter((event) => event !== BEGIN), ...delays];
  const guards = distinct(rules.flatMap(({ guard }) => (guard === undefined ? [] : [guard])));
  if (guards.length > GUARDS_MAX) refuse(machine, `more than ${GUARDS_MAX} guards`);
  const actions = distinct(rules.flatMap(({ actions }) => actions));
  const programs: number[][] = [[]];
  const cells = (states.length * events.length) << guards.length;
  const table = (length: number) => new Uint8Array(length).fill(NOTHING);
  const [next, armed, disarmed] = [table(cells), table(cells), table(cells)];
  const program = new Uint8Array(cells);
  const asked = new Uint8Array(states.length * events.length);
  const delayNumber = (delay: string | undefined) => (delay === undefined ? NOTHING : delays.indexOf(delay));

  for (let row = 0; row < states.length * events.length; row += 1) {
    const [state, event] = [states[Math.floor(row / events.length)], events[row % events.length]];
    const choices = rules.filter((rule) => rule.state === state && rule.event === event);
    asked[row] = choices.reduce((bits, rule) => bits | bitOf(guards, rule), 0);
    for (let outcomes = 0; outcomes < 1 << guards.length; outcomes += 1) {
      const taken = choices.find((rule) => rule.guard === undefined || outcomes & bitOf(guards, rule));
      if (taken === undefined) continue;
      const cell = (row << guards.length) + outcomes;
      next[cell] = states.indexOf(taken.target);
      armed[cell] = delayNumber(taken.armed);
      disarmed[cell] = delayNumber(taken.disarmed);
      program[cell] = numberIn(
        programs,
        taken.actions.map((action) => actions.indexOf(action)),
      );
    }
  }
  return {
    ...{ states, events, guards, actions, asked, next, program, armed, disarmed },
    delays: delays.map((delay) => delay.slice(AFTER.length)),
    isFinal: Uint8Array.from(nodes, ({ type }) => (type === 'final' ? 1 : 0)),
    programs: programs.map((program) => Uint8Array.from(program)),
  };
}

/** One way out of a state, with everything that XState does on it. */
type Rule = {
  readonly state: string;
  readonly event: string;
  readonly guard: string | undefined;
  readonly target: string;
  readonly actions: readonly string[];
  readonly armed: string | undefined;
  readonly disarmed: string | undefined;
};

const AFTER = 'after ';

/** What XState itself puts among the actions of a state that waits. */
const WAITING: ReadonlySet<string> = new Set(['xstate.raise', 'xstate.cancel']);

/** What the definition of a state may say. */
const KNOWN: ReadonlySet<string> = new Set(['type', 'tags', 'entry', 'exit', 'on', 'after', 'always']);
const KNOWN_OF_CHARTS: ReadonlySet<string> = new Set([
  'schemas',
  'id',
  'context',
  'options',
  'initial',
  'states',
]);

/** All states, the initial one first. */
function statesOf(machine: AnyStateMachine): readonly AnyStateNode[] {
  const { root } = machine;
  if (root.type === 'parallel') refuse(machine, 'parallel states');
  for (const key of Object.keys(root.config))
    if (!KNOWN_OF_CHARTS.has(key)) refuse(machine, `"${key}" for the whole of it`);
  const nodes = Object.values(root.states) as readonly AnyStateNode[];
  for (const node of nodes) {
    if (node.type === 'history') refuse(machine, `history ("${node.key}")`);
    if (node.type !== 'atomic' && node.type !== 'final')
      refuse(machine, `states within states ("${node.key}")`);
    for (const key of Object.keys(node.config))
      if (!KNOWN.has(key)) refuse(machine, `${key} ("${node.key}")`);
  }
  const [initial] = root.initial.target ?? [];
  if (root.initial.actions.length > 0) refuse(machine, 'actions of the initial transition');
  return nodes.filter((node) => node === initial).concat(nodes.filter((node) => node !== initial));
}

function rulesOf(machine: AnyStateMachine, node: AnyStateNode): readonly Rule[] {
  const isInitial = node === machine.root.initial.target?.[0];
  const { always = [] } = node;
  if (always.length > 0 && !isInitial) refuse(machine, `always, but in the initial state ("${node.key}")`);
  const beginnings = isInitial ? beginningsOf(machine, node) : [];
  const reactions = [...node.transitions.values()].flat().map((transition) => ruleOf(machine, transition));
  if (always.length > 0 && reactions.length > 0)
    refuse(machine, `events where nothing rests ("${node.key}")`);
  return [...beginnings, ...reactions];
}

function beginningsOf(machine: AnyStateMachine, node: AnyStateNode): readonly Rule[] {
  const { always = [] } = node;
  const entry = namesOf(machine, node.entry);
  if (always.length === 0) {
    const rest = { actions: entry, armed: delayOf(machine, node), disarmed: undefined };
    return [{ state: node.key, event: BEGIN, guard: undefined, target: node.key, ...rest }];
  }
  return always.map((transition) => {
    const rule = ruleOf(machine, transition);
    return { ...rule, event: BEGIN, actions: [...entry, ...rule.actions], disarmed: undefined };
  });
}

function ruleOf(machine: AnyStateMachine, transition: AnyTransitionDefinition): Rule {
  const { source, target: targets, eventType, reenter } = transition;
  if (targets !== undefined && targets.length !== 1) refuse(machine, `several targets (in "${source.key}")`);
  if (eventType.includes('*')) refuse(machine, `wildcards ("${eventType}")`);
  const target = targets?.[0];
  const isLeft = target !== undefined && (target !== source || reenter);
  const own = namesOf(machine, transition.actions);
  const entered = isLeft ? target : undefined;
  return {
    state: source.key,
    event: delayIn(eventType, source) ?? eventType,
    guard: transition.guard === undefined ? undefined : guardName(machine, transition.guard),
    target: (target ?? source).key,
    actions:
      entered === undefined
        ? own
        : [...namesOf(machine, source.exit), ...own, ...namesOf(machine, entered.entry)],
    armed: entered === undefined ? undefined : delayOf(machine, entered),
    disarmed: isLeft ? delayOf(machine, source) : undefined,
  };
}

/** What a state waits for. */
function delayOf(machine: AnyStateMachine, node: AnyStateNode): string | undefined {
  const delays = [...node.transitions.keys()].flatMap((eventType) => delayIn(eventType, node) ?? []);
  if (delays.length > 1) refuse(machine, `several delays in one state ("${node.key}")`);
  const [delay] = delays;
  if (delay !== undefined && !Object.hasOwn(machine.implementations.delays, delay.slice(AFTER.length)))
    refuse(machine, `delays without a name (${delay} in "${node.key}")`);
  return delay;
}

function delayIn(eventType: string, { id }: AnyStateNode): string | undefined {
  const prefix = 'xstate.after.';
  return eventType.startsWith(prefix)
    ? `${AFTER}${eventType.slice(prefix.length, -`.${id}`.length)}`
    : undefined;
}

function namesOf(machine: AnyStateMachine, actions: readonly unknown[]): readonly string[] {
  return actions
    .filter((action) => !WAITING.has(typeOf(action) ?? '') || typeof action !== 'function')
    .map((action) => {
      const name = typeof action === 'function' ? undefined : typeOf(action);
      if (name === undefined) refuse(machine, `actions without a name (${typeOf(action) ?? 'a function'})`);
      const kind = typeOf(machine.implementations.actions[name]);
      if (kind !== 'xstate.assign' && kind !== 'xstate.emit')
        refuse(machine, `actions that neither assign nor emit ("${name}", ${kind ?? 'a function'})`);
      return name;
    });
}

function guardName(machine: AnyStateMachine, guard: unknown): string {
  const name = typeof guard === 'function' ? undefined : typeOf(guard);
  if (name === undefined) refuse(machine, 'guards without a name');
  if (typeof machine.implementations.guards[name] !== 'function' || isComposed(machine, name))
    refuse(machine, `guards made of guards ("${name}")`);
  return name;
}

function isComposed(machine: AnyStateMachine, name: string): boolean {
  return 'check' in (machine.implementations.guards[name] as object);
}

function typeOf(named: unknown): string | undefined {
  return typeof named === 'string' ? named : (named as { readonly type?: string } | undefined)?.type;
}

function refuse(machine: AnyStateMachine, feature: string): never {
  throw new Error(`the chart "${machine.id}" has ${feature}, which has no table`);
}

function bitOf(guards: readonly string[], { guard }: Rule): number {
  return guard === undefined ? 0 : 1 << guards.indexOf(guard);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function numberIn(programs: number[][], program: number[]): number {
  const known = programs.findIndex((other) => other.join() === program.join());
  return known >= 0 ? known : programs.push(program) - 1;
}
