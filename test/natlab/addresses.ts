/**
 * Who has which address in a lab. Sites are numbered from 1, and have their number in every prefix of theirs.
 * Routers of a site are numbered from the host outwards.
 */

/** The public server has two addresses of each family, so that a NAT's dependence on the far end shows. */
export const serverAddresses = {
  ipv4: ['203.0.113.1', '203.0.113.2'],
  ipv6: ['2001:db8::1', '2001:db8::2'],
} as const;

export const serverLink = {
  core: '198.18.0.1',
  server: '198.18.0.2',
  coreIpv6: '2001:db8:ffff::1',
  serverIpv6: '2001:db8:ffff::2',
} as const;

/** As many as leave the numbers from 101 up for public LANs. */
export const siteLimit = 99;

/** The /24 between the core (.1) and the outermost router of a site (.2). */
export function accessNetwork(site: number): string {
  return `198.18.${site}`;
}

/** The /24 on the inner side of a router: the hosts' own network, or the one between two routers. */
export function innerNetwork(site: number, router: number, isPublic: boolean): string {
  if (router > 0) return `100.${63 + router}.${site}`;
  return isPublic ? `198.18.${100 + site}` : `192.168.${site}`;
}

/** The /64 between the core and a site's router. */
export function accessNetworkIpv6(site: number): string {
  return `2001:db8:${site.toString(16)}:`;
}

/** The /64 of a site's hosts. */
export function hostNetworkIpv6(site: number): string {
  return `2001:db8:${(0x100 + site).toString(16)}:`;
}

/** The last part of a host's addresses. */
export function hostNumber(host: number): number {
  return 11 + host;
}

/** Which sites a raw IP packet comes from and goes to, as the core sees it; `undefined` for what is no site. */
export function sitesOf(packet: Uint8Array): {
  readonly from: number | undefined;
  readonly to: number | undefined;
} {
  const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
  const [siteAt, source, target] = isIpv6 ? [siteAtIpv6, 8, 24] : [siteAtIpv4, 12, 16];
  return { from: siteAt(packet, source), to: siteAt(packet, target) };
}

function siteAtIpv4(packet: Uint8Array, at: number): number | undefined {
  const [first = 0, second = 0, third = 0] = packet.subarray(at, at + 3);
  if (first !== 198 || second !== 18 || third === 0) return undefined;
  return third > 100 ? third - 100 : third;
}

function siteAtIpv6(packet: Uint8Array, at: number): number | undefined {
  const [high = 0, low = 0] = packet.subarray(at + 4, at + 6);
  return high > 1 || low === 0 ? undefined : low;
}
