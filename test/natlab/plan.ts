import type { Access, NatBehaviour } from '../../runtime/simulation/behaviour.ts';
import {
  accessNetwork,
  hostNetworkIpv6,
  hostNumber,
  innerNetwork,
  serverAddresses,
  siteLimit,
} from './addresses.ts';
import { isTransparent } from './routers.ts';
import type { Impairment } from './wan.ts';

/** One household: hosts on one LAN behind the boxes of one access. */
export type SiteDescription = {
  readonly name: string;
  readonly access: Access;
  /** 1, unless told. */
  readonly hosts?: number;
  readonly impairment?: Impairment;
};

export type Host = {
  readonly namespace: string;
  /** What its own interface has, which a NAT may hide. */
  readonly address: string;
  /** Only where nothing translates. */
  readonly addressIpv6?: string;
};

export type Router = {
  readonly namespace: string;
  /** A site without boxes still has a router, which lets everything through. */
  readonly box: NatBehaviour | undefined;
  readonly outerNetwork: string;
  readonly isOutermost: boolean;
};

export type Site = {
  readonly number: number;
  readonly name: string;
  readonly access: Access;
  readonly impairment: Impairment | undefined;
  /** The one nearest to the hosts first. */
  readonly routers: readonly Router[];
  readonly hosts: readonly Host[];
  /** Whether its hosts' addresses are seen, and reached, from everywhere. */
  readonly isPublic: boolean;
  readonly hasIpv6: boolean;
};

/** The namespace in the middle, which only forwards. */
export const core = 'core';

export const server: Host = {
  namespace: 'server',
  address: serverAddresses.ipv4[0],
  addressIpv6: serverAddresses.ipv6[0],
};

/** Names and numbers everything; builds nothing. */
export function plan(descriptions: readonly SiteDescription[]): Site[] {
  if (descriptions.length > siteLimit) {
    throw new Error(`a lab has room for ${siteLimit} sites, not ${descriptions.length}`);
  }
  return descriptions.map((description, index) => planSite(description, index + 1));
}

/** The interface of the core that leads to a site. */
export function accessInterface(site: Site): string {
  return `access${site.number}`;
}

function planSite({ name, access, hosts = 1, impairment }: SiteDescription, number: number): Site {
  const boxes = access.nats.length === 0 ? [undefined] : access.nats;
  const isPublic = isTransparent(access);
  const hasIpv6 = isPublic && boxes.length === 1;
  const routers = boxes.map((box, index) => {
    const isOutermost = index === boxes.length - 1;
    const outerNetwork = isOutermost ? accessNetwork(number) : innerNetwork(number, index + 1, isPublic);
    return { namespace: `site${number}-router${index}`, box, isOutermost, outerNetwork };
  });
  const members = Array.from({ length: hosts }, (_, index) => ({
    namespace: `site${number}-host${index}`,
    address: `${innerNetwork(number, 0, isPublic)}.${hostNumber(index)}`,
    ...(hasIpv6 ? { addressIpv6: `${hostNetworkIpv6(number)}:${hostNumber(index)}` } : {}),
  }));
  return { number, name, access, impairment, routers, hosts: members, isPublic, hasIpv6 };
}
