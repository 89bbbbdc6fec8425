/** The three charts over the alphabet of one world, and what they ask for as numbers that the hosts can act on. */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { clientMachine } from '../../../machines/client.ts';
import type { Endpoint } from '../../../machines/endpoint.ts';
import { greetingOf, linkMachine } from '../../../machines/link.ts';
import { sessionMachine } from '../../../machines/session.ts';
import * as timing from '../../../machines/timing.ts';
import type { Message } from '../../../machines/wire.ts';
import { type Automaton, type CompileOptions, compile } from '../automaton.ts';
import type { Chart } from '../chart.ts';
import { ALICE, BOB, NAMES, ownerOf, type Places, placeOfEndpoint } from './places.ts';

/** The charts to explore. Faults are planted by giving others than the real ones. */
export type Machines = {
  readonly client: AnyStateMachine;
  readonly link: AnyStateMachine;
  readonly session: AnyStateMachine;
};

export const realMachines: Machines = {
  client: clientMachine,
  link: linkMachine,
  session: sessionMachine,
};

/** One thing that a chart asks its host for. The fields that do not belong to a kind are 0. */
export type Request = {
  readonly kind: RequestKind;
  readonly to: number;
  readonly name: number;
  readonly remote: number;
};

export type RequestKind =
  | 'register'
  | 'request'
  | 'opener'
  | 'greeting'
  | 'ack'
  | 'unknown'
  | 'initiate'
  | 'introduce'
  | 'disappoint'
  | 'seek'
  | 'moved'
  | 'refuse'
  | 'ended'
  | 'report';

/** A chart compiled, with its outputs read. */
export type Part = {
  readonly automaton: Automaton;
  readonly requests: readonly (readonly Request[])[];
  readonly stimulusNamed: ReadonlyMap<string, number>;
  /** By situation: its one tag. */
  readonly phases: readonly string[];
};

export type Parts = {
  readonly clients: readonly [Part, Part];
  readonly links: readonly [Part, Part];
  readonly session: Part;
};

const waits: CompileOptions['waits'] = {
  retry: rangeOf(timing.REQUEST_LADDER_MS),
  requestRetry: rangeOf(timing.REQUEST_LADDER_MS),
  greetingRetry: rangeOf(timing.PUNCH_LADDER_MS),
};

export function partsOf(places: Places, machines: Machines, isOrdered: boolean): Parts {
  const client = (who: number) =>
    partOf(places, clientChart(places, machines.client, who), {
      waits: { ...waits, keepalive: [timing.KEEPALIVE_MIN_MS, timing.KEEPALIVE_MAX_MS] },
      isOrdered,
    });
  const link = (who: number) =>
    partOf(places, linkChart(places, machines.link, who), { waits, isOrdered, canonical: withTriedSorted });
  return {
    clients: [client(ALICE), client(BOB)],
    links: [link(ALICE), link(BOB)],
    session: partOf(places, sessionChart(places, machines.session), { waits, isOrdered }),
  };
}

function clientChart(places: Places, machine: AnyStateMachine, who: number): Chart {
  const server = endpointAt(places, places.server);
  const peer = NAMES[1 - who];
  const said = (label: string, from: Endpoint) => ({
    [`ack ${label}`]: { type: 'datagram.registerAck', from, jitter: 0 },
    [`unknown ${label}`]: { type: 'datagram.holePunchResponseUnknown', from },
    ...Object.fromEntries(
      places.endpoints
        .slice(0, places.count)
        .map((remote, place) => [
          `initiate ${label} ${place}`,
          { type: 'datagram.holePunchInitiate', from, name: peer, remote },
        ]),
    ),
  });
  return {
    machine,
    beginnings: { life: { name: NAMES[who], patienceMs: timing.PATIENCE_MS } },
    events: {
      opened: { type: 'transport.opened', server },
      stop: { type: 'stop' },
      ...said('server', server),
    },
    strangers: said('stranger', endpointAt(places, places.stranger)),
    pacing: ['attempt', 'keepaliveMs'],
    resting: [],
  };
}

