/**
 * A program: something on loopback that answers datagrams. Arguments: what it is (`echo`, `dgram-echo`, `protocol1`,
 * `protocol2`), how its datagrams go to the kernel, how many clients it takes.
 */
import { createRendezvousServer, type Endpoint } from '../../runtime/index.ts';
import { type Io, openTransport } from '../../runtime/open-transport.ts';
import type { PackedTransport } from '../../runtime/transport.ts';
import { socketAt } from './crowd.ts';
import { serve } from './helper.ts';

export type RateGreeting = Endpoint & { readonly pid: number };

/** How many clients are registered; undefined for what registers none. */
export type RateAnswer = { readonly clients: number | undefined };

const [what = '', io, maxClients] = process.argv.slice(2) as [string, Io, string];

type Answering = { endpoint: Endpoint; clients: () => number | undefined; close: () => unknown };

const { endpoint, clients, close } = await open();
serve<'clients', RateAnswer>({ ...endpoint, pid: process.pid }, () => ({ clients: clients() }), close);

async function open(): Promise<Answering> {
  if (what === 'echo') return echo();
  if (what === 'dgram-echo') return dgramEcho();
  const server = await createRendezvousServer({
    protocols: what === 'both' ? [1, 2] : [what === 'protocol1' ? 1 : 2],
    host: '127.0.0.1',
    port: 0,
    io,
    maxClients: Number(maxClients),
    ttlMs: 3_600_000,
    admission: { perSecond: 1e9, burst: 1e9 },
  });
  return { endpoint: server.endpoint, clients: () => server.status().clients, close: () => server.close() };
}

/** A transport and nothing more. */
async function echo() {
  const transport = (await openTransport('127.0.0.1', 0, io)) as PackedTransport;
  transport.listenPacked({ datagram: (from, bytes, length) => transport.sendPacked(from, bytes, length) });
  return { endpoint: transport.local, clients: () => undefined, close: () => transport.close() };
}

/** A socket of Node's and nothing more. */
async function dgramEcho() {
  const socket = await socketAt('127.0.0.1');
  socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address));
  return { endpoint: socket.address(), clients: () => undefined, close: () => socket.close() };
}
