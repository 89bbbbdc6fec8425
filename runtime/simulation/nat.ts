import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import type { Random } from '../ambient.ts';
import type { Dependence, NatBehaviour } from './behaviour.ts';
import { Ports } from './ports.ts';
import { wordsOnTheWay } from './wording.ts';

export type Packet = { readonly source: Endpoint; readonly target: Endpoint };

/** What a NAT did with a packet. `turned` means that it was for the inside, and sent back in. */
export type Treatment =
  | { readonly type: 'passed' | 'turned'; readonly packet: Packet; readonly remark?: string }
  | { readonly type: 'dropped'; readonly why: string };

/**
 * A NAT, or a firewall, by its behaviour in the words of RFC 4787. Time is told to it with each packet.
 *
 * As Linux does, it remembers flows besides mappings: an answer leaves by the port that its question came in on, even
 * where the mapping depends on the far end; two flows that would look alike from inside are told apart by another
 * far port; and a router that takes a packet for its own keeps our later packet to that peer off the same port.
 */
export class Nat {
  readonly #behaviour: NatBehaviour;
  readonly #addresses: ReadonlySet<string>;
  readonly #lifetimeMs: number;
  readonly #random: Random;
  readonly #ports: Ports;
  readonly #byUse = new Map<string, Mapping>();
  readonly #byOuter = new Map<string, Mapping>();
  readonly #outgoing = new Map<string, Flow>();
  readonly #incoming = new Map<string, Flow>();
  /** Flows that the router took for its own, and until when. */
  readonly #routersOwn = new Map<string, number>();

  /** `addresses` are its external ones; a box that translates nothing needs none. */
  constructor(behaviour: NatBehaviour, addresses: readonly string[], random: Random) {
    this.#behaviour = behaviour;
    this.#addresses = new Set(addresses);
    this.#lifetimeMs = behaviour.lifetimeMs ?? LIFETIME_MS;
    this.#random = random;
    this.#ports = new Ports(behaviour, addresses, random);
  }

