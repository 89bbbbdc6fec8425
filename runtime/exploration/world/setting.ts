/** What a scenario is made of, compiled once: everything that stays the same while its states are walked. */
import type { Bounds } from './bounds.ts';
import { fieldsOf } from './fields.ts';
import type { Layout } from './layout.ts';
import { type Nat, type NatKind, natOf } from './nat.ts';
import { type Packets, packetsOf } from './packets.ts';
import { type Machines, type Part, type Parts, partsOf, type Request } from './parts.ts';
import { PUNCHING, phaseNumber, slowTimersOf } from './phases.ts';
import { ALICE, BOB, NAMES, ownerOf, type Places, placeOfEndpoint, placesWith } from './places.ts';

export { BUSY, OVER, PUNCHING, THERE } from './phases.ts';

export type Setting = {
  readonly places: Places;
  readonly packets: Packets;
  readonly bounds: Bounds;
  readonly nats: readonly [Nat, Nat];
  readonly isAsking: readonly [boolean, boolean];
  readonly layout: Layout;
  readonly clients: readonly [Role, Role];
  readonly links: readonly [LinkRole, LinkRole];
  readonly session: SessionRole;
};

/** A chart's tables, and which of their cells a walk has come to. */
export type Role = {
  readonly part: Part;
  readonly width: number;
  readonly next: Int32Array;
  readonly output: Int32Array;
  readonly requests: readonly (readonly Request[])[];
  readonly visited: Uint8Array;
  readonly firable: Int32Array;
  /** The timers of 5 s and more, as bits. */
  readonly slow: number;
  /** By situation: {@link IDLE}, {@link BUSY} and so on. */
  readonly phase: Uint8Array;
  stimulus(name: string): number;
  beginning(name: string): { readonly situation: number; readonly output: number };
};

export type LinkRole = Role & {
  /** By `situation * places + place`: 1 if the host lets a message from there in. */
  readonly expects: Uint8Array;
  /** By situation: where it sends to; -1 if it does not know yet. */
  readonly remote: Int32Array;
};

export type SessionRole = Role & { readonly client: Int32Array };

export type SettingOptions = {
  readonly machines: Machines;
  readonly bounds: Bounds;
  readonly nats: readonly [NatKind, NatKind];
  /** Who wants to meet the other. */
  readonly asking: 'alice' | 'both';
};

export function settingOf({ machines, bounds, nats, asking }: SettingOptions): Setting {
  const places = placesWith(bounds.ports);
  const packets = packetsOf(places);
  const parts = compiledOnce(places, machines, bounds.ordered === 1);
  return {
    ...{ places, packets, bounds },
    nats: [natOf(places, nats[ALICE], ALICE), natOf(places, nats[BOB], BOB)],
    isAsking: [true, asking === 'both'],
    layout: fieldsOf(places, parts, bounds, packets.list.length),
    clients: [roleOf(parts.clients[ALICE]), roleOf(parts.clients[BOB])],
    links: [linkRoleOf(places, parts.links[ALICE], ALICE), linkRoleOf(places, parts.links[BOB], BOB)],
    session: sessionRoleOf(places, parts.session),
  };
}

/** Scenarios differ less in their charts than in what befalls them. */
function compiledOnce(places: Places, machines: Machines, isOrdered: boolean): Parts {
  const known = compiled.get(machines) ?? new Map<string, Parts>();
  compiled.set(machines, known);
  const key = `${places.ports} ${isOrdered}`;
  const parts = known.get(key) ?? partsOf(places, machines, isOrdered);
  known.set(key, parts);
  return parts;
}

const compiled = new WeakMap<Machines, Map<string, Parts>>();

function roleOf(part: Part): Role {
  const { automaton, requests, stimulusNamed, phases } = part;
  return {
    part,
    width: automaton.stimuli.length,
    next: automaton.next,
    output: automaton.output,
    requests,
    visited: new Uint8Array(automaton.next.length),
    firable: automaton.firable,
    slow: slowTimersOf(automaton),
    phase: Uint8Array.from(phases, phaseNumber),
    stimulus: (name) => known(stimulusNamed.get(name), name),
    beginning: (name) => known(automaton.beginnings[name], name),
  };
}

function linkRoleOf(places: Places, part: Part, who: number): LinkRole {
  const role = roleOf(part);
  const contexts = part.automaton.situations.map(({ snapshot }) => snapshot.context);
  const remote = Int32Array.from(contexts, (context) =>
    context.remote === null ? -1 : placeOfEndpoint(places, context.remote),
  );
  const expects = new Uint8Array(contexts.length * places.endpoints.length);
  for (const [situation, context] of contexts.entries()) {
    for (const [place, endpoint] of places.endpoints.entries()) {
      const at = situation * places.endpoints.length + place;
      const isTried = context.tried.some(
        (tried: typeof endpoint) => tried.address === endpoint.address && tried.port === endpoint.port,
      );
      const isNear = role.phase[situation] === PUNCHING && context.remote?.address === endpoint.address;
      if (ownerOf(places, place) !== who && place !== places.server) expects[at] = isTried || isNear ? 1 : 0;
    }
  }
  return { ...role, expects, remote };
}

function sessionRoleOf(places: Places, part: Part): SessionRole {
  const client = Int32Array.from(part.automaton.situations, ({ snapshot }) =>
    placeOfEndpoint(places, snapshot.context.client),
  );
  return { ...roleOf(part), client };
}

/** A name as the reader of a scenario knows it. */
export function nameOfClient(who: number): string {
  return NAMES[who] ?? 'nobody';
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`the alphabet of this world has no "${name}"`);
  return value;
}
