import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { after } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Endpoint } from '../../machines/endpoint.ts';

const open = new Set<Socket>();
after(async () => {
  // Those that were closed a moment ago leave the set in this turn.
  await setImmediate();
  for (const socket of open) socket.close();
});

/** Sends datagrams, written in hexadecimal, from a socket of their own. */
export async function sendTo({ address, port }: Endpoint, datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) {
    const bytes = Buffer.from(datagram.replaceAll(' ', ''), 'hex');
    await new Promise<void>((resolve, reject) => {
      socket.send(bytes, port, address, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
}

/** A socket at a loopback address, at any free port unless told. It is closed after the tests at the latest. */
export async function bindSocket(address = '127.0.0.1', port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address);
  await once(socket, 'listening');
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  return socket;
}

/** A port that is free, and that stays so: the system hands out others when it is asked for any. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const socket = await bindSocket(address, port).catch(() => undefined);
  if (socket === undefined) return freePort(address);
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Why there is no IPv6 here, not even on loopback; undefined where there is. */
export function ipv6Unavailable(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((network) => network ?? []);
  return addresses.some(({ address }) => address === '::1')
    ? undefined
    : 'the loopback interface has no address ::1: sysctl net.ipv6.conf.lo.disable_ipv6=0';
}

/** Why nothing but 127.0.0.1 can be bound here; undefined where all of 127.0.0.0/8 can. */
export function loopbackNetworkUnavailable(): string | undefined {
  return process.platform === 'linux'
    ? undefined
    : 'only Linux has all of 127.0.0.0/8 on its loopback interface';
}