  outbound(packet: Packet, atMs: number): Treatment {
    if (!this.#addresses.has(packet.target.address)) return this.#letOut(packet, atMs);
    if (!this.#behaviour.hairpinning) return { type: 'dropped', why: 'no hairpinning' };
    const outside = this.#letOut(packet, atMs);
    const inside = outside.type === 'dropped' ? outside : this.inbound(outside.packet, atMs);
    return inside.type === 'dropped' ? inside : { ...outside, type: 'turned', packet: inside.packet };
  }

  inbound({ source, target }: Packet, atMs: number): Treatment {
    const { mapping: translation, filtering, refresh } = this.#behaviour;
    if (translation === 'none' && filtering === 'none') return { type: 'passed', packet: { source, target } };
    const mapping = alive(this.#byOuter.get(formatEndpoint(target)), atMs);
    if (mapping === undefined) {
      const why = translation === 'none' ? 'filtered, nothing was sent from there' : wordsOnTheWay.noMapping;
      return this.#turnAway(source, target, atMs, why);
    }
    const known = alive(this.#incoming.get(flowKey(target, source)), atMs);
    if (known === undefined && !isAdmitted(filtering, mapping, source, atMs)) {
      return this.#turnAway(source, target, atMs, strangerTexts[filtering]);
    }
    const flow = known ?? this.#enter(mapping, source, this.#shownAs(mapping.inner, source, atMs), atMs);
    if (refresh !== 'outbound') this.#refresh(flow, atMs);
    const isRenamed = known === undefined && flow.shown.port !== source.port;
    return {
      type: 'passed',
      packet: { source: flow.shown, target: mapping.inner },
      ...(isRenamed ? { remark: `shows ${formatEndpoint(source)} as port ${flow.shown.port} inside` } : {}),
    };
  }

  /** Forgets everything, as a restart does. */
  forget(): void {
    for (const table of [this.#byUse, this.#byOuter, this.#outgoing, this.#incoming, this.#routersOwn])
      table.clear();
  }

  #letOut({ source, target }: Packet, atMs: number): Treatment {
    const known = alive(this.#outgoing.get(flowKey(source, target)), atMs);
    if (known !== undefined) {
      this.#refresh(known, atMs);
      return { type: 'passed', packet: { source: known.mapping.outer, target: known.far } };
    }
    const found = this.#mappingFor(source, target, atMs);
    if (typeof found === 'string') return { type: 'dropped', why: found };
    const flow = this.#enter(found.mapping, target, target, atMs);
    this.#refresh(flow, atMs);
    return {
      type: 'passed',
      packet: { source: found.mapping.outer, target },
      ...(found.remark === undefined ? {} : { remark: found.remark }),
    };
  }

  /** The mapping that a first packet to `far` goes by, and what there is to say about it; or why there is none. */
  #mappingFor(inner: Endpoint, far: Endpoint, atMs: number): Found | string {
    const use = `${formatEndpoint(inner)} ${farKey(this.#behaviour.mapping, far)}`;
    const shared = alive(this.#byUse.get(use), atMs);
    const isFree = (outer: Endpoint) => this.#isFree(outer, far, atMs);
    if (shared !== undefined && !this.#isRoutersOwn(shared.outer, far, atMs)) return { mapping: shared };
    if (this.#mappings(atMs) >= (this.#behaviour.tableSize ?? Infinity)) return 'its table is full';
    const outer =
      shared === undefined
        ? this.#outerFor(inner, isFree)
        : this.#ports.elsewhere(shared.outer.address, isFree);
    if (outer === undefined) return 'no port is free';
    const mapping: Mapping = { inner, outer, holes: new Map(), expiresAt: atMs + this.#lifetimeMs };
    if (shared === undefined) this.#byUse.set(use, mapping);
    this.#byOuter.set(formatEndpoint(outer), mapping);
    if (this.#behaviour.mapping === 'none') return { mapping };
    const scope = scopeTexts[this.#behaviour.mapping](far);
    const because =
      shared === undefined ? scope : ` for ${formatEndpoint(far)}, which the router heard from too early`;
    return { mapping, remark: wordsOnTheWay.maps(formatEndpoint(inner), outer, because) };
  }

  #outerFor(inner: Endpoint, isFree: (outer: Endpoint) => boolean): Endpoint | undefined {
    return this.#behaviour.mapping === 'none' ? inner : this.#ports.allocate(inner, isFree);
  }

  #enter(mapping: Mapping, far: Endpoint, shown: Endpoint, atMs: number): Flow {
    const expiresAt = Math.min(mapping.expiresAt, atMs + this.#lifetimeMs);
    const flow: Flow = { mapping, far, shown, expiresAt };
    this.#outgoing.set(flowKey(mapping.inner, shown), flow);
    this.#incoming.set(flowKey(mapping.outer, far), flow);
    return flow;
  }

  #refresh(flow: Flow, atMs: number): void {
    flow.expiresAt = atMs + this.#lifetimeMs;
    flow.mapping.expiresAt = flow.expiresAt;
    flow.mapping.holes.set(farKey(this.#behaviour.filtering, flow.far), flow.expiresAt);
  }

  /** A flow from the same far endpoint by another of our ports would look the same from inside. */
  #shownAs(inner: Endpoint, far: Endpoint, atMs: number): Endpoint {
    let shown = far;
    while (alive(this.#outgoing.get(flowKey(inner, shown)), atMs) !== undefined) {
      shown = { address: far.address, port: 1024 + Math.floor(this.#random() * 64_512) };
    }
    return shown;
  }

  #turnAway(source: Endpoint, target: Endpoint, atMs: number, why: string): Treatment {
    if (this.#behaviour.unsolicited === 'accept' && this.#addresses.has(target.address)) {
      this.#routersOwn.set(flowKey(target, source), atMs + ROUTERS_OWN_LIFETIME_MS);
      return { type: 'dropped', why: `${why}, so the router takes it for its own` };
    }
    return { type: 'dropped', why };
  }

  #isFree(outer: Endpoint, far: Endpoint, atMs: number): boolean {
    const isTaken = alive(this.#byOuter.get(formatEndpoint(outer)), atMs) !== undefined;
    return !isTaken && !this.#isRoutersOwn(outer, far, atMs);
  }

  #isRoutersOwn(outer: Endpoint, far: Endpoint, atMs: number): boolean {
    return (this.#routersOwn.get(flowKey(outer, far)) ?? -1) > atMs;
  }

  #mappings(atMs: number): number {
    if (this.#behaviour.tableSize === undefined) return 0;
    for (const [outer, mapping] of this.#byOuter) {
      if (mapping.expiresAt <= atMs) this.#byOuter.delete(outer);
    }
    return this.#byOuter.size;
  }
}

/** RFC 4787 4.3, REQ-5: not less than two minutes. */
const LIFETIME_MS = 120_000;

/** Linux's for a flow that was heard from one side only. */
const ROUTERS_OWN_LIFETIME_MS = 30_000;

type Mapping = {
  readonly inner: Endpoint;
  readonly outer: Endpoint;
  /** Until when whom may answer. */
  readonly holes: Map<string, number>;
  expiresAt: number;
};

type Flow = {
  readonly mapping: Mapping;
  readonly far: Endpoint;
  /** The far end as the inside sees it: the same, but for collisions. */
  readonly shown: Endpoint;
  expiresAt: number;
};

type Found = { readonly mapping: Mapping; readonly remark?: string };

/** What of the far end matters to a mapping or a filter: this is all that tells the kinds apart. */
function farKey(dependence: Dependence | 'none', far: Endpoint): string {
  switch (dependence) {
    case 'none':
    case 'endpoint-independent':
      return '';
    case 'address-dependent':
      return far.address;
    case 'address-and-port-dependent':
      return formatEndpoint(far);
  }
}

function isAdmitted(
  filtering: NatBehaviour['filtering'],
  mapping: Mapping,
  source: Endpoint,
  atMs: number,
): boolean {
  if (filtering === 'none' || filtering === 'endpoint-independent') return true;
  return (mapping.holes.get(farKey(filtering, source)) ?? -1) > atMs;
}

const strangerTexts: Readonly<Record<NatBehaviour['filtering'], string>> = {
  none: '',
  'endpoint-independent': '',
  'address-dependent': wordsOnTheWay.unexpectedAddress,
  'address-and-port-dependent': wordsOnTheWay.unexpectedPort,
};

const scopeTexts: Readonly<Record<Dependence, (far: Endpoint) => string>> = {
  'endpoint-independent': () => '',
  'address-dependent': (far) => ` for ${far.address} only`,
  'address-and-port-dependent': wordsOnTheWay.onlyFor,
};

function alive<Entry extends { readonly expiresAt: number }>(
  entry: Entry | undefined,
  atMs: number,
): Entry | undefined {
  return entry !== undefined && entry.expiresAt > atMs ? entry : undefined;
}

function flowKey(near: Endpoint, far: Endpoint): string {
  return `${formatEndpoint(near)} ${formatEndpoint(far)}`;
}
