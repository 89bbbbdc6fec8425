/** Who there is in a sealed world, and where: each client has two addresses, the second port of bob's is at his own IP. */
import type { Endpoint } from '../../../machines/endpoint.ts';

export const ALICE = 0;
export const BOB = 1;
/** The attacker: it has keys of its own, and may register with them as anybody does. */
export const MALLORY = 2;
export const NAMES = ['alice', 'bob', 'mallory'] as const;

/** The attacker's own address. */
export const ATTACKER = 4;
/** Somebody who has no part in this. The attacker does not see what is sent there. */
export const BYSTANDER = 5;
export const SERVER = 6;
/** Addresses that somebody may send to for a client. */
export const PLACES = 6;

export const endpoints: readonly Endpoint[] = [
  { address: '198.51.100.1', port: 5001 },
  { address: '198.51.100.99', port: 5002 },
  { address: '203.0.113.2', port: 6001 },
  { address: '203.0.113.2', port: 6002 },
  { address: '198.18.0.66', port: 6666 },
  { address: '192.0.2.55', port: 5555 },
  { address: '192.0.2.1', port: 39_738 },
];

/** The address of a client, by which of its two it is at. */
export function placeOf(who: number, which: number): number {
  return 2 * who + which;
}

/** The client that an address belongs to; -1 if it is nobody's of the two. */
export function ownerOf(place: number): number {
  return place < ATTACKER ? place >> 1 : -1;
}

export function placeOfEndpoint({ address, port }: Endpoint): number {
  const place = endpoints.findIndex((endpoint) => endpoint.address === address && endpoint.port === port);
  if (place < 0) throw new Error(`${address}:${port} is no address of this world`);
  return place;
}

export function endpointAt(place: number): Endpoint {
  const endpoint = endpoints[place];
  if (endpoint === undefined) throw new Error(`there is no place ${place}`);
  return endpoint;
}