function linkChart(places: Places, machine: AnyStateMachine, who: number): Chart {
  const peer = NAMES[1 - who] ?? '';
  const input = {
    name: NAMES[who],
    peer,
    server: endpointAt(places, places.server),
    patienceMs: timing.PATIENCE_MS,
    punchBudgetMs: timing.PUNCH_BUDGET_MS,
  };
  const everywhere = places.endpoints.slice(0, places.count).map((endpoint, place) => ({ endpoint, place }));
  const elsewhere = everywhere.filter(({ place }) => ownerOf(places, place) !== who);
  return {
    machine,
    beginnings: {
      asking: { ...input, remote: null },
      ...Object.fromEntries(
        everywhere.map(({ endpoint, place }) => [`invited ${place}`, { ...input, remote: endpoint }]),
      ),
    },
    events: {
      stop: { type: 'stop' },
      disappointed: { type: 'disappointed' },
      ...Object.fromEntries(
        everywhere.map(({ endpoint, place }) => [
          `introduced ${place}`,
          { type: 'introduced', remote: endpoint },
        ]),
      ),
      ...Object.fromEntries(
        elsewhere.flatMap(({ endpoint, place }) => [
          [`greeting ${place}`, { type: 'datagram.message', from: endpoint, text: greetingOf(peer) }],
          [`speech ${place}`, { type: 'datagram.message', from: endpoint, text: 'good morning' }],
        ]),
      ),
    },
    strangers: {},
    pacing: ['attempt'],
    resting: [],
  };
}

function sessionChart(places: Places, machine: AnyStateMachine): Chart {
  const everywhere = places.endpoints.slice(0, places.count).map((endpoint, place) => ({ endpoint, place }));
  const ttlMs = timing.SESSION_TTL_MS;
  return {
    machine,
    beginnings: Object.fromEntries(
      NAMES.flatMap((name, index) =>
        everywhere.map(({ endpoint, place }) => [`${index} ${place}`, { name, client: endpoint, ttlMs }]),
      ),
    ),
    events: {
      missing: { type: 'peer.missing' },
      replaced: { type: 'replaced' },
      ...Object.fromEntries(
        everywhere.map(({ endpoint, place }) => [
          `register ${place}`,
          { type: 'datagram.register', from: endpoint },
        ]),
      ),
      ...Object.fromEntries(
        NAMES.flatMap((name, index) => [
          [`request ${index}`, { type: 'datagram.holePunchRequest', name }],
          ...everywhere.flatMap(({ endpoint, place }) => [
            [`found ${index} ${place}`, { type: 'peer.found', name, remote: endpoint }],
            [`calls ${index} ${place}`, { type: 'peer.calls', name, remote: endpoint }],
          ]),
        ]),
      ),
    },
    strangers: {},
    pacing: [],
    resting: [],
  };
}

function partOf(places: Places, chart: Chart, options: CompileOptions): Part {
  const automaton = compile(chart, options);
  return {
    automaton,
    requests: automaton.outputs.map((events) => events.map((event) => requestOf(places, event))),
    stimulusNamed: new Map(automaton.stimuli.map((name, index) => [name, index])),
    phases: automaton.situations.map(({ snapshot }) => [...snapshot.tags][0] ?? ''),
  };
}

function requestOf(places: Places, event: AnyEventObject): Request {
  const place = (endpoint: unknown) =>
    endpoint === undefined ? 0 : placeOfEndpoint(places, endpoint as Endpoint);
  const name = (text: unknown) => (text === undefined ? 0 : NAMES.indexOf(text as (typeof NAMES)[number]));
  if (event.type === 'transmit') {
    const message = event.message as Message & { name?: string; remote?: Endpoint };
    const kind = message.type === 'message' && event.hops !== undefined ? 'opener' : sentAs[message.type];
    return { kind, to: place(event.to), name: name(message.name), remote: place(message.remote) };
  }
  const kind = (asked as Readonly<Record<string, RequestKind>>)[event.type];
  if (kind === undefined) throw new Error(`nobody here can do what a chart asks for: "${event.type}"`);
  return { kind, to: place(event.to), name: name(event.name), remote: place(event.remote) };
}

const sentAs: Readonly<Record<Message['type'], RequestKind>> = {
  message: 'greeting',
  register: 'register',
  registerAck: 'ack',
  holePunchRequest: 'request',
  holePunchResponseUnknown: 'unknown',
  holePunchInitiate: 'initiate',
};

const asked = {
  introduce: 'introduce',
  disappoint: 'disappoint',
  seek: 'seek',
  moved: 'moved',
  refuse: 'refuse',
  ended: 'ended',
  failed: 'report',
  heard: 'report',
} as const;

/** Which addresses were tried matters, not in what order. */
function withTriedSorted(context: Record<string, unknown>): Record<string, unknown> {
  const tried = context.tried as readonly Endpoint[];
  const texts = tried.map(({ address, port }) => `${address} ${port}`);
  return { ...context, tried: texts.sort() };
}

function endpointAt({ endpoints }: Places, place: number): Endpoint {
  const endpoint = endpoints[place];
  if (endpoint === undefined) throw new Error(`there is no place ${place}`);
  return endpoint;
}

function rangeOf(ladder: readonly number[]): readonly [number, number] {
  return [Math.min(...ladder), Math.max(...ladder)];
}
