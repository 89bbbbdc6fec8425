/**
 * Every interval of the protocol. A ladder is the waits between one transmission and the next; its last step repeats.
 * Charts never count attempts against a limit: what ends a wait is always another delay.
 */

/** Between transmissions of Register and HolePunchRequest. Short first: most losses are single, and people wait. */
export const REQUEST_LADDER_MS = [50, 50, 100, 200, 400, 800, 1600, 2000] as const;

/** Between greetings while punching. As for requests: the first must be many enough to outlive a burst of loss. */
export const PUNCH_LADDER_MS = REQUEST_LADDER_MS;

/**
 * Between the opener, which dies before it reaches the peer's NAT, and the first greeting. Covers the difference
 * between the two introductions' travel times, and a peer that is slow to wake: a greeting that arrives before the
 * peer's NAT has seen an outgoing packet makes some routers give that packet another port.
 */
export const OPENER_HEAD_START_MS = 50;

/** How many routers the opener crosses: the home's own, but not the peer's. */
export const OPENER_HOPS = 2;

/** A client registers again after this, at random: longer than 26 s and NATs that forget after 30 s lose it. */
export const KEEPALIVE_MIN_MS = 20_000;
export const KEEPALIVE_MAX_MS = 26_000;

/** How long a refresh goes unanswered before the server counts as unreachable. */
export const REFRESH_PATIENCE_MS = 10_000;

/**
 * Between registrations to a server that has stopped answering, less or more by up to a half, always by the same for
 * one client: often enough to be found soon after it is back, and not by all of its clients at one moment.
 */
export const UNREACHABLE_RETRY_MS = 5_000;
export const UNREACHABLE_SPREAD = 0.5;

/** After HolePunchResponseUnknown, before asking again: the original's pace. */
export const UNKNOWN_RETRY_MS = 2_000;

/** A session that is silent for this long is gone: three refreshes, and then some. */
export const SESSION_TTL_MS = 90_000;

/** How long a new session waits for the first datagram under its keys; several rungs of a client that retransmits. */
export const PROOF_PATIENCE_MS = 10_000;

/**
 * A caller is told no after this, whether the other is not there or does not want to be called: longer than it takes
 * most to say yes.
 */
export const DECLINE_MS = 500;

/** How long the server remembers what it has answered to a request. */
export const INTRODUCTION_MS = 10_000;

/** Punching without an answer ends after this: NATs that will open have done so in the first second. */
export const PUNCH_BUDGET_MS = 30_000;

/** After connecting, greetings go on at the punching ladder for this long, since the peer may have missed the first. */
export const CONFIRM_PERIOD_MS = 2_000;

/** A connected link says something at least this often; half of the common 30 s mapping lifetime. */
export const LINK_KEEPALIVE_MS = 15_000;

/** Greetings heard on a settled link are answered at most this often, or two peers would answer each other for ever. */
export const ANSWER_PAUSE_MS = 5_000;

/** A connected link that hears nothing for this long, which is more than a keepalive, asks for a sign of life. */
export const LINK_DOUBT_MS = 20_000;

/** Between those questions: often enough that a burst of loss does not end a link. */
export const DOUBT_RETRY_MS = 2_000;

/** A connected link that hears nothing for this long is lost. */
export const LINK_SILENCE_MS = 60_000;

/**
 * How long a client waits for its server's own challenge after one under another key has come, which anybody could
 * have sent.
 */
export const DISTRUST_PATIENCE_MS = 2_000;

/** A client knocks with the same nonce for this long, so that answers to all its knocks are of use. */
export const KNOCK_NONCE_MS = 30_000;

/** For how long what a probe brings back counts as lately sent. */
export const PROBE_NONCE_MS = 10_000;

/** For how long a nonce of the peer's is brought back to it. */
export const ECHO_MS = 15_000;

/** Between transmissions of lines that the peer has not acknowledged. */
export const LINE_LADDER_MS = [300, 600, 1_200, 2_000] as const;

/** Between probes of protocol 2 on each path. The first ones are close, since one of them may be first at a NAT. */
export const PROBE_LADDER_MS = [33, 66, 132, 264, 528, 1_056, 2_000] as const;

/**
 * Probes go on for this long: nine on the ladder and the opener are ten, which is what an address gets that has not
 * answered.
 */
export const PROBE_PERIOD_MS = 8_000;

/** Punching of protocol 2 ends after this. */
export const PROBE_BUDGET_MS = 20_000;

/** Who is called begins at the server's word, or after this if that is lost. */
export const START_PATIENCE_MS = 300;

/** Between probes on a path that is in use (RFC 7675 5.1), less or more by a fifth, so that links do not beat together. */
export const HOLD_MS = 5_000;
export const HOLD_SPREAD = 0.2;

/** A path on which no probe of ours has been answered for this long is in doubt. */
export const PATH_DOUBT_MS = 15_000;

/** A path that was not confirmed for this long is given up (RFC 7675 5.1). */
export const PATH_SILENCE_MS = 30_000;

/**
 * Before a request to be introduced anew, if one was answered or declined just now; then between its transmissions. All
 * of them less or more by the same fifth. The first may have overtaken the word that proves our address, or be lost; the
 * others wait for a journey to the other peer and back.
 */
export const ASK_LADDER_MS = [5_000, 50, 200, 500, 1_000, 2_000] as const;

/** How long a client tries, unless it is told otherwise, to register and to find its peer. */
export const PATIENCE_MS = 60_000;

/** A wait that is shorter or longer by up to `share` of itself: `jitter`, from 0 to below 1, says by how much. */
export function spread(ms: number, share: number, jitter: number): number {
  return ms * (1 - share + 2 * share * jitter);
}

/** The wait after transmission number `attempt`, counted from 0. */
export function rung(ladder: readonly number[], attempt: number): number {
  return ladder[Math.min(attempt, ladder.length - 1)] ?? 0;
}

/** The next attempt's number, which stops growing at the ladder's end so that contexts stay finite. */
export function climb(ladder: readonly number[], attempt: number): number {
  return Math.min(attempt + 1, ladder.length - 1);
}
