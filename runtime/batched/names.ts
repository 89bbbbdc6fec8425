import { isLinkLocal } from '../packed-endpoint.ts';
import type { PackedEndpoint } from '../transport.ts';
import { AF_INET, AF_INET6, SOCKADDR } from './linux.ts';

/** Length of a socket address. */
export function nameBytesOf(isIpv6: boolean): number {
  return isIpv6 ? SOCKADDR.bytesIpv6 : SOCKADDR.bytesIpv4;
}

/** Writes a socket address at `offset`. False if a socket of that version of IP cannot reach it. */
export function writeName(view: DataView, offset: number, isIpv6: boolean, to: PackedEndpoint): boolean {
  if (!isIpv6) {
    if (to.word0 !== 0 || to.word1 !== 0 || to.word2 !== 0xffff) return false;
    view.setUint16(offset, AF_INET, true);
    view.setUint16(offset + SOCKADDR.port, to.port);
    view.setUint32(offset + SOCKADDR.ipv4, to.word3);
    return true;
  }
  const isZoned = isLinkLocal(to.word0);
  view.setUint16(offset, AF_INET6, true);
  view.setUint16(offset + SOCKADDR.port, to.port);
  view.setUint32(offset + SOCKADDR.ipv6, to.word0);
  view.setUint32(offset + SOCKADDR.ipv6 + 4, isZoned ? 0 : to.word1);
  view.setUint32(offset + SOCKADDR.ipv6 + 8, to.word2);
  view.setUint32(offset + SOCKADDR.ipv6 + 12, to.word3);
  view.setUint32(offset + SOCKADDR.zone, isZoned ? to.word1 : 0, true);
  return true;
}

/** Reads the socket address at `offset`. */
export function readName(view: DataView, offset: number, isIpv6: boolean, into: PackedEndpoint): void {
  into.port = view.getUint16(offset + SOCKADDR.port);
  if (!isIpv6) {
    into.word0 = 0;
    into.word1 = 0;
    into.word2 = 0xffff;
    into.word3 = view.getUint32(offset + SOCKADDR.ipv4);
    return;
  }
  const zone = view.getUint32(offset + SOCKADDR.zone, true);
  into.word0 = view.getUint32(offset + SOCKADDR.ipv6);
  into.word1 = zone === 0 ? view.getUint32(offset + SOCKADDR.ipv6 + 4) : zone;
  into.word2 = view.getUint32(offset + SOCKADDR.ipv6 + 8);
  into.word3 = view.getUint32(offset + SOCKADDR.ipv6 + 12);
}
