/** The fields of a composed state. Where there are two, the first is alice's. Situations of links and sessions count from 1; 0 is none. */
import type { Bounds } from './bounds.ts';
import { type Layout, layoutFor } from './layout.ts';
import type { Parts } from './parts.ts';
import type { Places } from './places.ts';

export const CLIENT = 0;
export const LINK = 2;
/** Which of its ports the process of a client is bound to. */
export const PORT = 4;
/** Whether a client is yet to ask for its peer. */
export const WISH = 6;
/** The holes that its NAT has open. */
export const HOLES = 8;
/** The addresses that the server or the peer's own packets have given it for the peer, since the link began. */
export const GIVEN = 10;
/** One for each of the names. */
export const SESSION = 12;
/** What is left of each bound on what may befall the world. */
export const RESTARTS = 15;
export const LEAVES = 16;
export const OUTAGES = 17;
export const EXPIRIES = 18;
export const FORGETS = 19;
export const FORGERIES = 20;
/** Packets in flight: a set, in falling order, 0 where there are fewer. */
export const FLIGHT = 21;

export function fieldsOf(places: Places, parts: Parts, bounds: Bounds, packetCount: number): Layout {
  const [alice, bob] = parts.clients.map(({ phases }) => phases.length - 1) as [number, number];
  const [aliceLink, bobLink] = parts.links.map(({ phases }) => phases.length) as [number, number];
  const session = parts.session.phases.length;
  const holes = 2 ** (places.ports + 2) - 1;
  const ports = places.ports - 1;
  return layoutFor([
    ...[alice, bob, aliceLink, bobLink],
    ...[ports, ports, 1, 1],
    ...[holes, holes, holes, holes],
    ...[session, session, session],
    ...[bounds.restarts, bounds.leaves, bounds.outages, bounds.expiries, bounds.forgets, bounds.forgeries],
    ...Array.from({ length: bounds.flight }, () => packetCount),
  ]);
}
