import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { encode } from '../../machines/wire.ts';
import { memberOf, socketAt } from './crowd.ts';
import { SealedClient } from './sealed-client.ts';

/** A datagram to be played to a server (metal/replay.c), from an IPv4 address. */
export type Line = { readonly from: string; readonly bytes: Uint8Array };

export function writeReplay(file: string, lines: Iterable<Line>): void {
  const parts: Buffer[] = [];
  for (const { from, bytes } of lines) {
    const line = Buffer.alloc(6 + bytes.length);
    line.set(from.split('.').map(Number));
    line.writeUInt16LE(bytes.length, 4);
    line.set(bytes, 6);
    parts.push(line);
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** Registrations of protocol 1, by members of the crowd from `first`. */
export function* registers(first: number, count: number): Generator<Line> {
  for (let index = first; index < first + count; index += 1) {
    const { name, address } = memberOf(index);
    yield { from: address, bytes: encode({ type: 'register', name }) };
  }
}

/** Knocks of protocol 2, by members of the crowd from `first`. */
export function* knocks(first: number, count: number): Generator<Line> {
  const endpoint = { address: '127.0.0.1', port: 9 };
  const some = Array.from({ length: 256 }, () => new SealedClient('knocker', endpoint).registration.knock());
  for (let index = first; index < first + count; index += 1) {
    yield { from: memberOf(index).address, bytes: some[index % some.length] as Uint8Array };
  }
}

/** Members of the crowd, registered over protocol 2 from one port at addresses of their own. */
export async function sealedCrowd(server: number, count: number, port: number): Promise<SealedClient[]> {
  const clients: SealedClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const { name, address } = memberOf(index);
    const socket = await socketAt(address, port);
    const client = new SealedClient(name, { address, port });
    client.challenged(await ask(socket, server, client.registration.knock()));
    client.acknowledged(await ask(socket, server, client.register()));
    // Whoever does not show soon that it has the session is forgotten.
    await ask(socket, server, client.keepalive());
    clients.push(client);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
  return clients;
}

/** Keepalives, fresh ones, `count` in turn. */
export function* keepalives(clients: readonly SealedClient[], count: number): Generator<Line> {
  for (let index = 0; index < count; index += 1) {
    const client = clients[index % clients.length] as SealedClient;
    yield { from: client.endpoint.address, bytes: client.keepalive() };
  }
}

/** A port that is free at all addresses of this machine. */
export async function freePort(): Promise<number> {
  const socket = await socketAt('0.0.0.0');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

async function ask(socket: Socket, server: number, bytes: Uint8Array): Promise<Uint8Array> {
  const answer = once(socket, 'message') as Promise<[Uint8Array]>;
  socket.send(bytes, server, '127.0.0.1');
  return (await answer)[0];
}
