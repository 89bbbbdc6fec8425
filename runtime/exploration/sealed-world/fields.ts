/**
 * The fields of a composed state. Where there is one for each client, the first is alice's. Situations of links,
 * sessions and introductions count from 1, as do sessions, calls, introductions and pairs of keys; 0 is none. What is
 * fresh in reality is here a number that nobody has any more.
 */
import { type Layout, layoutFor } from '../world/layout.ts';
import { PACKET_MAX } from './packets.ts';
import { PLACES } from './places.ts';

/** Of each kind there are so many at once; where more would be needed, what needs them is lost. */
export const SESSIONS = 4;
export const INITIATIONS = 3;
export const INTRODUCTIONS = 2;
export const CALLS = 3;
export const PAIRS = 3;
/** A client's own two addresses under each of two secrets, and one that is no cookie. */
export const COOKIES = 5;

const widths: number[] = [];

function fields(count: number, highest: number): number {
  return widths.push(...Array.from({ length: count }, () => highest)) - count;
}

const SITUATIONS = 4095;

export const CLIENT = fields(2, SITUATIONS);
/** Which of its addresses a client is at. */
export const PLACE = fields(2, 1);
/** Whether it is yet to ask for its peer. */
export const WISH = fields(2, 1);
/** The session that it takes for its own. */
export const HELD = fields(2, SESSIONS);
/** Its handshakes by cookie, five for each client, and the cookie that it has registered with last. */
export const ATTEMPT = fields(2 * COOKIES, INITIATIONS);
export const LATEST = fields(2, COOKIES);
/** The addresses that its NAT lets in, as bits. */
export const HOLES = fields(2, 2 ** PLACES - 1);

/** By session, less 1. */
export const SESSION = fields(SESSIONS, SITUATIONS);
export const SESSION_KEY = fields(SESSIONS, 2);
export const SESSION_NAME = fields(SESSIONS, 2);
export const SESSION_INITIATION = fields(SESSIONS, INITIATIONS);
/** Those of the same name that began before, as bits. */
export const SESSION_OLDER = fields(SESSIONS, 2 ** SESSIONS - 1);
/** By name: the session that counts, and whose key has it, from 1. */
export const NAMED = fields(3, SESSIONS);
export const LEASE = fields(3, 3);
/** Which of the server's secrets is in use: a restart makes another. */
export const EPOCH = fields(1, 1);
/** The addresses that have brought back what was sent to them, as bits. */
export const PROVEN = fields(1, 2 ** PLACES - 1);

/** By introduction, less 1: between which sessions, for which call, and the pair of the answer. */
export const INTRODUCTION = fields(INTRODUCTIONS, SITUATIONS);
export const CALLER = fields(INTRODUCTIONS, SESSIONS);
export const CALLEE = fields(INTRODUCTIONS, SESSIONS);
export const INTRODUCED_CALL = fields(INTRODUCTIONS, 31);
export const INTRODUCED_PAIR = fields(INTRODUCTIONS, PAIRS);

/** By link: alice's, the one beside it, bob's, the one beside it. */
export const LINK = fields(4, SITUATIONS);
export const LINK_PAIR = fields(4, PAIRS);
export const LINK_CALL = fields(4, CALLS);
/** Bits: {@link DECLINED} and so on. */
export const LINK_FACTS = fields(4, 15);
/** The paths on which a nonce was sent lately, and those that somebody has given for the peer, as bits. */
export const SENT = fields(4, 2 ** PLACES - 1);
export const GIVEN = fields(4, 2 ** PLACES - 1);
/** Six for each link: the nonce that was heard last on a path, from 1. */
export const HEARD = fields(4 * PLACES, 7);

export const DECLINED = 1;
export const ANSWERED = 2;
export const WAS_CONNECTED = 4;
/** Its client has asked to be introduced anew. */
export const RENEWING = 8;

/** For each client, by its peer's calls and then the attacker's: what it was answered with, and the pair. */
export const ANSWER_KIND = fields(2 * 2 * CALLS, 5);
export const ANSWER_PAIR = fields(2 * 2 * CALLS, PAIRS);
/** For each client, by introduction: the link that was called, from 1. */
export const REQUESTED = fields(2 * INTRODUCTIONS, 2);

/** By pair, less 1: the call whose answer made it, and who answered. */
export const PAIR_CALL = fields(PAIRS, 15);
export const PAIR_ANSWERER = fields(PAIRS, 2);

/** What an evil server has read: calls and words for peers, and pairs, as bits. */
export const KNOWN_CALLS = fields(1, 2 ** 16 - 1);
export const KNOWN_PAIRS = fields(1, 2 ** PAIRS - 1);

/** What is left of each bound on what may befall the world. */
export const FORGERIES = fields(1, 7);
export const MOVES = fields(1, 3);
export const OUTAGES = fields(1, 1);
export const RESTARTS = fields(1, 3);
export const LEAVES = fields(1, 3);
export const AGINGS = fields(1, 3);

/** Packets in flight: a multiset, in falling order, 0 where there are fewer. */
export const FLIGHT = widths.length;

export function layoutWith(flight: number): Layout {
  return layoutFor([...widths, ...Array.from({ length: flight }, () => PACKET_MAX)]);
}

/** A call as one number, whoever's it is. */
export function callOf(who: number, number: number): number {
  return number === 0 ? 0 : 1 + who * CALLS + number - 1;
}

export function callerOf(call: number): number {
  return Math.floor((call - 1) / CALLS);
}

/** Where a client keeps how it has answered a call: it is the peer's, or the attacker's. */
export function answerIndex(who: number, call: number): number {
  const caller = callerOf(call);
  return who * 2 * CALLS + (caller === 2 ? CALLS : 0) + ((call - 1) % CALLS);
}

/**
 * What a client has sealed for its peer under their keys, for the server to carry as an offer or as an answer, in the
 * place of a call: numbers above those of all calls. What somebody else says is that has the number of mallory.
 */
export function wordOf(who: number, pair: number): number {
  return WORDS_FROM + who * PAIRS + pair - 1;
}

export function isWord(call: number): boolean {
  return call >= WORDS_FROM;
}

/** Who has sealed it, or says so; and the pair of keys that it is said to be under. */
export function speakerOf(word: number): number {
  return Math.floor((word - WORDS_FROM) / PAIRS);
}

export function pairOf(word: number): number {
  return ((word - WORDS_FROM) % PAIRS) + 1;
}

const WORDS_FROM = 1 + 3 * CALLS;
