/** Endpoints as numbers, for tables and system calls, and as text, for people. */
import { networkInterfaces } from 'node:os';
import { addressOfGroups, type Endpoint, groupsOf, isIpv4 } from '../machines/endpoint.ts';
import type { PackedEndpoint } from './transport.ts';

export function packedEndpoint(): PackedEndpoint {
  return { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
}

/** Writes an endpoint into `into`. False if its address is no IP address. */
export function pack({ address, port }: Endpoint, into: PackedEndpoint): boolean {
  if (isIpv4(address)) {
    into.word0 = 0;
    into.word1 = 0;
    into.word2 = MAPPED;
    into.word3 = ipv4WordOf(address);
    into.port = port;
    return true;
  }
  const [bare = '', zone] = address.split('%', 2);
  const groups = groupsOf(bare);
  if (groups === undefined) return false;
  into.word0 = wordAt(groups, 0);
  into.word1 = zone === undefined ? wordAt(groups, 2) : indexOf(zone);
  into.word2 = wordAt(groups, 4);
  into.word3 = wordAt(groups, 6);
  into.port = port;
  return true;
}

/** The endpoint with its address as text. */
export function unpack(packed: PackedEndpoint): Endpoint {
  const { word0, word1, word2, word3, port } = packed;
  if (isPackedIpv4(packed))
    return { address: `${word3 >>> 24}.${(word3 >> 16) & 255}.${(word3 >> 8) & 255}.${word3 & 255}`, port };
  const isZoned = isLinkLocal(word0) && word1 !== 0;
  const groups = [word0, isZoned ? 0 : word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const address = addressOfGroups(groups);
  return { address: isZoned ? `${address}%${nameOf(word1)}` : address, port };
}

export function isPackedIpv4({ word0, word1, word2 }: PackedEndpoint): boolean {
  return word2 === MAPPED && word0 === 0 && word1 === 0;
}

export function sameEndpoint(a: PackedEndpoint, b: PackedEndpoint): boolean {
  return (
    a.word3 === b.word3 &&
    a.port === b.port &&
    a.word2 === b.word2 &&
    a.word1 === b.word1 &&
    a.word0 === b.word0
  );
}

/** Whether an address that begins so means something on one link only: fe80::/10 (RFC 4291 2.5.6). */
export function isLinkLocal(word0: number): boolean {
  return word0 >>> 22 === 0x3fa;
}

/** The third word of an IPv4 address. */
const MAPPED = 0xffff;

function ipv4WordOf(address: string): number {
  let [word, octet] = [0, 0];
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    if (code === 0x2e) {
      word = word * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + code - 0x30;
  }
  return word * 256 + octet;
}

function wordAt(groups: readonly number[], index: number): number {
  return (groups[index] as number) * 0x10000 + (groups[index + 1] as number);
}

function indexOf(zone: string): number {
  const found = networkInterfaces()[zone]?.find((entry) => entry.family === 'IPv6' && entry.scopeid !== 0);
  return found?.family === 'IPv6' ? found.scopeid : Number(zone) || 0;
}

function nameOf(index: number): string {
  const found = Object.entries(networkInterfaces()).find(([, entries]) =>
    entries?.some((entry) => entry.family === 'IPv6' && entry.scopeid === index),
  );
  return found?.[0] ?? String(index);
}
