/** What the chart of a link is told, knows, hears and says. */
import type { Endpoint } from './endpoint.ts';
import type { Message } from './wire.ts';

export type LinkInput = {
  readonly name: string;
  readonly peer: string;
  readonly server: Endpoint;
  /** Where the server says the peer is; null if the server is yet to be asked. */
  readonly remote: Endpoint | null;
  /** How long to try for an introduction, in ms. */
  readonly patienceMs: number;
  /** How long to punch without an answer, in ms. */
  readonly punchBudgetMs: number;
};

export type LinkContext = LinkInput & {
  /** The address of the last introduction. `remote` moves away from it when the peer's NAT maps per destination. */
  readonly introduced: Endpoint | null;
  /**
   * Every address that we have sent to since the introduction. What comes from one of them has come over a path that
   * may well work both ways, whichever we send on now: two peers who both insist on the newest chase each other.
   */
  readonly tried: readonly Endpoint[];
  /** Who wanted the link: only the caller asks the server. */
  readonly role: 'caller' | 'called';
  /** What is missing: the reason, should the link fail now. */
  readonly obstacle: LinkObstacle;
  readonly attempt: number;
};

export type LinkObstacle = 'noServer' | 'peerUnknown' | 'otherFamily' | 'punchingFailed';

export type LinkEvent =
  | { readonly type: 'introduced'; readonly remote: Endpoint }
  /** The server cannot introduce, for now. */
  | { readonly type: 'disappointed' }
  | { readonly type: 'datagram.message'; readonly from: Endpoint; readonly text: string }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'stop' };

export type LinkOutput =
  /** `hops` limits how many routers the datagram crosses. */
  | { readonly type: 'transmit'; readonly to: Endpoint; readonly message: Message; readonly hops?: number }
  /** The peer's words; among them its greetings, which are not meant for people. */
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'failed'; readonly reason: LinkObstacle };

/** What a user is told the link is doing; every state has exactly one of these as its tag. */
export type LinkPhase = 'requesting' | 'absent' | 'punching' | 'connected' | 'lost' | 'failed' | 'closed';

/** Ports of the peer's address that one punching sends to, at most: bounds what a forger can make us send. */
export const ADDRESSES_TRIED_MAX = 8;

/** What a client says to open and to hold a path. The same words as the original's. */
export function greetingOf(name: string): string {
  return `Hello from ${name}`;
}
