import { createInterface } from 'node:readline';
import { createPeer, type Link, type Peer } from '../../runtime/index.ts';

/** What the program is told, one line of JSON each. */
export type Order =
  /** Be a new peer, with a socket of its own, that waits to be called. */
  | { readonly open: string; readonly server: string }
  /** Have a peer that is registered ask for another. */
  | { readonly open: string; readonly call: string }
  | { readonly close: string };

/** What it answers. `at` is in milliseconds of the machine's monotonic clock, which all its processes share. */
export type Progress = {
  readonly name: string;
  readonly event: 'registered' | 'asking' | 'connected' | 'failed';
  readonly at: number;
  readonly reason?: string;
};

/**
 * A program for a host of a lab: any number of peers of the library, opened and closed as it is told, so that a
 * hundred connections cost one process.
 */
if (process.argv[1] === new URL(import.meta.url).pathname) await obey();

async function obey(): Promise<void> {
  const peers = new Map<string, Peer>();
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    if ('close' in order) void peers.get(order.close)?.close();
    else if ('call' in order) call(peers.get(order.open), order.call);
    else peers.set(order.open, open(order.open, order.server));
  }
  process.exit(0);
}

function open(name: string, server: string): Peer {
  const peer = createPeer({ name, server });
  peer.registered.then(
    () => tell(name, 'registered'),
    (error: Error) => tell(name, 'failed', error.message),
  );
  void followCalls(peer);
  return peer;
}

function call(peer: Peer | undefined, other: string): void {
  if (peer === undefined) return;
  tell(peer.name, 'asking');
  follow(peer.name, peer.link(other));
}

async function followCalls(peer: Peer): Promise<void> {
  for await (const link of peer.links) follow(peer.name, link);
}

function follow(name: string, link: Link): void {
  link.connected.then(
    () => tell(name, 'connected'),
    (error: Error) => tell(name, 'failed', error.message),
  );
}

function tell(name: string, event: Progress['event'], reason?: string): void {
  const at = Number(process.hrtime.bigint()) / 1e6;
  const progress: Progress = { name, event, at, ...(reason === undefined ? {} : { reason }) };
  console.log(JSON.stringify(progress));
}
