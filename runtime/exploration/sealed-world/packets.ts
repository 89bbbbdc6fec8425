/**
 * Datagrams as terms: who can make one is decided by what it is made of, not by bytes. A term is a number of 31 bits:
 * its kind, where it comes from and goes to, and four contents, each a small number whose meaning goes by the kind.
 */

/** The contents a, b, c and d of each kind. */
export const kinds = [
  'none',
  // whose nonce
  'knock',
  // cookie, whose key, initiation, name
  'register',
  // whose nonce, cookie, 1 if under another key than the server's
  'challenge',
  // whom, initiation, session (0: refused), 1 if the name is taken
  'ack',
  // session
  'stale',
  // From here on, sealed under the keys of the session a, by the client:
  'keepalive',
  'lookup',
  // call
  'request',
  // introduction, the call that is answered, pair
  'accept',
  // introduction
  'refuse',
  // token
  'pathResponse',
  'bye',
  // and by the server:
  'keepaliveAck',
  // whose key
  'found',
  // introduction and, times 8, whose key the server says it is; remote; call
  'initiate',
  // call, remote, pair
  'answer',
  // introduction
  'start',
  // call, or 0 for a lookup
  'unknown',
  // token
  'pathChallenge',
  // Sealed under the keys of the pair a: nonce and, times 8, whether it asks; echo; sender
  'probe',
  // Likewise: sender
  'pairBye',
] as const;

export type Kind = (typeof kinds)[number];

export const KNOCK = 1;
export const REGISTER = 2;
export const CHALLENGE = 3;
export const ACK = 4;
export const STALE = 5;
export const KEEPALIVE = 6;
export const LOOKUP = 7;
export const REQUEST = 8;
export const ACCEPT = 9;
export const REFUSE = 10;
export const PATH_RESPONSE = 11;
export const BYE = 12;
export const KEEPALIVE_ACK = 13;
export const FOUND = 14;
export const INITIATE = 15;
export const ANSWER = 16;
export const START = 17;
export const UNKNOWN = 18;
export const PATH_CHALLENGE = 19;
export const PROBE = 20;
export const PAIR_BYE = 21;

export function packet(kind: number, from: number, to: number, a = 0, b = 0, c = 0, d = 0): number {
  return kind | (from << 5) | (to << 8) | (a << 11) | (b << 16) | (c << 21) | (d << 26);
}

export const PACKET_MAX = 2 ** 31 - 1;

export const kindOf = (term: number): number => term & 31;
export const fromOf = (term: number): number => (term >> 5) & 7;
export const toOf = (term: number): number => (term >> 8) & 7;
export const a = (term: number): number => (term >> 11) & 31;
export const b = (term: number): number => (term >> 16) & 31;
export const c = (term: number): number => (term >> 21) & 31;
export const d = (term: number): number => (term >> 26) & 31;

/** Whether its receiver takes it once and never again: it has a counter, and a window refuses what was opened before. */
export function isSealed(term: number): boolean {
  return kindOf(term) >= KEEPALIVE;
}

/** Whether it is for a server. */
export function isForServer(term: number): boolean {
  const kind = kindOf(term);
  return kind === KNOCK || kind === REGISTER || (kind >= KEEPALIVE && kind <= BYE);
}

/** Whether a client and its server have sealed it. */
export function isOfSession(term: number): boolean {
  const kind = kindOf(term);
  return kind >= KEEPALIVE && kind <= PATH_CHALLENGE;
}

export function isOfPair(term: number): boolean {
  return kindOf(term) >= PROBE;
}

/** A cookie, or the token of a path challenge: for an address, under one of the server's secrets. */
export function cookieFor(place: number, epoch: number): number {
  return place + 8 * epoch;
}

/** What a forger takes for a cookie. */
export const BAD_COOKIE = 7;

/** A nonce of 0 to 5 goes by the path it was sent on; this one was sent longer ago than counts. */
export const OLD_NONCE = 6;
