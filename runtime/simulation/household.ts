import type { Endpoint } from '../../machines/endpoint.ts';
import type { Random } from '../ambient.ts';
import type { Access } from './behaviour.ts';
import { Nat } from './nat.ts';
import type { Path } from './path.ts';

/** A box between a host and the internet. Its name is that of its life line. */
export type Box = { readonly name: string; readonly nat: Nat };

/** Hosts on one LAN, the boxes they are behind, and the line to the internet. */
export type Household = {
  readonly access: Access;
  path: Path;
  /** The one nearest to the hosts first. */
  readonly boxes: readonly Box[];
  /** The external addresses of the outermost box that translates. */
  readonly publicAddresses: readonly string[];
  /** The address of the host that is counted so, from 0. */
  addressOf(host: number): string;
};

/** A household that is counted so, from 1; addresses are those of documentation (RFC 5737, RFC 3849). */
export function settle(number: number, owner: string, access: Access, path: Path, random: Random): Household {
  const isIpv6 = access.family === 6;
  const translating = access.nats.map(({ mapping }) => mapping !== 'none');
  const outermost = translating.lastIndexOf(true);
  const publicAddress = (host: number) =>
    isIpv6 ? `2001:db8:${number.toString(16)}::${host.toString(16)}` : `${publicNetworks(number)}.${host}`;
  const pool = access.nats[outermost]?.pool ?? 1;
  const publicAddresses = Array.from({ length: outermost < 0 ? 0 : pool }, (_, index) =>
    publicAddress(index + 1),
  );
  const boxes = access.nats.map((behaviour, index) => {
    const addresses = !translating[index]
      ? []
      : index === outermost
        ? publicAddresses
        : Array.from({ length: behaviour.pool ?? 1 }, (_, one) => innerAddress(isIpv6, number, index, one));
    return { name: nameOf(owner, access, index), nat: new Nat(behaviour, addresses, random) };
  });
  return {
    access,
    path,
    boxes,
    publicAddresses,
    addressOf: (host) =>
      outermost < 0 ? publicAddress(HOSTS_FROM + host) : privateAddress(isIpv6, number, HOSTS_FROM + host),
  };
}

export function isIn({ address }: Endpoint, household: Household): boolean {
  return household.publicAddresses.includes(address);
}

const HOSTS_FROM = 10;

function publicNetworks(number: number): string {
  return ['198.51.100', '203.0.113'][number - 1] ?? `198.18.${number}`;
}

/** Between two boxes: shared address space (RFC 6598), or unique local addresses (RFC 4193). */
function innerAddress(isIpv6: boolean, number: number, box: number, host: number): string {
  return isIpv6
    ? `fd00:${number.toString(16)}:${(box + 1).toString(16)}::${(host + 1).toString(16)}`
    : `100.64.${number * 8 + box}.${host + 1}`;
}

function privateAddress(isIpv6: boolean, number: number, host: number): string {
  return isIpv6 ? `fd00:${number.toString(16)}::${host.toString(16)}` : `192.168.${number}.${host}`;
}

function nameOf(owner: string, { nats }: Access, index: number): string {
  const kind = nats[index]?.mapping === 'none' ? 'firewall' : 'NAT';
  if (nats.length === 1) return `${owner} ${kind}`;
  const place = index === 0 ? 'inner' : index === nats.length - 1 ? 'outer' : 'middle';
  return `${owner} ${place} ${kind}`;
}
