import { networkInterfaces } from 'node:os';
import { addressOfGroups, type Endpoint, groupsOf } from '../machines/endpoint.ts';
import type { PackedEndpoint } from './transport.ts';

/** Writes an endpoint into `into`. False if its address is no IP address. */
export function pack({ address, port }: Endpoint, into: PackedEndpoint): boolean {
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
export function unpack({ word0, word1, word2, word3, port }: PackedEndpoint): Endpoint {
  const isZoned = isLinkLocal(word0) && word1 !== 0;
  const groups = [word0, isZoned ? 0 : word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const address = addressOfGroups(groups);
  return { address: isZoned ? `${address}%${nameOf(word1)}` : address, port };
}

/** Whether an address that begins so means something on one link only: fe80::/10 (RFC 4291 2.5.6). */
export function isLinkLocal(word0: number): boolean {
  return word0 >>> 22 === 0x3fa;
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
