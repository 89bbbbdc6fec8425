import { type Access, observed } from './behaviour.ts';

/**
 * Whether two peers who sit on different accesses must connect, each of whom is told the address that the server saw the
 * other use. Protocol 2 crosses what protocol 1 crosses.
 *
 * Each side sends to that address, so it is right when the receiver's mapping does not depend on the far end. When
 * one side maps per destination, its packets come from a port nobody announced; they save the pair if the other side
 * lets that port in, because then the answer goes to where the packet came from (a peer-reflexive address, RFC 8445
 * 7.3.1.3). A side that maps per destination but filters nothing lets the peer in by the announced port instead.
 *
 * It takes for granted that there is room in every table, and that mappings live as long as a run takes to connect.
 */
export function protocolOneConnects(a: Access, b: Access): boolean {
  if (a.udpBlocked || b.udpBlocked || (a.family ?? 4) !== (b.family ?? 4)) return false;
  return meet(a, b);
}

/**
 * Whether two hosts behind one and the same access connect by protocol 1, which knows only external addresses: where
 * nothing translates those are their own, and elsewhere the box that owns them has to send the packets back in.
 */
export function protocolOneConnectsInside(shared: Access): boolean {
  const outermost = shared.nats.findLast(({ mapping }) => mapping !== 'none');
  if (outermost === undefined) return !shared.udpBlocked;
  return !shared.udpBlocked && outermost.hairpinning && meet(shared, shared);
}

/**
 * Whether protocol 2 connects two hosts behind one and the same access: they tell each other their private addresses,
 * and need nothing of the box.
 */
export function protocolTwoConnectsInside(shared: Access): boolean {
  return !shared.udpBlocked;
}

function meet(a: Access, b: Access): boolean {
  return (isStable(a) && isStable(b)) || lets(a, b) || lets(b, a);
}

/** Whether the host behind `a` hears `guest` though its packets come from a port that nobody announced. */
function lets(a: Access, guest: Access): boolean {
  const { filtering } = observed(a);
  const admitsOtherPorts = isStable(a) && filtering !== 'address-and-port-dependent';
  return hasOneAddress(guest) && (admitsOtherPorts || filtering === 'endpoint-independent');
}

function isStable(access: Access): boolean {
  const { mapping } = observed(access);
  return mapping === 'none' || mapping === 'endpoint-independent';
}

/** Otherwise its packets may come from an address that nobody announced either, and count as a stranger's. */
function hasOneAddress(access: Access): boolean {
  const isScattered = access.nats.some(({ pool, pooling }) => (pool ?? 1) > 1 && pooling === 'arbitrary');
  return isStable(access) || !isScattered;
}
