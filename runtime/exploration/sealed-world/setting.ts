/** What a sealed scenario is made of, compiled once: everything that stays the same while its states are walked. */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { Endpoint } from '../../../machines/endpoint.ts';
import * as timing from '../../../machines/timing.ts';
import { type Automaton, type CompileOptions, compile } from '../automaton.ts';
import type { Chart } from '../chart.ts';
import type { Layout } from '../world/layout.ts';
import { phaseNumber, slowTimersOf } from '../world/phases.ts';
import { clientChart, introductionChart, linkChart, type Machines, sessionChart } from './alphabet.ts';
import type { Bounds } from './bounds.ts';
import { layoutWith } from './fields.ts';
import { placeOfEndpoint, SERVER } from './places.ts';
import type { Rules } from './rules.ts';

export { BUSY, OVER, PUNCHING, THERE } from '../world/phases.ts';

export type Setting = {
  readonly bounds: Bounds;
  readonly rules: Rules;
  readonly layout: Layout;
  readonly clients: readonly [Role, Role];
  readonly links: readonly [Role, Role];
  readonly session: Role;
  readonly introduction: Role;
};

/** A chart's tables, and what is known of each of its situations. */
export type Role = {
  readonly automaton: Automaton;
  readonly width: number;
  readonly next: Int32Array;
  readonly output: Int32Array;
  readonly firable: Int32Array;
  readonly requests: readonly (readonly Request[])[];
  /** The timers of 5 s and more, as bits. */
  readonly slow: number;
  /** By situation: its one tag, and {@link BUSY} and so on. */
  readonly tags: readonly string[];
  readonly phase: Uint8Array;
  /** By situation: where a session's client is, or a link sends to; -1 if it does not know. */
  readonly at: Int32Array;
  /** Undefined where the alphabet has no such thing. */
  find(stimulus: string): number | undefined;
  stimulus(name: string): number;
  beginning(name: string): { readonly situation: number; readonly output: number };
};

/** One thing that a chart asks its host for. */
export type Request = {
  readonly kind: string;
  readonly to: number;
  /** The addresses of probes. */
  readonly targets: readonly number[];
  readonly asks: boolean;
  /** A cookie, or a token. */
  readonly value: number;
};

export function settingOf(machines: Machines, bounds: Bounds, rules: Rules): Setting {
  const isOrdered = bounds.ordered === 1;
  const role = (chart: Chart, options: Partial<CompileOptions> = {}) =>
    compiledOnce(chart, { waits, isOrdered, ...options });
  const client = (who: number) => role(clientChart(machines.client, who, bounds));
  const link = (who: number) =>
    role(linkChart(machines.link, who, bounds, rules), { canonical: withoutWhatMakesNoDifference });
  return {
    ...{ bounds, rules, layout: layoutWith(bounds.flight) },
    clients: [client(0), client(1)],
    links: [link(0), link(1)],
    session: role(sessionChart(machines.session, bounds)),
    introduction: role(introductionChart(machines.introduction)),
  };
}

/** Scenarios differ less in their charts than in what befalls them. */
function compiledOnce(chart: Chart, options: CompileOptions): Role {
  const known = compiled.get(chart.machine) ?? new Map<string, Role>();
  compiled.set(chart.machine, known);
  const key = JSON.stringify([options.isOrdered, chart.beginnings, chart.events]);
  const role = known.get(key) ?? roleOf(compile(chart, options));
  known.set(key, role);
  return role;
}

const compiled = new WeakMap<AnyStateMachine, Map<string, Role>>();

const waits: CompileOptions['waits'] = {
  retry: rangeOf(timing.REQUEST_LADDER_MS),
  requestRetry: rangeOf(timing.REQUEST_LADDER_MS),
  probeRetry: rangeOf(timing.PROBE_LADDER_MS),
  askRetry: rangeOf(timing.ASK_LADDER_MS),
  keepalive: [timing.KEEPALIVE_MIN_MS, timing.KEEPALIVE_MAX_MS],
};

function roleOf(automaton: Automaton): Role {
  const stimuli = new Map(automaton.stimuli.map((name, index) => [name, index]));
  const tags = automaton.situations.map(({ snapshot }) => [...snapshot.tags][0] ?? '');
  const known = <Value>(value: Value | undefined, name: string): Value => {
    if (value === undefined) throw new Error(`the alphabet of this world has no "${name}"`);
    return value;
  };
  return {
    ...{ automaton, width: automaton.stimuli.length, next: automaton.next, output: automaton.output },
    ...{ firable: automaton.firable, slow: slowTimersOf(automaton), tags },
    requests: automaton.outputs.map((events) => events.map(requestOf)),
    phase: Uint8Array.from(tags, phaseNumber),
    at: Int32Array.from(automaton.situations, ({ snapshot: { context } }) => {
      const endpoint: Endpoint | null = context.client ?? context.remote ?? null;
      return endpoint === null ? -1 : placeOfEndpoint(endpoint);
    }),
    find: (name) => stimuli.get(name),
    stimulus: (name) => known(stimuli.get(name), name),
    beginning: (name) => known(automaton.beginnings[name], name),
  };
}

function requestOf(event: AnyEventObject): Request {
  const isProbe = event.type === 'probe';
  const message = event.message as { type: string; cookie?: string; token?: string } | undefined;
  const kind = message?.type ?? (isProbe && event.hops !== undefined ? 'opener' : event.type);
  const targets = isProbe ? (event.to as readonly Endpoint[]).map(placeOfEndpoint) : [];
  return {
    ...{ kind, targets, asks: event.asks === true },
    to: isProbe || event.to === undefined ? SERVER : placeOfEndpoint(event.to as Endpoint),
    value: Number(message?.cookie ?? message?.token ?? 0),
  };
}

/** Which addresses were tried matters, not in what order; and why a path is in doubt is for people. */
function withoutWhatMakesNoDifference(context: Record<string, unknown>): Record<string, unknown> {
  const tried = context.tried as readonly Endpoint[];
  return { ...context, doubt: null, tried: tried.map(({ address, port }) => `${address} ${port}`).sort() };
}

function rangeOf(ladder: readonly number[]): readonly [number, number] {
  return [Math.min(...ladder), Math.max(...ladder)];
}
