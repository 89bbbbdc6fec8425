import { accessNetwork, innerNetwork } from './addresses.ts';
import { impair } from './impairment.ts';
import type { LabProcess, SpawnOptions } from './lab-process.ts';
import { PrivateRoot } from './namespace.ts';
import { accessInterface, core, type Host, plan, type Site, type SiteDescription, server } from './plan.ts';
import { kernelTimeout, type MappingTimeout } from './routers.ts';
import { joiner, linkBatch, plug, routerRules, scripts } from './topology.ts';

export { serverAddresses } from './addresses.ts';
export type { LabProcess } from './lab-process.ts';
export type { Host, SiteDescription } from './plan.ts';

export type LabDescription = {
  readonly sites: readonly SiteDescription[];
  readonly timeout?: MappingTimeout;
  /** Of the lines' chance. */
  readonly seed?: number;
};

/** A small internet made of namespaces: a server in the middle, sites behind the boxes they asked for. */
export class Laboratory {
  /** The machine with both {@link serverAddresses}. */
  readonly server: Host = server;
  readonly #root: PrivateRoot;
  readonly #sites: readonly Site[];
  readonly #timeout: MappingTimeout;
  #guests = 0;

  private constructor(root: PrivateRoot, sites: readonly Site[], timeout: MappingTimeout) {
    this.#root = root;
    this.#sites = sites;
    this.#timeout = timeout;
  }

  static async build({ sites, timeout = kernelTimeout, seed = 1 }: LabDescription): Promise<Laboratory> {
    const planned = plan(sites);
    const root = await PrivateRoot.open();
    try {
      await root.run(['ip', '-batch', '-'], { input: linkBatch(planned) });
      const configured = [...scripts(planned, timeout)].map(([namespace, input]) =>
        root.run(['sh', '-e'], { namespace, input }),
      );
      await Promise.all([...configured, root.run(['nft', '-f', '-'], { namespace: core, input: darkness })]);
      await impair(root, planned, seed);
    } catch (error) {
      await root.dispose();
      throw error;
    }
    return new Laboratory(root, planned, timeout);
  }

  /** The hosts of a site. */
  hosts(site: string): readonly Host[] {
    return this.#site(site).hosts;
  }

  /** The first host of a site. */
  host(site: string): Host {
    const [first] = this.hosts(site);
    if (first === undefined) throw new Error(`site ${site} has no host`);
    return first;
  }

  /** Starts a program on a host. It ends with the lab, if not before. */
  spawn(host: Host, program: string, args: readonly string[], options?: SpawnOptions): LabProcess {
    return this.#root.spawn(host.namespace, program, args, options);
  }

  /** Runs a command on a host to its end; what it printed. */
  run(host: Host, command: readonly string[], input = ''): Promise<string> {
    return this.#root.run(command, { namespace: host.namespace, input });
  }

  /** Every box of the site forgets all its mappings. */
  async rebootNat(site: string): Promise<void> {
    await this.#reloadRules(this.#site(site));
  }

  /** The site's outermost NAT gets another public address, and no mapping survives. */
  async changeAddress(site: string): Promise<void> {
    const changing = this.#site(site);
    const outermost = changing.routers.at(-1);
    if (outermost?.box === undefined || outermost.box.mapping === 'none') {
      throw new Error(`nothing at ${site} translates to an address that could change`);
    }
    const { namespace, outerNetwork } = outermost;
    const old = await this.#root.run(['ip', '-o', '-4', 'addr', 'show', 'dev', 'wan'], { namespace });
    const next = old.includes(`${outerNetwork}.2/`) ? 3 : 2;
    // The old one first: removing an older address of a network takes the newer ones with it.
    const lines = [
      'addr flush dev wan',
      `addr add ${outerNetwork}.${next}/24 dev wan`,
      `route replace default via ${outerNetwork}.1`,
    ];
    await this.#root.run(['ip', '-4', '-batch', '-'], { namespace, input: lines.join('\n') });
    await this.#reloadRules(changing, next);
  }

  /** Nothing passes between the site and the internet until {@link light}. Links stay up. */
  async blackout(site: string): Promise<void> {
    await this.#switchLight('add', site);
  }

  async light(site: string): Promise<void> {
    await this.#switchLight('delete', site);
  }

  /** What one site sends another by IPv4 is lost from now on; what comes back is not. */
  async sever(from: string, to: string): Promise<void> {
    const [sources, targets] = [from, to].map((name) => networksOf(this.#site(name)));
    const ways = sources?.flatMap((source) => targets?.map((target) => `${source} . ${target}`));
    await this.#root.run(['nft', 'add', 'element', 'inet', 'blackout', 'severed', `{ ${ways?.join()} }`], {
      namespace: core,
    });
  }

  /** A host leaves its network for that of another site, where it has another address, of IPv4. Its sockets stay. */
  async roam({ namespace }: Host, to: string): Promise<void> {
    const { homes, number, isPublic } = this.#site(to);
    const [home] = homes;
    if (home === undefined) throw new Error(`site ${to} has no host, so no network for guests`);
    this.#guests += 1;
    const guest = { namespace: home.namespace, device: `guest${this.#guests}` };
    const network = innerNetwork(number, 0, isPublic);
    await this.#root.run(['ip', 'link', 'delete', 'wan'], { namespace });
    await this.#root.run(['ip', '-batch', '-'], {
      input: joiner(guestsFrom + 2 * this.#guests)({ namespace }, guest),
    });
    await this.#root.run(['ip', 'link', 'set', guest.device, 'master', 'lan', 'up'], guest);
    const lines = [
      ...plug('wan', `${network}.${100 + this.#guests}/24`),
      `route add default via ${network}.1`,
    ];
    await this.#root.run(['ip', '-batch', '-'], { namespace, input: lines.join('\n') });
  }

  /** Ends all that runs in here and removes all that was made. */
  async dispose(): Promise<void> {
    await this.#root.dispose();
  }

  async #reloadRules(site: Site, outermostNumber?: number): Promise<void> {
    const reloads = site.routers.map(async (router) => {
      const { namespace } = router;
      const number = router.isOutermost ? outermostNumber : undefined;
      const input = routerRules(site, router, this.#timeout, number);
      await this.#root.run(['nft', '-f', '-'], { namespace, input });
      await this.#root.run(['conntrack', '--flush'], { namespace });
    });
    await Promise.all(reloads);
  }

  async #switchLight(verb: 'add' | 'delete', site: string): Promise<void> {
    const device = accessInterface(this.#site(site));
    await this.#root.run(['nft', verb, 'element', 'inet', 'blackout', 'dark', `{ "${device}" }`], {
      namespace: core,
    });
  }

  #site(name: string): Site {
    const site = this.#sites.find((candidate) => candidate.name === name);
    if (site === undefined) throw new Error(`no site ${name} in this lab`);
    return site;
  }
}

/** Where one may see the hosts of a site come from. */
function networksOf({ number, isPublic }: Site): readonly string[] {
  const networks = [accessNetwork(number), ...(isPublic ? [innerNetwork(number, 0, true)] : [])];
  return networks.map((network) => `${network}.0/24`);
}

/** The numbers of the interfaces of guests begin above those of all that is planned. */
const guestsFrom = 10_000;

const darkness = `
table inet blackout {
  set dark { type ifname; }
  set severed { type ipv4_addr . ipv4_addr; flags interval; }
  chain forward { type filter hook forward priority 0;
    iifname @dark drop
    oifname @dark drop
    ip saddr . ip daddr @severed drop
  }
}`;
