/** The library: a rendezvous server, and peers who find each other through one. */
import { isIP } from 'node:net';
import type { InspectionEvent } from 'xstate';
import { type Endpoint, endpointOf, isIpv6, isUnicast } from '../machines/endpoint.ts';
import { realAmbient, realEntropy, wallClock } from './ambient.ts';
import { PunchError } from './errors.ts';
import type { AcceptRule } from './identity/accept-list.ts';
import { openKeyFile } from './identity/key-file.ts';
import type { KnownKeys } from './identity/known-keys.ts';
import { LEASES_MAX, memoryLeases } from './identity/leases/leases.ts';
import { openLeases } from './identity/leases/open.ts';
import { formatHostAndPort, parseServerAddress } from './identity/peer-address.ts';
import { serverKeyFileIn } from './identity/places.ts';
import { keysKnownHere, trustOnFirstUse } from './identity/trust.ts';
import type { Link } from './link.ts';
import { privateEndpoints, watchNetwork } from './network-watch.ts';
import { onlookerFor } from './onlooker.ts';
import { type Io, openTransport } from './open-transport.ts';
import { PeerHost, type PeerHostOptions, type PeerState, type PeerStatus } from './peer.ts';
import { Rendezvous, type RendezvousOptions, type RendezvousStatus } from './rendezvous.ts';
import { DEFAULT_PORT, type HostAndPort, parseHostAndPort, resolveEndpoint } from './resolve.ts';
import type { Secrecy } from './sealed/secrecy.ts';
import { createKeyPair, formatKey, type KeyPair } from './secrecy/keys.ts';
import type { Stage } from './stage.ts';
import { openUdp } from './udp.ts';
import { stageFor, type Watcher, watchedTransport } from './watcher.ts';

export type { ClientPhase } from '../machines/client.ts';
export type { Endpoint } from '../machines/endpoint.ts';
export { formatEndpoint, parseEndpoint } from '../machines/endpoint.ts';
export type { LinkPhase } from '../machines/link.ts';
export { PunchError, type PunchErrorCode } from './errors.ts';
export { type AcceptRule, openAcceptRule } from './identity/accept-list.ts';
export { openKeyFile } from './identity/key-file.ts';
export { type KnownKeys, openKnownKeys } from './identity/known-keys.ts';
export { parsePeerAddress } from './identity/peer-address.ts';
export type { Link, LinkState } from './link.ts';
export type { LinkPause } from './link-pause.ts';
export type { Io } from './open-transport.ts';
export type { PeerState, PeerStatus } from './peer.ts';
export type { RendezvousStatus } from './rendezvous.ts';
export { DEFAULT_PORT } from './resolve.ts';
export { fingerprintOf, formatKey, type KeyPair, parseKey } from './secrecy/keys.ts';
export type { Watcher } from './watcher.ts';

export type ServerOptions = Omit<RendezvousOptions, 'sealed' | 'allowProtocol1'> & {
  /** What it speaks. Default protocol 2 alone; `[1, 2]` serves clients of the original too, which have no keys. */
  readonly protocols?: readonly (1 | 2)[];
  /**
   * The directory with the leases and the key of the server, which are made if they are not there. Without it, names are
   * leased for as long as the server runs.
   */
  readonly data?: string;
  /** The key of the server. Default the one in `data`, or a new one. */
  readonly keys?: KeyPair;
  /** The address to listen at. Default `::`, which is every address of both versions of IP. */
  readonly host?: string;
  /** Default 39738; 0 means any free port. */
  readonly port?: number;
  /** How datagrams get to the kernel and back. Default `auto`. */
  readonly io?: Io;
  /** Hears what whoever runs the server should know, in a sentence: what it does without, and how it could have it. */
  readonly notice?: (text: string) => void;
  readonly inspect?: InspectOption;
};

/**
 * Who looks on. `true` streams the charts and datagrams to the page of `punch inspect`; a function gets every inspection
 * event of XState; a {@link Watcher} sees the datagrams too.
 */
export type InspectOption = boolean | ((event: InspectionEvent) => void) | Watcher;

export type RendezvousServer = {
  /** Where it listens. */
  readonly endpoint: Endpoint;
  /** The public key that clients know it by, as text; undefined if it speaks protocol 1 only. */
  readonly key: string | undefined;
  status(): RendezvousStatus;
  close(): Promise<void>;
};

export type PeerOptions = Omit<PeerHostOptions, 'server' | 'secrecy' | 'candidates'> & {
  /** A host name or an address, with a port or without, and with `#key` or without; or an endpoint. */
  readonly server: string | Endpoint;
  /** Default 2. Protocol 1 is the original's: no keys, so no proof of anything. */
  readonly protocol?: 1 | 2;
  /** Who we are. Default a new key. {@link openKeyFile} reads one from a file. */
  readonly keys?: KeyPair;
  /** The keys of servers and peers that were met. Default those that are met by this peer. */
  readonly knownKeys?: KnownKeys;
  /** Who may call. Default anybody whose key is not another than the one that is known. */
  readonly accept?: AcceptRule;
  /** The local address to send from, with a port or without. Default any. */
  readonly bind?: string;
  readonly inspect?: InspectOption;
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
  /**
   * The link to a peer, which may not be connected yet. The peer must have the `key`, if one is given. Throws a
   * {@link PunchError} before we are registered.
   */
  link(peer: string, options?: { readonly key?: Uint8Array }): Link;
  /** Waits for the registration and for the connection; rejects with a {@link PunchError} when there will be none. */
  connect(
    peer: string,
    options?: { readonly signal?: AbortSignal; readonly key?: Uint8Array },
  ): Promise<Link>;
  close(): Promise<void>;
};

