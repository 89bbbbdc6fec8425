import type { Access, NatBehaviour } from '../../runtime/simulation/behaviour.ts';

/** How long the kernel remembers a flow: heard from one side only, and from both. Whole seconds. */
export type MappingTimeout = { readonly unrepliedSeconds: number; readonly repliedSeconds: number };

/** Linux's own. */
export const kernelTimeout: MappingTimeout = { unrepliedSeconds: 30, repliedSeconds: 120 };

/**
 * The nftables rules of one router whose inside is the interface `lan`, whose outside is `wan`, and whose public
 * address is `address`. Loading them replaces, and so forgets, all that was there.
 */
export function ruleset(
  box: NatBehaviour,
  address: string,
  { udpBlocked, timeout }: { readonly udpBlocked: boolean; readonly timeout: MappingTimeout },
): string {
  if (!isBuildable(box)) {
    throw new Error(`no router here has ${box.mapping} mapping with ${box.filtering} filtering`);
  }
  return ['flush ruleset', firewall(box, udpBlocked), ...translation(box, address, timeout)].join('\n');
}

/** The kernel settings of every router, as shell. */
export function routerSettings(timeout: MappingTimeout): string {
  return `
    set_to() { if [ -e /proc/sys/net/$1 ]; then echo $2 > /proc/sys/net/$1; fi; }
    set_to ipv4/ip_forward 1
    set_to ipv6/conf/all/forwarding 1
    set_to ipv4/conf/all/rp_filter 0
    set_to ipv4/conf/default/rp_filter 0
    set_to bridge/bridge-nf-call-iptables 0
    set_to netfilter/nf_conntrack_udp_timeout ${timeout.unrepliedSeconds}
    set_to netfilter/nf_conntrack_udp_timeout_stream ${timeout.repliedSeconds}`;
}

/** Whether nothing on the way gives a host another address. */
export function isTransparent(access: Access): boolean {
  return access.nats.every((box) => box.mapping === 'none');
}

/** Translating implies a filter: what has no mapping has nowhere to go. A firewall here is the usual, stateful one. */
function isBuildable(box: NatBehaviour): boolean {
  return box.mapping === 'none' ? !admitsStrangers(box) : box.filtering !== 'none';
}

/**
 * An unsolicited packet must not reach the router itself: the kernel would remember that flow as the router's own, and
 * give our packet to the same peer another port. That is what `unsolicited: 'accept'` asks for.
 */
function firewall(box: NatBehaviour, udpBlocked: boolean): string {
  return `
table inet filter {
  chain input { type filter hook input priority 0; policy ${box.unsolicited};
    iifname { lo, lan } accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
  }
  chain forward { type filter hook forward priority 0; policy drop;
    ${udpBlocked ? 'meta l4proto udp drop' : ''}
    ${box.filtering === 'none' ? 'accept' : ''}
    ct state established,related accept
    iifname lan oifname wan accept
    ct status dnat accept
    meta l4proto ipv6-icmp accept
  }
}`;
}

function translation(box: NatBehaviour, address: string, timeout: MappingTimeout): string[] {
  if (box.mapping === 'none') return [];
  const target = `snat to ${address}${portsOf(box)}`;
  const remembersOwners = admitsStrangers(box) || box.hairpinning;
  const remembersPorts = box.mapping === 'address-dependent';
  const lines = [
    'table ip nat {',
    ...(remembersOwners ? ownerMemory(timeout) : []),
    ...(remembersPorts ? portMemory(timeout) : []),
    '  chain before { type nat hook prerouting priority dstnat;',
    ...(admitsStrangers(box) ? [`    iifname wan ip daddr ${address} ${admission(box)}`] : []),
    ...(box.hairpinning ? [`    iifname lan ip daddr ${address} ${toOwner}`] : []),
    '  }',
    '  chain after { type nat hook postrouting priority srcnat;',
    ...(remembersPorts ? [`    oifname wan meta l4proto udp snat to ${address} : ${knownPort}`] : []),
    `    oifname wan meta l4proto udp ${target}`,
    `    oifname wan snat to ${address}`,
    ...(box.hairpinning ? [`    iifname lan oifname lan ct status dnat meta l4proto udp ${target}`] : []),
    '  }',
    // After translation, so that the source port is the public one and conntrack's tuple the inner endpoint.
    '  chain record { type filter hook postrouting priority srcnat + 10;',
    ...(remembersOwners ? recordOwner : []),
    ...(remembersPorts ? recordPort : []),
    '  }',
    '}',
  ];
  return [lines.join('\n')];
}

function admitsStrangers(box: NatBehaviour): boolean {
  return box.filtering === 'endpoint-independent' || box.filtering === 'address-dependent';
}

/** Public port to inner endpoint, and who was sent to by which public port. As short-lived as the flows. */
function ownerMemory({ repliedSeconds }: MappingTimeout): string[] {
  return [
    `  map owners { type inet_service : ipv4_addr . inet_service; ${bounds(repliedSeconds)} }`,
    `  set contacts { type ipv4_addr . inet_service; ${bounds(repliedSeconds)} }`,
  ];
}

/** Inner endpoint and far address to public port. */
function portMemory({ repliedSeconds }: MappingTimeout): string[] {
  const key = 'ipv4_addr . inet_service . ipv4_addr';
  return [`  map ports { type ${key} : inet_service; ${bounds(repliedSeconds)} }`];
}

function bounds(seconds: number): string {
  return `flags dynamic,timeout; timeout ${seconds}s; size 65535;`;
}

const knownPort = 'ip saddr . udp sport . ip daddr map @ports';
const toOwner = 'dnat ip to udp dport map @owners';

function admission(box: NatBehaviour): string {
  return box.filtering === 'address-dependent' ? `ip saddr . udp dport @contacts ${toOwner}` : toOwner;
}

const recordOwner = [
  '    oifname wan meta l4proto udp ct direction original update @owners { udp sport : ct original ip saddr . ct original proto-src }',
  '    oifname wan meta l4proto udp ct direction reply update @owners { udp sport : ct reply ip saddr . ct reply proto-src }',
  '    oifname wan meta l4proto udp update @contacts { ip daddr . udp sport }',
];

const recordPort = [
  '    oifname wan meta l4proto udp ct direction original update @ports { ct original ip saddr . ct original proto-src . ip daddr : udp sport }',
];

/**
 * The kernel keeps one mapping for all destinations as long as it may choose the port itself, and none when told to
 * choose at random or to count. One mapping per address is one at random that we write down. `range` excludes the ports that hosts use, else a port in it would be kept.
 */
function portsOf(box: NatBehaviour): string {
  switch (`${box.mapping} ${box.allocation}`) {
    case 'endpoint-independent preserving':
      return '';
    case 'endpoint-independent range':
      return ':10000-29999';
    case 'address-dependent range':
      return ':10000-29999 fully-random';
    case 'address-and-port-dependent sequential':
      return ` : numgen inc mod 4096 ${countedPorts}`;
    case 'address-and-port-dependent range':
      return ':10000-29999 fully-random';
    case 'address-and-port-dependent random':
      return ' fully-random';
    default:
      throw new Error(`the kernel has no NAT with ${box.mapping} mapping and ${box.allocation} ports`);
  }
}

/** A map, because nftables swaps the bytes of a port that it computes with `offset`. */
const countedPorts = `map { ${Array.from({ length: 4096 }, (_, index) => `${index} : ${20_000 + index}`).join(', ')} }`;
