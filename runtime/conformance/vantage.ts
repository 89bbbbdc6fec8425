import { createSocket } from 'node:dgram';
import { type Endpoint, isIpv6 } from '../../machines/endpoint.ts';
import { PunchError } from '../errors.ts';
import type { Transport } from '../transport.ts';
import { openUdp } from '../udp.ts';
import { isLoopback } from './contact.ts';

/**
 * Opens UDP sockets towards a server: `here` at the address that this machine would send from, `abroad` at the second
 * one, which on IPv4's loopback need not be given. Opening rejects with a `PunchError` that says why it cannot be.
 */
export async function vantageTo(
  server: Endpoint,
  second: string | undefined,
): Promise<(where: 'here' | 'abroad') => Promise<Transport>> {
  const here = await addressTowards(server);
  const abroad = second ?? (isIpv6(here) || !isLoopback(here) ? undefined : nextTo(here));
  return async (where) => {
    if (where === 'here') return openUdp(here, 0);
    if (abroad === undefined)
      throw new PunchError('addressUnavailable', 'There is no second address to send from.');
    if (isIpv6(abroad) !== isIpv6(here) || abroad === here)
      throw new PunchError(
        'addressUnavailable',
        `${abroad} is not another address of the same version of IP.`,
      );
    return openUdp(abroad, 0);
  };
}

/** 127.0.0.2 for 127.0.0.1: Linux has the whole network on its loopback interface. */
function nextTo(loopback: string): string {
  return loopback === '127.0.0.1' ? '127.0.0.2' : '127.0.0.1';
}

/** Connects a socket, which sends nothing. Rejects with a `PunchError` (`unresolved`) where no route leads. */
function addressTowards({ address, port }: Endpoint): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIpv6(address) ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      reject(new PunchError('unresolved', `This machine has no route to ${address}.`));
    });
    socket.connect(port, address, () => {
      const { address: here } = socket.address();
      socket.close();
      resolve(here);
    });
  });
}
