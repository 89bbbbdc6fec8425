import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from '../../machines/endpoint.ts';
import { encode, type Message } from '../../machines/wire.ts';

/** Client number `index` of a crowd: each has an address of its own in 127.0.0.0/8, spread evenly. */
export function memberOf(index: number): { readonly name: string; readonly address: string } {
  // Multiplying by an odd number visits every value of 24 bits before one returns; .0.0 to .0.1 stay for servers.
  const spread = Math.imul(index + 1, 0x9e3779) & 0xff_ffff;
  return {
    name: `client-${index}`,
    address: `127.${(spread >> 16) & 255}.${(spread >> 8) & 255}.${spread & 255}`,
  };
}

/** A socket for numeric addresses, which need no look-up. Port 0 means any. */
export async function socketAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
  // Without a look-up to wait for, it listens before `bind` returns.
  const listening = once(socket, 'listening');
  socket.bind({ address, port, exclusive: true });
  await listening;
  return socket;
}

/** Why this machine has no crowd: Linux answers to all of 127.0.0.0/8, others to 127.0.0.1 alone. */
export function crowdUnavailable(): string | undefined {
  return process.platform === 'linux'
    ? undefined
    : 'only Linux has all addresses of 127.0.0.0/8: run it there, or in a virtual machine';
}

/** Registers clients 0 to below `count`, each from a socket of its own that is closed afterwards. */
export async function registerCrowd(
  server: Endpoint,
  count: number,
  progress: (done: number) => void,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const { name, address } = memberOf(next);
      next += 1;
      const socket = await socketAt(address);
      await register(socket, server, name);
      socket.close();
      progress(next / count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Registers one socket and waits for the server to say so. */
export async function register(socket: Socket, server: Endpoint, name: string): Promise<void> {
  const acknowledged = once(socket, 'message');
  const send = () => sendTo(socket, server, { type: 'register', name });
  const retry = setInterval(send, RETRY_MS);
  send();
  const [bytes] = (await acknowledged) as [Uint8Array];
  clearInterval(retry);
  if (bytes[0] !== encode({ type: 'registerAck' })[0]) throw new Error(`the server refused ${name}`);
}

export function sendTo(socket: Socket, { address, port }: Endpoint, message: Message): void {
  socket.send(encode(message), port, address);
}

const AT_ONCE = 64;
const RETRY_MS = 500;
