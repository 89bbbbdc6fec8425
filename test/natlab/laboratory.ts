import { impair } from './impairment.ts';
import type { LabProcess, SpawnOptions } from './lab-process.ts';
import { PrivateRoot } from './namespace.ts';
import { accessInterface, core, type Host, plan, type Site, type SiteDescription, server } from './plan.ts';
import { kernelTimeout, type MappingTimeout } from './routers.ts';
import { linkBatch, routerRules, scripts } from './topology.ts';

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
    await this.#reloadRules(this.#site(site), 2);
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

  /** Ends all that runs in here and removes all that was made. */
  async dispose(): Promise<void> {
    await this.#root.dispose();
  }

  async #reloadRules(site: Site, outermostNumber: number): Promise<void> {
    const reloads = site.routers.map(async (router) => {
      const { namespace } = router;
      const input = routerRules(site, router, this.#timeout, router.isOutermost ? outermostNumber : 2);
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

const darkness = `
table inet blackout {
  set dark { type ifname; }
  chain forward { type filter hook forward priority 0;
    iifname @dark drop
    oifname @dark drop
  }
}`;
