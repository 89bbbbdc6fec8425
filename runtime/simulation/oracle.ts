import { type Access, observed } from './behaviour.ts';

/**
 * Whether protocol 1 must connect two peers who sit on different accesses, each of whom is told the address that the
 * server saw the other use.
 *
 * Each side sends to that address, so it is right when the receiver's mapping does not depend on the far end. When
 * one side maps per destination, its packets come from a port nobody announced; they save the pair if the other side
 * lets that port in, because then the answer goes to where the packet came from (a peer-reflexive address, RFC 8445
 * 7.3.1.3). A side that maps per destination but filters nothing lets the peer in by the announced port instead.
 */
export function protocolOneConnects(a: Access, b: Access): boolean {
  if (a.udpBlocked || b.udpBlocked) return false;
  return (
    (isStable(a) && isStable(b)) ||
    (isStable(a) && admitsOtherPorts(a)) ||
    (isStable(b) && admitsOtherPorts(b)) ||
    observed(a).filtering === 'endpoint-independent' ||
    observed(b).filtering === 'endpoint-independent'
  );
}

/**
 * Whether two hosts behind one and the same access connect by protocol 1, which knows only external addresses: where
 * nothing translates those are their own, and elsewhere the box that owns them has to send the packets back in.
 */
export function protocolOneConnectsInside(shared: Access): boolean {
  if (shared.udpBlocked) return false;
  return observed(shared).mapping === 'none' || shared.nats.at(-1)?.hairpinning === true;
}

function isStable(access: Access): boolean {
  const { mapping } = observed(access);
  return mapping === 'none' || mapping === 'endpoint-independent';
}

function admitsOtherPorts(access: Access): boolean {
  return observed(access).filtering !== 'address-and-port-dependent';
}
