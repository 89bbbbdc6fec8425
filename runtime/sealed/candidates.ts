import { type Endpoint, isIpv6, sameAddress, sameEndpoint, sameFamily } from '../../machines/endpoint.ts';
import { CANDIDATES_MAX } from '../../machines/letter-peer.ts';
import type { Office } from './office.ts';

/** What we know when a peer names further addresses of its own. */
export type Circumstances = {
  /** The peer's address as the server sees it. */
  readonly remote: Endpoint;
  readonly server: Endpoint | undefined;
  /** Our own as the server sees it. */
  readonly observed: Endpoint | undefined;
};

/**
 * The addresses of those that a peer names for itself that are worth a probe, and that nobody is aimed at with: other
 * ports at its own public address; and private ones, if both of us are behind one public address. There they mean a
 * neighbour, and elsewhere they would mean a stranger of ours.
 */
export function acceptable(
  candidates: readonly Endpoint[],
  { remote, server, observed }: Circumstances,
): readonly Endpoint[] {
  const isNeighbour = observed !== undefined && sameAddress(observed, remote);
  const fitting = candidates.filter(
    (candidate) =>
      candidate.port >= FIRST_FREE_PORT &&
      sameFamily(candidate, remote) &&
      (server === undefined || !sameAddress(candidate, server)) &&
      !sameEndpoint(candidate, remote) &&
      (sameAddress(candidate, remote) || (isNeighbour && isPrivate(candidate))),
  );
  return fitting
    .filter((candidate, index) => fitting.findIndex((other) => sameEndpoint(other, candidate)) === index)
    .slice(0, CANDIDATES_MAX);
}

/** Likewise, for a client that knows the rest itself. */
export function acceptableTo(
  { observed, server }: Pick<Office, 'observed' | 'server'>,
  candidates: readonly Endpoint[],
  remote: Endpoint,
): readonly Endpoint[] {
  return acceptable(candidates, { remote, server: server(), observed: observed() });
}

/** Whether an address belongs to a private network (RFC 1918, RFC 4193). Those of one cable alone do not. */
export function isPrivate({ address }: Endpoint): boolean {
  if (isIpv6(address)) return /^f[cd][0-9a-f]{2}:[^%]*$/.test(address);
  const [first, second = 0] = address.split('.').map(Number);
  return first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168);
}

/** What listens below answers strangers: routers, name servers, and the like. */
const FIRST_FREE_PORT = 1024;
