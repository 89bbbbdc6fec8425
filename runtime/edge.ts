import type { ClientEvent, ClientOutput } from '../machines/client.ts';
import type { Endpoint } from '../machines/endpoint.ts';
import type { Counters } from './counters.ts';
import type { PunchError } from './errors.ts';
import type { Link } from './link.ts';
import type { Stage } from './stage.ts';

/**
 * What stands between the charts of a client and its socket: makes datagrams of what they say, and events of what
 * arrives. Each protocol has its own, and nothing else differs between clients of one and of the other.
 */
export type Edge = {
  readonly protocol: 1 | 2;
  /** Our address as the server sees it, where the protocol tells. */
  readonly observed: Endpoint | undefined;
  receive(from: Endpoint, bytes: Uint8Array): void;
  /** Carries out what the client's chart asks for. */
  perform(effect: Exclude<ClientOutput, { readonly type: 'failed' }>): void;
  /** The link to a peer: the one there is, or a new one. Throws a PunchError for a key that it cannot have. */
  link(peer: string, server: Endpoint, key: Uint8Array | undefined): Link;
  /** This machine has woken, or has other addresses than before. */
  networkChanged(): void;
  /** Ends all links. */
  close(): void;
};

/** What an edge needs of the client it belongs to. */
export type EdgeSurroundings = {
  readonly stage: Stage;
  /** Our own name. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly counters: Counters;
  send(to: Endpoint, bytes: Uint8Array, hops?: number): void;
  /** Where the server is, once that is known. */
  server(): Endpoint | undefined;
  /** For the client's chart. */
  tell(event: ClientEvent): void;
  /** For the user, if the server's key keeps the client from being registered: more than the chart knows. */
  explain(error: PunchError | undefined): void;
  /** For the user: somebody has called. */
  called(link: Link): void;
};
