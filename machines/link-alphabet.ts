/** What the chart of a link is told, knows, hears and says. */
import type { Endpoint } from './endpoint.ts';
import type { Message } from './wire.ts';

export type LinkInput = {
  readonly name: string;
  readonly peer: string;
  readonly server: Endpoint;
  /** Default 1, the original's. */
  readonly protocol?: 1 | 2;
  /** Whether the peer's key is known beforehand. */
  readonly hasKey?: boolean;
  /** The part of the pauses between probes that is this link's own, from 0 to below 1. */
  readonly jitter?: number;
  /** Where the server says the peer is; null if the server is yet to be asked. */
  readonly remote: Endpoint | null;
  /** Further addresses that may be the peer's, if it called: as in `introduced`. */
  readonly candidates?: readonly Endpoint[];
  /** How long to try for an introduction, in ms. */
  readonly patienceMs: number;
  /** How long to punch without an answer, in ms. */
  readonly punchBudgetMs: number;
};

export type LinkContext = Omit<LinkInput, 'hasKey' | 'candidates'> & {
  /** Whether the peer's key is known, which a request of protocol 2 needs. */
  readonly hasKey: boolean;
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
  /** From the introduction to the first packet, so that both sides begin together, in ms. */
  readonly startInMs: number;
  /** How often the server was asked for the introduction that is wanted now; 0 in the pause before. */
  readonly asks: number;
  /** Why the path is in doubt, or was last thought to be; null while it is known to work. */
  readonly doubt: LinkDoubt | null;
};

export type LinkDoubt =
  /** Nothing that we sent over it has been answered for long. */
  | 'noAnswer'
  /** This machine has other addresses than before, or has woken. */
  | 'networkChanged'
  /** The peer looks for us: it has moved, or does not hear us. */
  | 'peerSeeks';

export type LinkObstacle =
  | 'noServer'
  | 'peerUnknown'
  | 'otherFamily'
  | 'punchingFailed'
  /** The name leads to another key than the one that is remembered or was given. */
  | 'peerKeyChanged';

export type LinkEvent =
  /**
   * In protocol 2 with further addresses that may be the peer's, at most 7 and none of them given twice, and with the
   * time until both begin. For a link that was connected it is the peer's own word, carried by the server, and `remote`
   * is the server's.
   */
  | {
      readonly type: 'introduced';
      readonly remote: Endpoint;
      readonly candidates?: readonly Endpoint[];
      readonly startInMs?: number;
    }
  /** The server says which key the peer's name has, and it is one that we may trust. */
  | { readonly type: 'keyFound' }
  /** It is another than it must be. */
  | { readonly type: 'keyDistrusted' }
  /** Who asked for the link knows where we are: both begin. */
  | { readonly type: 'start'; readonly inMs: number }
  /**
   * A probe of the peer's, authenticated. `confirms`: it brings back what we have lately sent over this path. `asks`:
   * the peer wants to hear the same of us.
   */
  | {
      readonly type: 'datagram.probe';
      readonly from: Endpoint;
      readonly confirms: boolean;
      readonly asks: boolean;
    }
  /** The peer has closed the link. Authenticated. */
  | { readonly type: 'datagram.bye' }
  /** This machine has woken, or has other addresses than before. */
  | { readonly type: 'network.changed' }
  /** The server sees us elsewhere than before, and knows it: it can tell the peer. */
  | { readonly type: 'address.changed' }
  /** The server cannot introduce, for now. */
  | { readonly type: 'disappointed' }
  | { readonly type: 'datagram.message'; readonly from: Endpoint; readonly text: string }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'stop' };

export type LinkOutput =
  /** `hops` limits how many routers the datagram crosses. */
  | {
      readonly type: 'transmit';
      readonly to: Endpoint;
      readonly message: LinkMessage;
      readonly hops?: number;
    }
  /** The same probe to several addresses. The host adds a nonce for each, and what it heard there last. */
  | {
      readonly type: 'probe';
      readonly to: readonly Endpoint[];
      readonly asks: boolean;
      readonly hops?: number;
    }
  | { readonly type: 'bye'; readonly to: Endpoint }
  /** The peer's words; among them its greetings, which are not meant for people. */
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'failed'; readonly reason: LinkObstacle };

/** What a link says to its server. Protocol 2's host adds keys and seals it. */
export type LinkMessage = Message | { readonly type: 'lookup'; readonly name: string };

/** What a user is told the link is doing; every state has exactly one of these as its tag. */
export type LinkPhase =
  | 'requesting'
  | 'absent'
  | 'punching'
  | 'connected'
  | 'lost'
  | 'left'
  | 'failed'
  | 'closed';

/** Ports of the peer's address that one punching sends to, at most: bounds what a forger can make us send. */
export const ADDRESSES_TRIED_MAX = 8;

/** What a client says to open and to hold a path. The same words as the original's. */
export function greetingOf(name: string): string {
  return `Hello from ${name}`;
}
