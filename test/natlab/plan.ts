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
  /** Whether each host has the first box for itself, as homes behind one carrier do. All homes use the same network. */
  readonly apart?: boolean;
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
  /** How many boxes are between it and its hosts. */
  readonly level: number;
  readonly outerNetwork: string;
  /** The last part of its outer address. */
  readonly outerNumber: number;
  readonly isOutermost: boolean;
  /** The cables on its inner side: to hosts, or to other routers. */
  readonly members: number;
  /** Where its outer cable ends. */
  readonly above: Plug;
};

/** An interface of a namespace. */
export type Plug = { readonly namespace: string; readonly device: string };

export type Site = {
  readonly number: number;
  readonly name: string;
  readonly access: Access;
  readonly impairment: Impairment | undefined;
  /** The ones nearest to the hosts first. */
  readonly routers: readonly Router[];
  readonly hosts: readonly Host[];
  /** The router nearest to each host, in the order of the hosts. */
  readonly homes: readonly Plug[];
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
export function accessInterface(site: Pick<Site, 'number'>): string {
  return `access${site.number}`;
}

function planSite(description: SiteDescription, number: number): Site {
  const { name, access, impairment, hosts = 1, apart = false } = description;
  const isPublic = isTransparent(access);
  const hasIpv6 = isPublic && access.nats.length <= 1;
  const members = Array.from({ length: hosts }, (_, index) => ({
    namespace: `site${number}-host${index}`,
    address: `${innerNetwork(number, 0, isPublic)}.${hostNumber(index)}`,
    ...(hasIpv6 ? { addressIpv6: `${hostNetworkIpv6(number)}:${hostNumber(index)}` } : {}),
  }));
  return {
    number,
    name,
    access,
    impairment,
    routers: planRouters(description, number),
    hosts: members,
    homes: members.map((_, index) => ({
      namespace: routerNamespace(number, 0, apart ? index : 0),
      device: `inner${apart ? 0 : index}`,
    })),
    isPublic,
    hasIpv6,
  };
}

function planRouters({ access, hosts = 1, apart = false }: SiteDescription, number: number): Router[] {
  const boxes = access.nats.length === 0 ? [undefined] : access.nats;
  if (apart && boxes.length < 2) throw new Error('homes that are apart share another box');
  return boxes.flatMap((box, level) => {
    const isOutermost = level === boxes.length - 1;
    const outerNetwork = isOutermost
      ? accessNetwork(number)
      : innerNetwork(number, level + 1, isTransparent(access));
    const isSplit = apart && level === 0;
    const isJoint = apart ? level === 1 : level === 0;
    return Array.from({ length: isSplit ? hosts : 1 }, (_, copy) => ({
      namespace: routerNamespace(number, level, copy),
      box,
      level,
      outerNetwork,
      outerNumber: 2 + copy,
      isOutermost,
      members: isJoint ? hosts : 1,
      above: isOutermost
        ? { namespace: core, device: accessInterface({ number }) }
        : { namespace: routerNamespace(number, level + 1, 0), device: `inner${copy}` },
    }));
  });
}

function routerNamespace(site: number, level: number, copy: number): string {
  return `site${site}-router${level}-${copy}`;
}
