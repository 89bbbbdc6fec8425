import { type Random, realAmbient } from '../../ambient.ts';
import { sameKey } from '../../secrecy/keys.ts';
import { LeaseTable } from './lease-table.ts';

/** How long a name stays its holder's after it was last heard of: a holiday is no reason to lose one's name. */
export const LEASE_MS = 30 * 24 * 3_600_000;

/** Renewals are written once a day at most: a lease that is a day short harms nobody, a write for every sign of life wears a disk out. */
export const RENEWAL_MS = 24 * 3_600_000;

/** How many leases a server holds, unless it is to hold more: some 8 MB. */
export const LEASES_MAX = 100_000;

export type Lease = { readonly key: Uint8Array; readonly renewedAtMs: number };

/** A name that gets a lease, another one, or loses it. */
export type Change = { readonly name: string; readonly lease: Lease | undefined };

/** `held`: another key holds the name. `full`: there is no room, and no lease has expired. */
export type Grant = 'granted' | 'held' | 'full';

/** Which name belongs to which key. */
export type Leases = {
  readonly size: number;
  holderOf(name: string): Uint8Array | undefined;
  /** Resolves once the lease outlives whatever happens to the process and the machine. Rejects if it cannot be written. */
  grant(name: string, key: Uint8Array): Promise<Grant>;
  /** Lets the lease of a name begin anew; nothing happens for a name that nobody holds. */
  renew(name: string): Promise<void>;
  /** Forgets what has expired. Resolves to how many that were. */
  prune(): Promise<number>;
  close(): Promise<void>;
};

export type LeaseBookOptions = {
  /** Milliseconds on the clock on the wall, which goes on while the server is down. */
  now(): number;
  readonly leasesMax?: number;
  /** Makes the table one whose order nobody can foresee. */
  readonly random?: Random;
};

/** Where changes are kept. All of one call are kept, or none, and calls in their order. */
export type Journal = { write(changes: readonly Change[]): Promise<void>; close(): Promise<void> };

/** Leases that end with the process. */
export function memoryLeases(options: LeaseBookOptions): Leases {
  return new LeaseBook(new Map(), { write: async () => {}, close: async () => {} }, options);
}

/**
 * The rules of leases. All of them are in memory, so that a look costs nothing; the journal has each before its grant is
 * acknowledged. A name is taken from the moment it is granted, not from when it is written.
 */
export class LeaseBook implements Leases {
  readonly #leases: LeaseTable;
  readonly #journal: Journal;
  readonly #options: LeaseBookOptions;
  readonly #writing = new Map<string, Promise<void>>();
  /** No lease expires before this: saves a full server the search with every new name. */
  #nextExpiryMs = Number.NEGATIVE_INFINITY;

  constructor(leases: ReadonlyMap<string, Lease>, journal: Journal, options: LeaseBookOptions) {
    this.#leases = new LeaseTable(options.random ?? realAmbient.random, leases);
    this.#journal = journal;
    this.#options = options;
  }

  get size(): number {
    return this.#leases.size;
  }

  holderOf(name: string): Uint8Array | undefined {
    return this.#current(name)?.key;
  }

  async grant(name: string, key: Uint8Array): Promise<Grant> {
    const current = this.#current(name);
    if (current !== undefined) {
      if (!sameKey(current.key, key)) return 'held';
      await this.renew(name);
      return 'granted';
    }
    const isRoom = this.#leases.has(name) || this.#leases.size < (this.#options.leasesMax ?? LEASES_MAX);
    const expired = isRoom ? [] : this.#expired();
    if (!isRoom && expired.length === 0) return 'full';
    await this.#write([
      ...expired,
      { name, lease: { key: Uint8Array.from(key), renewedAtMs: this.#options.now() } },
    ]);
    return 'granted';
  }

  async renew(name: string): Promise<void> {
    await this.#writing.get(name);
    const current = this.#current(name);
    if (current === undefined) return;
    const renewedAtMs = this.#options.now();
    // A clock that was set back renews too, or it would have written a far future for good.
    if (Math.abs(renewedAtMs - current.renewedAtMs) < RENEWAL_MS) return;
    await this.#write([{ name, lease: { ...current, renewedAtMs } }]);
  }

  async prune(): Promise<number> {
    const expired = this.#expired();
    if (expired.length > 0) await this.#write(expired);
    return expired.length;
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #current(name: string): Lease | undefined {
    const lease = this.#leases.get(name);
    return lease === undefined || this.#isExpired(lease) ? undefined : lease;
  }

  #isExpired({ renewedAtMs }: Lease): boolean {
    return this.#options.now() - renewedAtMs >= LEASE_MS;
  }

  #expired(): Change[] {
    if (this.#options.now() < this.#nextExpiryMs) return [];
    const expired: Change[] = [];
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const [name, lease] of this.#leases) {
      if (this.#isExpired(lease)) expired.push({ name, lease: undefined });
      else this.#nextExpiryMs = Math.min(this.#nextExpiryMs, lease.renewedAtMs + LEASE_MS);
    }
    return expired;
  }

  /** Changes the table at once, and back if the journal refuses. */
  async #write(changes: readonly Change[]): Promise<void> {
    const before = changes.map(({ name }) => ({ name, lease: this.#leases.get(name) }));
    for (const change of changes) this.#set(change);
    const written = this.#journal.write(changes);
    for (const { name } of changes) this.#writing.set(name, written);
    try {
      await written;
    } catch (error) {
      for (const [index, { name }] of changes.entries()) {
        if (this.#writing.get(name) === written) this.#set(before[index] ?? { name, lease: undefined });
      }
      this.#nextExpiryMs = Number.NEGATIVE_INFINITY;
      throw error;
    } finally {
      for (const { name } of changes) if (this.#writing.get(name) === written) this.#writing.delete(name);
    }
  }

  #set({ name, lease }: Change): void {
    if (lease === undefined) {
      this.#leases.delete(name);
      return;
    }
    this.#leases.set(name, lease);
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, lease.renewedAtMs + LEASE_MS);
  }
}
