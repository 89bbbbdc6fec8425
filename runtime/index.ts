/** The library: a rendezvous server, and peers who find each other through one. */
import { isIP } from 'node:net';
import { type Endpoint, endpointOf, formatEndpoint, isIpv6, isUnicast } from '../machines/endpoint.ts';
import { realAmbient } from './ambient.ts';
import { PunchError } from './errors.ts';
import type { Link } from './link.ts';
import { PeerHost, type PeerHostOptions, type PeerState, type PeerStatus } from './peer.ts';
import { Rendezvous, type RendezvousOptions, type RendezvousStatus } from './rendezvous.ts';
import { DEFAULT_PORT, parseHostAndPort, resolveEndpoint } from './resolve.ts';
import type { Stage } from './stage.ts';
import type { Transport } from './transport.ts';
import { openUdp } from './udp.ts';

export type { ClientPhase } from '../machines/client.ts';
export type { Endpoint } from '../machines/endpoint.ts';
export { formatEndpoint, parseEndpoint } from '../machines/endpoint.ts';
export type { LinkPhase } from '../machines/link.ts';
export { PunchError, type PunchErrorCode } from './errors.ts';
export type { Link, LinkState } from './link.ts';
export type { PeerState, PeerStatus } from './peer.ts';
export type { RendezvousStatus } from './rendezvous.ts';
export { DEFAULT_PORT } from './resolve.ts';

export type ServerOptions = RendezvousOptions & {
  /** The address to listen at. Default `::`, which is every address of both versions of IP. */
  readonly host?: string;
  /** Default 39738; 0 means any free port. */
  readonly port?: number;
  /** Gets every inspection event of XState. */
  readonly inspect?: Stage['inspect'];
};

export type RendezvousServer = {
  /** Where it listens. */
  readonly endpoint: Endpoint;
  status(): RendezvousStatus;
  close(): Promise<void>;
};

export type PeerOptions = Omit<PeerHostOptions, 'server'> & {
  /** A host name or an address, with a port or without; or an endpoint. */
  readonly server: string | Endpoint;
  /** The local address to send from, with a port or without. Default any. */
  readonly bind?: string;
  readonly inspect?: Stage['inspect'];
};

export type Peer = {
  readonly name: string;
  /** Resolves when others can find us; rejects with a {@link PunchError} when that cannot be. */
  readonly registered: Promise<void>;
  /** Each state as it is reached, from the first. For one reader. */
  readonly states: AsyncIterable<PeerState>;
  /** Links that others have asked for. For one reader. */
  readonly links: AsyncIterable<Link>;
  readonly local: Endpoint | undefined;
  status(): PeerStatus;
  /** The link to a peer, which may not be connected yet. Throws a {@link PunchError} before we are registered. */
  link(peer: string): Link;
  /** Waits for the registration and for the connection; rejects with a {@link PunchError} when there will be none. */
  connect(peer: string, options?: { readonly signal?: AbortSignal }): Promise<Link>;
  close(): Promise<void>;
};

/** Starts a rendezvous server. Rejects with a {@link PunchError} when its address cannot be bound. */
export async function createRendezvousServer(options: ServerOptions = {}): Promise<RendezvousServer> {
  options.signal?.throwIfAborted();
  const transport = await openServerSocket(options.host, options.port ?? DEFAULT_PORT);
  const server = new Rendezvous(stageOf('server', options.inspect), transport, options);
  return server;
}

/**
 * A client of a rendezvous server. Returns at once, in state `registering`; what happens then is told by `states` and
 * `registered`. Throws a {@link PunchError} for a name or an address that cannot be one.
 */
export function createPeer(options: PeerOptions): Peer {
  const server =
    typeof options.server === 'string'
      ? parseHostAndPort(options.server, DEFAULT_PORT)
      : checkedEndpoint(options.server);
  const bind = options.bind === undefined ? undefined : parseHostAndPort(options.bind, 0);
  const host = new PeerHost(stageOf(options.name, options.inspect), {
    ...options,
    server: describe(options.server),
  });
  const open = async () => {
    const endpoint = 'host' in server ? await resolveEndpoint(server, familyOf(bind?.host)) : server;
    if (bind !== undefined && isIpv6(bind.host) !== isIpv6(endpoint.address)) {
      throw new PunchError(
        'badAddress',
        `${bind.host} and ${endpoint.address} are of different versions of IP. Send from an address of the server's version.`,
      );
    }
    const anyAddress = isIpv6(endpoint.address) ? '::' : '0.0.0.0';
    const transport = await openUdp(bind?.host ?? anyAddress, bind?.port ?? 0);
    if (host.state === 'registering') host.opened(transport, endpoint);
    else await transport.close();
  };
  open().catch((error: unknown) => host.unopened(asPunchError(error)));
  return host;
}

/** Without a host: both versions of IP, or IPv4 alone on a machine that has no other. */
async function openServerSocket(host: string | undefined, port: number): Promise<Transport> {
  if (host !== undefined) {
    return openUdp(
      isIP(host) !== 0 ? host : (await resolveEndpoint({ host, port: DEFAULT_PORT })).address,
      port,
    );
  }
  return openUdp('::', port).catch((error: unknown) => {
    if (error instanceof PunchError && error.code === 'addressUnavailable') return openUdp('0.0.0.0', port);
    throw error;
  });
}

function stageOf(label: string, inspect: Stage['inspect'] | undefined): Stage {
  return { ...realAmbient, label, ...(inspect === undefined ? {} : { inspect }) };
}

function checkedEndpoint({ address, port }: Endpoint): Endpoint {
  const endpoint = endpointOf(address, port);
  if (endpoint !== undefined && isUnicast(endpoint)) return endpoint;
  throw new PunchError('badAddress', `${address} port ${port} is nothing that a datagram can be sent to.`);
}

function familyOf(host: string | undefined): 0 | 4 | 6 {
  if (host === undefined) return 0;
  return isIpv6(host) ? 6 : 4;
}

function describe(server: string | Endpoint): string {
  return typeof server === 'string' ? server : formatEndpoint(server);
}

function asPunchError(error: unknown): PunchError {
  return error instanceof PunchError ? error : new PunchError('addressUnavailable', String(error));
}
