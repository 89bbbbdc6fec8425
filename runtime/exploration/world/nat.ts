/**
 * What stands between a client and the internet. Open holes are bits: 1 for the server, 2 for the stranger, then one
 * for each port of the peer. A mapping that goes by destination gives the server one port, and each port of the peer
 * the next one.
 */
import { ownerOf, type Places } from './places.ts';

export const natKinds = ['none', 'full-cone', 'port-restricted', 'symmetric', 'symmetric-open'] as const;
export type NatKind = (typeof natKinds)[number];

export type Nat = {
  readonly kind: NatKind;
  /** The bit of the hole towards a place; 0 for one's own address. A full cone has one hole for all. */
  readonly holeOf: Int32Array;
  /** Whether each destination has a mapping of its own. */
  readonly isPerDestination: boolean;
  /** The place that a packet to another place comes from, by the client's own port. */
  outside(port: number, to: number): number;
  /** Whether the holes that are open give a place outside a mapping. */
  maps(port: number, holes: number, to: number): boolean;
  /** Whether a packet passes, given the holes that are open. */
  admits(port: number, holes: number, from: number, to: number): boolean;
};

export function natOf(places: Places, kind: NatKind, who: number): Nat {
  const base = who * places.ports;
  const holeOf = Int32Array.from(places.endpoints, (_, place) => {
    if (kind === 'full-cone' || place === places.server) return 1;
    if (place === places.stranger) return 2;
    return ownerOf(places, place) === who ? 0 : 4 << (place % places.ports);
  });
  const isPerDestination = kind === 'symmetric' || kind === 'symmetric-open';
  const outside = (port: number, to: number): number => {
    const own = ownerOf(places, to);
    if (!isPerDestination || own < 0 || own === who) return base + port;
    return base + ((port + 1 + ((to % places.ports) % (places.ports - 1))) % places.ports);
  };
  const maps = (port: number, holes: number, to: number): boolean => {
    for (let place = 0; place < places.endpoints.length; place += 1) {
      if ((holes & (holeOf[place] as number)) !== 0 && outside(port, place) === to) return true;
    }
    return false;
  };
  const admits = (port: number, holes: number, from: number, to: number): boolean => {
    if (kind === 'none') return to === base + port;
    if (kind === 'full-cone') return holes !== 0 && to === base + port;
    if (kind === 'symmetric-open') return maps(port, holes, to);
    return (holes & (holeOf[from] as number)) !== 0 && outside(port, from) === to;
  };
  return { kind, holeOf, isPerDestination, outside, maps, admits };
}
