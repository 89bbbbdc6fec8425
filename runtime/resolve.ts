import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Endpoint, endpointOf, isIpv6, isUnicast } from '../machines/endpoint.ts';
import { PunchError } from './errors.ts';

/** The port that the original demonstration made ours. */
export const DEFAULT_PORT = 39_738;

export type HostAndPort = { readonly host: string; readonly port: number };

/**
 * Reads `host`, `host:port`, `203.0.113.7:5000`, `2001:db8::1` or `[2001:db8::1]:5000`. Throws a {@link PunchError}
 * (`badAddress`) for anything else.
 */
export function parseHostAndPort(text: string, defaultPort: number): HostAndPort {
  if (isIP(text) !== 0) return { host: text, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::([0-9]{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || (match?.[1] !== undefined && isIP(host) !== 6)) {
    throw new PunchError(
      'badAddress',
      `"${text}" is not an address. Write host, host:port or [IPv6 address]:port.`,
    );
  }
  if (port > 65_535) throw new PunchError('badAddress', `${port} is not a port. Ports end at 65535.`);
  return { host, port };
}

/**
 * The first address of a host that this machine has a route to. With `family` only addresses of that version of IP
 * count. Rejects with a {@link PunchError} (`unresolved`, `badAddress`).
 */
export async function resolveEndpoint({ host, port }: HostAndPort, family: 0 | 4 | 6 = 0): Promise<Endpoint> {
  const found = await lookup(host, { all: true, family, order: 'verbatim' }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new PunchError(
        'unresolved',
        `${host} has no address (${error.code}). Check the name, or give an IP address.`,
      );
    },
  );
  const endpoints = found
    .map(({ address }) => endpointOf(address, port))
    .filter((endpoint) => endpoint !== undefined);
  const usable = endpoints.filter(isUnicast);
  if (usable.length === 0) {
    throw new PunchError('badAddress', `${host} port ${port} is nothing that a datagram can be sent to.`);
  }
  for (const endpoint of usable) if (await hasRoute(endpoint)) return endpoint;
  throw new PunchError(
    'unresolved',
    `This machine has no route to ${host}. Check that it is connected to a network.`,
  );
}

/** Asks the kernel by connecting a UDP socket, which sends nothing. */
function hasRoute({ address, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIpv6(address) ? 'udp6' : 'udp4');
    const finish = (answer: boolean) => {
      socket.removeAllListeners();
      socket.close();
      resolve(answer);
    };
    socket.once('error', () => finish(false));
    socket.once('connect', () => finish(true));
    socket.connect(port, address);
  });
}
