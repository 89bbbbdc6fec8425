/** The addresses of a world, as numbers: alice's ports, then bob's, a stranger's, and the server's. */
import type { Endpoint } from '../../../machines/endpoint.ts';

export const ALICE = 0;
export const BOB = 1;
/** The two clients, and the name that only a stranger uses. */
export const NAMES = ['alice', 'bob', 'mallory'] as const;

export type Places = {
  /** External ports that each client's NAT has for it. */
  readonly ports: number;
  /** How many addresses there are without the server's; the stranger's is the last of them. */
  readonly count: number;
  readonly stranger: number;
  readonly server: number;
  readonly endpoints: readonly Endpoint[];
};

export function placesWith(ports: number): Places {
  const of = (address: string, port: number) =>
    Array.from({ length: ports }, (_, index) => ({ address, port: port + index }));
  const endpoints = [
    ...of('198.51.100.1', 5001),
    ...of('203.0.113.2', 6001),
    { address: '198.18.0.66', port: 6666 },
    { address: '192.0.2.1', port: 39_738 },
  ];
  return { ports, count: 2 * ports + 1, stranger: 2 * ports, server: 2 * ports + 1, endpoints };
}

/** The client that an address belongs to; neither, if it is the stranger's or the server's. */
export function ownerOf({ ports }: Places, place: number): number {
  return place < 2 * ports ? Math.floor(place / ports) : -1;
}

export function placeOfEndpoint({ endpoints }: Places, { address, port }: Endpoint): number {
  const place = endpoints.findIndex((endpoint) => endpoint.address === address && endpoint.port === port);
  if (place < 0) throw new Error(`${address}:${port} is no address of this world`);
  return place;
}
