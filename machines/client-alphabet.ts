/** What the chart of a client is told, knows, hears and says. */
import type { Endpoint } from './endpoint.ts';
import type { RefusalReason } from './letter-server.ts';
import type { Message } from './wire.ts';

export type ClientInput = {
  readonly name: string;
  /** Default 1, the original's. */
  readonly protocol?: 1 | 2;
  /** The part of the pauses between attempts to find a lost server that is this client's own, from 0 to below 1. */
  readonly jitter?: number;
  /** How long to try for the first RegisterAck, in ms. */
  readonly patienceMs: number;
};

export type ClientContext = ClientInput & {
  readonly server: Endpoint | null;
  /** What the server wants to see again in a Register; opaque, in hexadecimal. */
  readonly cookie: string | null;
  /** What is missing as long as the client is not registered: the reason, should it fail now. */
  readonly obstacle: ClientObstacle;
  readonly attempt: number;
  readonly keepaliveMs: number;
};

export type ClientObstacle =
  | 'noTransport'
  | 'noServer'
  /** Protocol 1 does not say why. */
  | 'refused'
  /** Protocol 2 does: the name belongs to another key; there is no room; a client of protocol 1 has the name now. */
  | RefusalReason
  /** The server has another key than the one that is remembered or was given. */
  | 'serverKeyChanged';

export type ClientEvent =
  /** The socket is bound and the server's name is resolved. */
  | { readonly type: 'transport.opened'; readonly server: Endpoint }
  /** It could not be; there is nothing to try again with. */
  | { readonly type: 'transport.failed' }
  /** `jitter`, from 0 to below 1, spreads the refreshes of many clients. */
  | { readonly type: 'datagram.registerAck'; readonly from: Endpoint; readonly jitter: number }
  | { readonly type: 'datagram.holePunchResponseUnknown'; readonly from: Endpoint }
  | { readonly type: 'datagram.challenge'; readonly from: Endpoint; readonly cookie: string }
  /** A challenge under another key than the server's. Nothing proves who sent it. */
  | { readonly type: 'datagram.challenge.distrusted'; readonly from: Endpoint }
  | {
      readonly type: 'datagram.registerRefuse';
      readonly from: Endpoint;
      readonly reason: RefusalReason;
    }
  | { readonly type: 'datagram.keepaliveAck'; readonly from: Endpoint; readonly jitter: number }
  /** The server does not know our session. Nothing proves who sent it: a reason to ask, not to believe. */
  | { readonly type: 'datagram.stale'; readonly from: Endpoint }
  /** The server wants to see that we are where our last datagram came from. */
  | { readonly type: 'datagram.pathChallenge'; readonly from: Endpoint; readonly token: string }
  /** This machine has woken, or has other addresses than before. */
  | { readonly type: 'network.changed' }
  | {
      readonly type: 'datagram.holePunchInitiate';
      readonly from: Endpoint;
      readonly name: string;
      readonly remote: Endpoint;
    }
  | { readonly type: 'stop' };

export type ClientOutput =
  | { readonly type: 'transmit'; readonly to: Endpoint; readonly message: ClientMessage }
  /** For the link to this peer, which may not exist yet: the server says where the peer is. */
  | { readonly type: 'introduce'; readonly name: string; readonly remote: Endpoint }
  /** For the links that have asked: the server cannot introduce. It does not say whom. */
  | { readonly type: 'disappoint' }
  | { readonly type: 'failed'; readonly reason: ClientObstacle };

/** What a client says to its server. Protocol 2's host adds keys, and seals what is for the server alone. */
export type ClientMessage =
  | Message
  | { readonly type: 'knock' }
  | { readonly type: 'registerWithCookie'; readonly name: string; readonly cookie: string }
  | { readonly type: 'keepalive' }
  | { readonly type: 'pathResponse'; readonly token: string };

/** What a user is told the client is doing; every state has exactly one of these as its tag. */
export type ClientPhase =
  | 'registering'
  | 'knocking'
  | 'awaitingAck'
  | 'refused'
  | 'registered'
  | 'unregistered'
  | 'failed'
  | 'stopped';
