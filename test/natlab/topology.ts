import {
  accessNetwork,
  accessNetworkIpv6,
  hostNetworkIpv6,
  innerNetwork,
  serverAddresses,
  serverLink,
} from './addresses.ts';
import { accessInterface, core, type Host, type Plug, type Router, type Site, server } from './plan.ts';
import { type MappingTimeout, routerSettings, ruleset } from './routers.ts';

/** The commands for `ip -batch` that make all namespaces and join them. */
export function linkBatch(sites: readonly Site[]): string {
  const join = joiner();
  const lines = [
    `netns add ${core}`,
    `netns add ${server.namespace}`,
    join(server, { namespace: core, device: 'server' }),
  ];
  for (const { routers, hosts, homes } of sites) {
    for (const { namespace } of [...routers, ...hosts]) lines.push(`netns add ${namespace}`);
    for (const router of routers) lines.push(join(router, router.above));
    hosts.forEach((host, index) => {
      const home = homes[index];
      if (home !== undefined) lines.push(join(host, home));
    });
  }
  return lines.join('\n');
}

/** The shell scripts that configure each namespace, by its name. They do not depend on each other. */
export function scripts(sites: readonly Site[], timeout: MappingTimeout): Map<string, string> {
  const all = new Map([
    [core, coreScript(sites, timeout)],
    [server.namespace, serverScript()],
  ]);
  for (const site of sites) {
    for (const router of site.routers) all.set(router.namespace, routerScript(site, router, timeout));
    for (const host of site.hosts) all.set(host.namespace, hostScript(site, host));
  }
  return all;
}

/** What a router does with packets when its outer address ends in `number`. */
export function routerRules(
  site: Site,
  router: Router,
  timeout: MappingTimeout,
  number = router.outerNumber,
): string {
  if (router.box === undefined) return 'flush ruleset';
  const address = `${router.outerNetwork}.${number}`;
  return ruleset(router.box, address, { udpBlocked: site.access.udpBlocked, timeout });
}

/**
 * A cable from the outer interface of a namespace. No two interfaces of a lab share a number: where both ends of a pair
 * happen to have the same one, the kernel takes them for a plain device and lets up to a second pass before it tells
 * the bridge that the cable is in.
 */
export function joiner(last = 100): (end: { readonly namespace: string }, above: Plug) => string {
  const next = () => {
    last += 1;
    return `index ${last}`;
  };
  return ({ namespace }, above) =>
    `link add wan ${next()} netns ${namespace} type veth peer name ${above.device} ${next()} netns ${above.namespace}`;
}

function coreScript(sites: readonly Site[], timeout: MappingTimeout): string {
  const lines = [
    ...plug('server', `${serverLink.core}/24`, `${serverLink.coreIpv6}/64`),
    ...serverAddresses.ipv4.map((address) => `route add ${address}/32 via ${serverLink.server}`),
    ...serverAddresses.ipv6.map((address) => `route add ${address}/128 via ${serverLink.serverIpv6}`),
  ];
  for (const site of sites) {
    const device = accessInterface(site);
    const network = accessNetwork(site.number);
    lines.push(...plug(device, `${network}.1/24`));
    if (site.isPublic) lines.push(`route add ${innerNetwork(site.number, 0, true)}.0/24 via ${network}.2`);
    if (site.hasIpv6) {
      const networkIpv6 = accessNetworkIpv6(site.number);
      lines.push(addAddress(device, `${networkIpv6}:1/64`));
      lines.push(`route add ${hostNetworkIpv6(site.number)}:/64 via ${networkIpv6}:2`);
    }
  }
  return script(lines, routerSettings(timeout));
}

function serverScript(): string {
  const { ipv4, ipv6 } = serverAddresses;
  return script([
    ...plug('wan', `${serverLink.server}/24`, `${serverLink.serverIpv6}/64`),
    ...ipv4.map((address) => addAddress('wan', `${address}/32`)),
    ...ipv6.map((address) => addAddress('wan', `${address}/128`)),
    `route add default via ${serverLink.core} src ${ipv4[0]}`,
    `route add ::/0 via ${serverLink.coreIpv6} src ${ipv6[0]}`,
  ]);
}

function routerScript(site: Site, router: Router, timeout: MappingTimeout): string {
  const { level, members } = router;
  const inner = (number: number) => innerNetwork(site.number, number, site.isPublic);
  const lines = [
    'link add lan type bridge',
    ...plug('lan', `${inner(level)}.1/24`),
    ...Array.from({ length: members }, (_, member) => `link set inner${member} master lan up`),
    ...plug('wan', `${router.outerNetwork}.${router.outerNumber}/24`),
    `route add default via ${router.outerNetwork}.1`,
  ];
  // The way back to inner networks, for boxes in between that translate nothing.
  for (let deeper = 0; deeper < level; deeper += 1) {
    lines.push(`route add ${inner(deeper)}.0/24 via ${inner(level)}.2`);
  }
  if (site.hasIpv6) {
    const outside = accessNetworkIpv6(site.number);
    lines.push(addAddress('wan', `${outside}:2/64`));
    lines.push(addAddress('lan', `${hostNetworkIpv6(site.number)}:1/64`));
    lines.push(`route add ::/0 via ${outside}:1`);
  }
  const rules = routerRules(site, router, timeout);
  return `${script(lines, routerSettings(timeout))}\nnft -f - <<'RULES'\n${rules}\nRULES\n`;
}

function hostScript(site: Site, host: Host): string {
  const lines = [
    ...plug('wan', `${host.address}/24`),
    `route add default via ${innerNetwork(site.number, 0, site.isPublic)}.1`,
  ];
  if (site.hasIpv6) {
    lines.push(addAddress('wan', `${host.addressIpv6}/64`));
    lines.push(`route add ::/0 via ${hostNetworkIpv6(site.number)}:1`);
  }
  return script(lines);
}

export function plug(device: string, ...addresses: string[]): string[] {
  return [`link set ${device} up`, ...addresses.map((address) => addAddress(device, address))];
}

/** IPv6 would otherwise hold an address back until it has looked for duplicates. */
function addAddress(device: string, address: string): string {
  return `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`;
}

function script(lines: readonly string[], before = ''): string {
  const noWaiting =
    'for file in /proc/sys/net/ipv6/conf/*/accept_dad; do if [ -e $file ]; then echo 0 > $file; fi; done';
  const batch = ['link set lo up', ...lines].join('\n');
  return `${noWaiting}\n${before}\nip -batch - <<'LINES'\n${batch}\nLINES`;
}