/**
 * Starts a rendezvous server. Rejects with a {@link PunchError} when its address cannot be bound, or its data not be
 * used.
 */
export async function createRendezvousServer(options: ServerOptions = {}): Promise<RendezvousServer> {
  const { protocols = [2], ...rest } = options;
  options.signal?.throwIfAborted();
  const onlooker = onlookerFor('server', options.inspect);
  const sealed = protocols.includes(2) ? await openSealed(options) : undefined;
  try {
    const transport = watchedTransport(await openServerSocket(options), onlooker.watcher);
    const server = new Rendezvous(stageOf('server', onlooker.watcher), transport, {
      ...rest,
      ...(sealed === undefined ? {} : { sealed, allowProtocol1: protocols.includes(1) }),
    });
    return {
      endpoint: server.endpoint,
      key: sealed === undefined ? undefined : formatKey(sealed.keys.publicKey),
      status: () => server.status(),
      close: async () => {
        await server.close();
        await sealed?.leases.close();
        await onlooker.close();
      },
    };
  } catch (error) {
    await sealed?.leases.close();
    await onlooker.close();
    throw error;
  }
}

/**
 * A client of a rendezvous server. Returns at once, in state `registering`; what happens then is told by `states` and
 * `registered`. Throws a {@link PunchError} for a name or an address that cannot be one.
 */
export function createPeer(options: PeerOptions): Peer {
  const server =
    typeof options.server === 'string'
      ? parseServerAddress(options.server, DEFAULT_PORT)
      : { ...checkedEndpoint(options.server), key: undefined };
  const bind = options.bind === undefined ? undefined : parseHostAndPort(options.bind, 0);
  const onlooker = onlookerFor(`client ${options.name}`, options.inspect, options.name);
  const stage = stageOf(options.name, onlooker.watcher);
  const host: PeerHost = new PeerHost(stage, {
    ...options,
    server: describe(server),
    ...(options.protocol === 1 ? {} : { secrecy: secrecyOf(options, describe(server), server.key) }),
    candidates: () => (host.local === undefined ? [] : privateEndpoints(host.local)),
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
    const socket = await openUdp(bind?.host ?? anyAddress, bind?.port ?? 0);
    const transport = watchedTransport(socket, onlooker.watcher);
    if (host.state !== 'registering') return transport.close();
    const forgetNetwork = watchNetwork(stage.clock, wallClock, () => host.networkChanged());
    host.opened(transport, endpoint);
    await host.over;
    forgetNetwork();
  };
  open().catch((error: unknown) => host.unopened(asPunchError(error)));
  void host.over.then(() => onlooker.close());
  return host;
}

async function openSealed({ data, keys, maxClients = 0 }: ServerOptions) {
  const options = { now: wallClock, leasesMax: Math.max(LEASES_MAX, maxClients) };
  const leases =
    data === undefined
      ? memoryLeases(options)
      : await openLeases({ ...options, directory: data, clock: realAmbient.clock });
  try {
    const own =
      keys ??
      (data === undefined
        ? createKeyPair(realEntropy)
        : await openKeyFile(serverKeyFileIn(data), realEntropy));
    return { keys: own, entropy: realEntropy, leases };
  } catch (error) {
    await leases.close();
    throw error;
  }
}

function secrecyOf(
  { keys, knownKeys, accept }: PeerOptions,
  server: string,
  serverKey: Uint8Array | undefined,
): Secrecy {
  return trustOnFirstUse({
    keys: keys ?? createKeyPair(realEntropy),
    entropy: realEntropy,
    server,
    known: knownKeys ?? keysKnownHere(),
    ...(serverKey === undefined ? {} : { serverKey }),
    ...(accept === undefined ? {} : { accept }),
  });
}

/** Without a host: both versions of IP, or IPv4 alone on a machine that has no other. */
async function openServerSocket({ host, port = DEFAULT_PORT, io = 'auto', notice }: ServerOptions) {
  const open = (address: string) => openTransport(address, port, io, notice === undefined ? {} : { notice });
  if (host !== undefined) {
    return open(isIP(host) !== 0 ? host : (await resolveEndpoint({ host, port: DEFAULT_PORT })).address);
  }
  return open('::').catch((error: unknown) => {
    if (error instanceof PunchError && error.code === 'addressUnavailable') return open('0.0.0.0');
    throw error;
  });
}

function stageOf(label: string, watcher: Watcher | undefined): Stage {
  return { ...realAmbient, label, ...stageFor(watcher) };
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

/** The one spelling of a server, which is how its key is remembered. */
function describe(server: HostAndPort | Endpoint): string {
  return formatHostAndPort('host' in server ? server : { host: server.address, port: server.port });
}

function asPunchError(error: unknown): PunchError {
  return error instanceof PunchError ? error : new PunchError('addressUnavailable', String(error));
}
