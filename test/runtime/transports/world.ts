import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../../../machines/endpoint.ts';
import { formatEndpoint } from '../../../machines/endpoint.ts';
import type { Transport } from '../../../runtime/transport.ts';

/** Where transports are opened: a machine's loopback, or a network in memory. */
export type World = {
  /** Two addresses of each version of IP, which reach each other. */
  readonly addresses: { readonly ipv4: readonly [string, string]; readonly ipv6: readonly [string, string] };
  /** Port 0 means any. */
  open(address: string, port: number): Promise<Transport>;
  /** Lets a little time pass. */
  pass(): Promise<void>;
  /** Frees what the world is made of. */
  end?(): void;
};

export const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

/** The loopback interface of this machine, with transports that `open` makes. */
export function loopback(open: World['open']): World {
  return {
    addresses: { ipv4: ['127.0.0.1', '127.0.0.1'], ipv6: ['::1', '::1'] },
    open,
    pass: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

export type Arrival = { readonly from: Endpoint; readonly bytes: readonly number[] };

/** A transport, and what it has heard. */
export type End = {
  readonly transport: Transport;
  next(): Promise<Arrival>;
  /** Where a datagram was to go, and the code of its failure. */
  failure(): Promise<readonly [to: string, code: string]>;
};

/** Transports on free ports, closed in the end. */
export async function withEnds(
  world: World,
  addresses: readonly [string, string],
  run: (ends: [End, End]) => Promise<void>,
): Promise<void> {
  const ends: End[] = [];
  try {
    for (const address of addresses) ends.push(endOf(await world.open(address, 0), world));
    await run(ends as [End, End]);
  } finally {
    await Promise.all(ends.map(({ transport }) => transport.close()));
    world.end?.();
  }
}

export function endOf(transport: Transport, world: World): End {
  const arrivals: Arrival[] = [];
  const failures: (readonly [string, string])[] = [];
  transport.listen({
    datagram: (from, bytes) => arrivals.push({ from, bytes: [...bytes] }),
    sendFailed: (to, code) => failures.push([formatEndpoint(to), code]),
  });
  return { transport, next: () => first(arrivals, world), failure: () => first(failures, world) };
}

/** Waits until `isSo`, or too long. */
export async function until(world: World, isSo: () => boolean): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; !isSo(); ) {
    if (Date.now() > until) throw new Error('what was waited for did not come');
    await world.pass();
  }
}

async function first<Item>(items: Item[], world: World): Promise<Item> {
  await until(world, () => items.length > 0);
  return items.shift() as Item;
}

const PATIENCE_MS = 10_000;
