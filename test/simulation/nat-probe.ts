import { type Endpoint, formatEndpoint, sameEndpoint } from '../../machines/endpoint.ts';
import type { NatBehaviour } from '../../runtime/simulation/behaviour.ts';
import { Nat } from '../../runtime/simulation/nat.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { endpoint } from '../support/memory-network.ts';

/** What a probe found, in the words of the prober of the kernel laboratory. */
export type Measured = Pick<NatBehaviour, 'mapping' | 'filtering' | 'hairpinning'> & {
  readonly allocation: 'preserving' | 'sequential' | 'other';
  readonly poisonable: boolean;
};

export const INNER = endpoint('192.168.1.10:5000');

/** Two addresses with two ports each. */
export const FAR = ['192.0.2.1:1000', '192.0.2.1:1001', '192.0.2.2:1000', '192.0.2.2:1001'].map(endpoint);

export function natOf(behaviour: NatBehaviour, seed = 1, addresses = ['198.51.100.1']): Nat {
  return new Nat(behaviour, behaviour.mapping === 'none' ? [] : addresses, seededRandom(seed));
}

/** Where a packet from inside seems to come from, or undefined if it does not get out. */
export function sendOut(nat: Nat, source: Endpoint, target: Endpoint, atMs = 0): Endpoint | undefined {
  const treatment = nat.outbound({ source, target }, atMs);
  return treatment.type === 'passed' ? treatment.packet.source : undefined;
}

/** Whom a packet from outside reaches, and as from where; or why it does not. */
export function sendIn(nat: Nat, source: Endpoint, target: Endpoint, atMs = 0) {
  const treatment = nat.inbound({ source, target }, atMs);
  return treatment.type === 'dropped' ? treatment.why : treatment.packet;
}

/** Finds out how a box behaves by sending packets through it, as the prober of the kernel laboratory does. */
export function classify(behaviour: NatBehaviour): Measured {
  const nat = natOf(behaviour);
  const seen = FAR.map((far) => sendOut(nat, INNER, far));
  const isTranslated = seen.some((outer) => outer?.address !== INNER.address);
  return {
    mapping: isTranslated ? mappingOf(seen) : 'none',
    filtering: filteringOf(behaviour),
    allocation: allocationOf(seen),
    hairpinning: isTranslated && hairpins(behaviour),
    poisonable: isPoisonable(behaviour),
  };
}

function mappingOf(seen: readonly (Endpoint | undefined)[]): NatBehaviour['mapping'] {
  const [a, b, c, d] = seen.map((outer) => (outer === undefined ? '' : formatEndpoint(outer)));
  if (a === b && b === c && c === d) return 'endpoint-independent';
  return a === b && c === d ? 'address-dependent' : 'address-and-port-dependent';
}

function allocationOf(seen: readonly (Endpoint | undefined)[]): Measured['allocation'] {
  const ports = seen.map((outer) => outer?.port ?? 0);
  if (ports.every((port) => port === INNER.port)) return 'preserving';
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0));
  return steps.every((step) => step === 1) ? 'sequential' : 'other';
}

function filteringOf(behaviour: NatBehaviour): NatBehaviour['filtering'] {
  const nat = natOf(behaviour);
  const fresh = sendIn(nat, at(0), { ...INNER, port: 7000 });
  if (typeof fresh !== 'string') return 'none';
  const outer = sendOut(nat, INNER, at(0)) ?? INNER;
  const isHeard = [1, 2].map((far) => typeof sendIn(nat, at(far), outer) !== 'string');
  if (isHeard[1]) return 'endpoint-independent';
  return isHeard[0] ? 'address-dependent' : 'address-and-port-dependent';
}

function hairpins(behaviour: NatBehaviour): boolean {
  const nat = natOf(behaviour);
  const neighbour = endpoint('192.168.1.11:6000');
  const one = sendOut(nat, INNER, at(0)) ?? INNER;
  const other = sendOut(nat, neighbour, at(0)) ?? neighbour;
  nat.outbound({ source: INNER, target: other }, 0);
  const treatment = nat.outbound({ source: neighbour, target: one }, 0);
  return treatment.type === 'turned' && sameEndpoint(treatment.packet.source, other);
}

function isPoisonable(behaviour: NatBehaviour): boolean {
  if (behaviour.mapping !== 'endpoint-independent') return false;
  const nat = natOf(behaviour);
  const before = sendOut(nat, INNER, at(0)) ?? INNER;
  sendIn(nat, at(3), before);
  const after = sendOut(nat, INNER, at(3)) ?? INNER;
  return !sameEndpoint(before, after);
}

export function at(far: number): Endpoint {
  return FAR[far] ?? INNER;
}
