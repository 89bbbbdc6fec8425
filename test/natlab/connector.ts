import { createInterface } from 'node:readline';
import { realEntropy } from '../../runtime/ambient.ts';
import { createPeer, formatKey, type Link, type Peer, parseKey } from '../../runtime/index.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';

/** What the program is told, one line of JSON each. */
export type Order =
  /** Be a new peer, with a socket and a key of its own, that waits to be called. */
  | { readonly open: string; readonly server: string; readonly protocol: 1 | 2 }
  /** Have a peer that is registered ask for another, whose key it may know. */
  | { readonly open: string; readonly call: string; readonly key?: string }
  | { readonly close: string };

/** What it answers. `at` is in milliseconds of the machine's monotonic clock, which all its processes share. */
export type Progress = {
  readonly name: string;
  readonly event: 'registered' | 'asking' | 'connected' | 'failed';
  readonly at: number;
  readonly reason?: string;
  /** Of a peer of protocol 2 that has registered. */
  readonly key?: string;
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
    else if ('call' in order) call(peers.get(order.open), order.call, order.key);
    else peers.set(order.open, open(order.open, order.server, order.protocol));
  }
  process.exit(0);
}

function open(name: string, server: string, protocol: 1 | 2): Peer {
  const keys = protocol === 1 ? undefined : createKeyPair(realEntropy);
  const peer = createPeer({ name, server, protocol, ...(keys === undefined ? {} : { keys }) });
  peer.registered.then(
    () => tell(name, 'registered', keys === undefined ? {} : { key: formatKey(keys.publicKey) }),
    (error: Error) => tell(name, 'failed', { reason: error.message }),
  );
  void followCalls(peer);
  return peer;
}

function call(peer: Peer | undefined, other: string, keyText = ''): void {
  if (peer === undefined) return;
  const key = parseKey(keyText);
  tell(peer.name, 'asking');
  follow(peer.name, peer.link(other, key === undefined ? {} : { key }));
}

async function followCalls(peer: Peer): Promise<void> {
  for await (const link of peer.links) follow(peer.name, link);
}

function follow(name: string, link: Link): void {
  link.connected.then(
    () => tell(name, 'connected'),
    (error: Error) => tell(name, 'failed', { reason: error.message }),
  );
}

function tell(name: string, event: Progress['event'], rest: Pick<Progress, 'reason' | 'key'> = {}): void {
  const progress: Progress = { name, event, at: Number(process.hrtime.bigint()) / 1e6, ...rest };
  console.log(JSON.stringify(progress));
}
