import type { Datagram, Host } from './history.ts';
import type { Scene } from './scene.ts';

/** Life lines of addresses that nobody tells of, at most: there is room for a few only. */
const ELSEWHERE_MAX = 3;

export type Lifeline = { readonly name: string; readonly role: Host['role'] };

/** The life lines of a scene, and which of them a datagram goes between. */
export class Lifelines {
  #lines: readonly Lifeline[] = [];
  readonly #places = new Map<string, number>();
  readonly #elsewhere = new Set<string>();
  #known = '';

  get lines(): readonly Lifeline[] {
    return this.#lines;
  }

  /** Addresses have lines of their own only as long as nobody is known to be there. */
  forget(): void {
    this.#elsewhere.clear();
  }

  /** Whether they have changed. */
  update(scene: Scene): boolean {
    const hosts = orderOf(scene);
    const known = [scene.key, ...hosts.map(({ key }) => key), ...this.#elsewhere].join('|');
    if (known === this.#known) return false;
    if (!this.#known.startsWith(`${scene.key}|`)) this.#elsewhere.clear();
    this.#known = [scene.key, ...hosts.map(({ key }) => key), ...this.#elsewhere].join('|');
    this.#places.clear();
    for (const host of hosts) this.#places.set(host.key, this.#places.size);
    for (const address of this.#elsewhere) this.#places.set(address, this.#places.size);
    const others = [...this.#elsewhere].map((name) => ({ name, role: 'elsewhere' }) as const);
    this.#lines = [...hosts, ...others];
    return true;
  }

  placeOf(host: Host | undefined): number | undefined {
    return host === undefined ? undefined : this.#places.get(host.key);
  }

  /** Where a datagram begins and ends. One whose other end nobody tells of goes to a line for its address. */
  endsOf(scene: Scene, datagram: Datagram): readonly [from: number | undefined, to: number | undefined] {
    return [
      this.placeOf(datagram.sender) ?? this.#placeOfAddress(scene, datagram.from, datagram.receiver),
      this.placeOf(datagram.receiver) ?? this.#placeOfAddress(scene, datagram.to, datagram.sender),
    ];
  }

  #placeOfAddress(scene: Scene, address: string, other: Host | undefined): number | undefined {
    for (const host of scene.hosts.values()) {
      if (host !== other && [...host.addresses].some((local) => isSameSocket(local, address))) {
        return this.placeOf(host);
      }
    }
    if (this.#elsewhere.size < ELSEWHERE_MAX) this.#elsewhere.add(address);
    return this.#places.get(address);
  }
}

/** A socket at every address of this machine is at each of them. */
function isSameSocket(local: string, address: string): boolean {
  if (local === address) return true;
  const [, port] = /^(?:0\.0\.0\.0|\[::\]):(\d+)$/.exec(local) ?? [];
  return port !== undefined && /^(127\.0\.0\.1|\[::1\]):/.test(address) && address.endsWith(`:${port}`);
}

/** As the run says; or the server among its clients. */
function orderOf(scene: Scene): Host[] {
  const hosts = [...scene.hosts.values()];
  if (scene.lifelines.length > 0) {
    const named = new Map(hosts.map((host) => [host.name, host]));
    return scene.lifelines.flatMap((name) => named.get(name) ?? []);
  }
  const byName = (one: Host, other: Host) => (one.name < other.name ? -1 : 1);
  const servers = hosts.filter(({ role }) => role === 'server');
  const [first, ...others] = hosts.filter(({ role }) => role !== 'server').sort(byName);
  return [...(first === undefined ? [] : [first]), ...servers, ...others];
}
