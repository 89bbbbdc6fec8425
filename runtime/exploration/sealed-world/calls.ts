/** Who calls whom: runtime/sealed/calls.ts, link-table.ts and sealed-link.ts, rule for rule, over terms. */
import { type Conversations, conversationsOf } from './conversations.ts';
import * as f from './fields.ts';
import { isCallUsed, isPairUsed } from './names.ts';
import * as p from './packets.ts';
import { placeOf } from './places.ts';
import { OVER, type Request, type Role, THERE } from './setting.ts';
import { CONNECTED_UNPROVEN } from './signs.ts';
import { BY_BESIDE, BY_MAIN, BY_OVER, CROSSED, REFUSED, slotsOf } from './slots.ts';
import { advance, begin, phaseAt, placeAt, type World } from './world.ts';

export type Calls = Conversations & {
  /** The user wants the peer. */
  ask(): void;
  happens(link: number, stimulus: number): void;
  found(key: number): void;
  unknown(call: number): void;
  answered(term: number): void;
  started(introduction: number): void;
  offered(term: number): void;
  networkChanged(): void;
  /** The server sees us elsewhere than before. */
  addressChanged(): void;
  close(): void;
  crash(): void;
};

export function callsOf(
  world: World,
  who: number,
  write: (kind: number, b?: number, c?: number, d?: number) => void,
): Calls {
  const { row, setting } = world;
  const { rules, bounds } = setting;
  const peer = 1 - who;
  const role = setting.links[who] as Role;
  const numbered = (word: string) =>
    Int32Array.from({ length: 8 }, (_, place) => role.find(`${word} ${place}`) ?? -1);
  const introducedAt = numbered('introduced');
  const keyFound = role.stimulus('key found');
  const keyDistrusted = role.stimulus('key distrusted');
  const declined = role.stimulus('declined');
  const start = role.stimulus('start');
  const bye = role.stimulus('bye');
  const stop = role.stimulus('stop');
  const changed = role.stimulus('network changes');
  const moved = role.stimulus('address changes');
  const lacksKey = role.automaton.situations.map(({ snapshot }) => snapshot.context.hasKey !== true);
  /** The link, and the one beside it. */
  const main = 2 * who;
  const beside = main + 1;
  const conversations = conversationsOf(world, who, happens);
  const slots = slotsOf(world, who);

  return {
    ...conversations,
    happens,
    ask: () => {
      if (row[f.LINK + main] !== 0) return;
      perform(
        main,
        begin(world, f.LINK + main, bounds.known === 1 ? 'asking, key known' : 'asking, key unknown'),
      );
      settle(main, false);
    },
    found: (key) => {
      if (!isThere(main) || !lacksKey[(row[f.LINK + main] as number) - 1]) return;
      happens(main, isTrusted(key) ? keyFound : keyDistrusted);
    },
    unknown: (call) => {
      const isLookup = call === 0 && isThere(main) && lacksKey[(row[f.LINK + main] as number) - 1];
      const renewing = linkRenewing(call);
      if (renewing >= 0) {
        row[f.LINK_FACTS + renewing] = (row[f.LINK_FACTS + renewing] as number) & ~f.RENEWING;
        return happens(renewing, declined);
      }
      if (!isLookup && (call === 0 || linkCalling(call) < 0)) return;
      row[f.LINK_FACTS + main] = (row[f.LINK_FACTS + main] as number) | (call === 0 ? 0 : f.DECLINED);
      happens(main, declined);
    },
    answered: (term) => {
      const [call, remote, pair] = [p.b(term), p.c(term), p.d(term)];
      const renewing = linkRenewing(call);
      if (renewing >= 0) return pair === f.pairOf(call) ? renewed(renewing, remote) : undefined;
      const link = linkCalling(call);
      if (link < 0) return;
      // Only what answers the offer of this very call can be opened.
      if (row[f.PAIR_CALL + pair - 1] !== call) return;
      row[f.LINK_CALL + link] = 0;
      row[f.LINK_FACTS + link] = ((row[f.LINK_FACTS + link] as number) & ~f.DECLINED) | f.ANSWERED;
      conversations.pairUp(link, pair);
      give(link, remote);
      happens(link, introducedAt[remote] as number);
    },
    started: (introduction) => {
      const link = (row[f.REQUESTED + who * f.INTRODUCTIONS + introduction - 1] as number) - 1;
      if (link >= 0 && isThere(main + link)) happens(main + link, start);
    },
    offered,
    networkChanged: () => {
      for (const link of [main, beside]) if (isThere(link)) happens(link, changed);
    },
    addressChanged: () => {
      for (const link of [main, beside]) if (isThere(link)) happens(link, moved);
    },
    close: () => {
      for (const link of [beside, main]) if (isThere(link)) happens(link, stop);
      forgetCalls();
    },
    crash: () => {
      for (const link of [main, beside]) slots.clear(link);
      forgetCalls();
    },
  };

  function offered(term: number): void {
    const [introduction, key, remote, call] = [p.b(term) & 7, (p.b(term) >> 3) - 1, p.c(term), p.d(term)];
    if (f.isWord(call)) return renew(introduction, call, remote);
    const at = f.answerIndex(who, call);
    const known = f.callerOf(call) === who ? 0 : (row[f.ANSWER_KIND + at] as number);
    if (known === CROSSED && isThere(main)) return passOver(at);
    if (known !== 0 && known !== CROSSED) return reply(introduction, at);
    if (f.callerOf(call) === who) return;
    if (!isTrusted(key)) {
      row[f.ANSWER_KIND + at] = REFUSED;
      return reply(introduction, at);
    }
    if (rules.offersAreCompared && f.callerOf(call) !== key) return;
    if (isThere(main) && crosses()) return passOver(at);
    accept(introduction, at, call, remote);
  }

  /** The peer wants to be introduced anew, if these are its words. */
  function renew(introduction: number, word: number, remote: number): void {
    const pair = f.pairOf(word);
    const link = [main, beside].find((one) => isThere(one) && row[f.LINK_PAIR + one] === pair);
    const isGenuine = f.speakerOf(word) === peer;
    if (link === undefined || (rules.wordsAreOpened && !isGenuine)) return;
    write(p.ACCEPT, introduction, f.wordOf(who, pair), pair);
    renewed(link, remote, isGenuine);
  }

  /** Told anew where the peer is. That is no reason to leave a path. */
  function renewed(link: number, remote: number, isGiven = true): void {
    row[f.LINK_FACTS + link] = (row[f.LINK_FACTS + link] as number) & ~f.RENEWING;
    if (isGiven) give(link, remote);
    const before = placeAt(world, f.LINK + link);
    happens(link, introducedAt[remote] as number);
    if (placeAt(world, f.LINK + link) !== before) world.signs |= CONNECTED_UNPROVEN;
  }

  /** The server has seen the peer there; and the peer may name other ports of its own. */
  function give(link: number, remote: number): void {
    conversations.give(link, remote);
    if (bounds.candidates === 1) conversations.give(link, placeOf(peer, 1));
  }

  /** Of two calls that cross, that of the smaller key stands: alice's. */
  function crosses(): boolean {
    const facts = row[f.LINK_FACTS + main] as number;
    const isCaller = row[f.LINK_CALL + main] !== 0 || (facts & f.ANSWERED) !== 0;
    if ((facts & f.WAS_CONNECTED) !== 0 || !isCaller) return false;
    return row[f.LINK_PAIR + main] !== 0 || who === 0;
  }

  function passOver(at: number): void {
    row[f.ANSWER_KIND + at] = CROSSED;
    row[f.ANSWER_PAIR + at] = 0;
    // The peer is there after all: asks again before its time.
    if (((row[f.LINK_FACTS + main] as number) & f.DECLINED) !== 0) request(main);
  }

  function accept(introduction: number, at: number, call: number, remote: number): void {
    const pair = freshPair();
    if (pair === 0) return;
    row[f.PAIR_CALL + pair - 1] = call;
    row[f.PAIR_ANSWERER + pair - 1] = who;
    const wasConnected = ((row[f.LINK_FACTS + main] as number) & f.WAS_CONNECTED) !== 0;
    const isBeside = isThere(main) && wasConnected;
    const link = isBeside ? beside : main;
    // A link beside makes room for another: it is closed, as by its user.
    if (isBeside && isThere(beside)) happens(beside, stop);
    row[f.LINK_CALL + link] = 0;
    row[f.LINK_FACTS + link] = (row[f.LINK_FACTS + link] as number) & ~(f.DECLINED | f.ANSWERED);
    conversations.pairUp(link, pair);
    row[f.ANSWER_KIND + at] = isBeside ? BY_BESIDE : BY_MAIN;
    row[f.ANSWER_PAIR + at] = pair;
    reply(introduction, at);
    give(link, remote);
    const requests = begin(world, f.LINK + link, `called ${remote}`);
    perform(link, requests);
    settle(link, false);
  }

  function reply(introduction: number, at: number): void {
    const kind = row[f.ANSWER_KIND + at] as number;
    if (kind === REFUSED || kind === BY_OVER) return write(p.REFUSE, introduction);
    row[f.REQUESTED + who * f.INTRODUCTIONS + introduction - 1] = kind === BY_MAIN ? 1 : 2;
    const pair = row[f.ANSWER_PAIR + at] as number;
    write(p.ACCEPT, introduction, row[f.PAIR_CALL + pair - 1], pair);
  }

  function happens(link: number, stimulus: number): void {
    const wasThere = phaseAt(world, f.LINK + link) === THERE;
    perform(link, advance(world, f.LINK + link, stimulus));
    settle(link, wasThere);
  }

  function perform(link: number, requests: readonly Request[]): void {
    for (const asked of requests) {
      const { kind } = asked;
      if (kind === 'lookup') write(p.LOOKUP, peer);
      else if (kind === 'holePunchRequest') request(link);
      else if (kind !== 'failed') conversations.perform(link, asked);
    }
  }

  function request(link: number): void {
    const facts = row[f.LINK_FACTS + link] as number;
    if ((facts & f.WAS_CONNECTED) !== 0) {
      row[f.LINK_FACTS + link] = facts | f.RENEWING;
      return write(p.REQUEST, f.wordOf(who, row[f.LINK_PAIR + link] as number));
    }
    const isDeclined = (facts & f.DECLINED) !== 0;
    if (row[f.LINK_CALL + link] === 0 || isDeclined) newCall(link);
    const number = row[f.LINK_CALL + link] as number;
    if (number !== 0) write(p.REQUEST, f.callOf(who, number));
  }

  /** Takes notice of where a link's chart has come to. */
  function settle(link: number, wasThere: boolean): void {
    const phase = phaseAt(world, f.LINK + link);
    if (phase === THERE && !wasThere) connected(link);
    else if (phase === OVER) over(link);
  }

  function connected(link: number): void {
    const facts = row[f.LINK_FACTS + link] as number;
    if ((facts & f.WAS_CONNECTED) !== 0) return;
    row[f.LINK_FACTS + link] = facts | f.WAS_CONNECTED;
    if (link !== beside) return;
    // The former does not know of its successor any more.
    slots.swap();
    if (isThere(beside)) happens(beside, bye);
  }

  function over(link: number): void {
    slots.clear(link);
    slots.disown(link);
    if (link === main && isThere(beside)) slots.swap();
  }

  function forgetCalls(): void {
    row.fill(0, f.ANSWER_KIND + who * 2 * f.CALLS, f.ANSWER_KIND + (who + 1) * 2 * f.CALLS);
    row.fill(0, f.ANSWER_PAIR + who * 2 * f.CALLS, f.ANSWER_PAIR + (who + 1) * 2 * f.CALLS);
  }

  function isThere(link: number): boolean {
    return row[f.LINK + link] !== 0;
  }

  function isTrusted(key: number): boolean {
    return !rules.keysAreCompared || bounds.known === 0 || key === peer;
  }

  function linkCalling(call: number): number {
    const own = row[f.LINK_CALL + main] as number;
    return own !== 0 && f.callOf(who, own) === call ? main : -1;
  }

  /** The link that has asked with this word of ours; -1 if there is none. */
  function linkRenewing(word: number): number {
    if (!f.isWord(word) || f.speakerOf(word) !== who) return -1;
    return (
      [main, beside].find(
        (link) =>
          row[f.LINK_PAIR + link] === f.pairOf(word) &&
          ((row[f.LINK_FACTS + link] as number) & f.RENEWING) !== 0,
      ) ?? -1
    );
  }

  function newCall(link: number): void {
    row[f.LINK_FACTS + link] = (row[f.LINK_FACTS + link] as number) & ~f.DECLINED;
    row[f.LINK_CALL + link] = 0;
    for (let number = 1; number <= bounds.calls; number += 1) {
      const call = f.callOf(who, number);
      if (isCallUsed(world, call)) continue;
      row[f.LINK_CALL + link] = number;
      return;
    }
  }

  function freshPair(): number {
    for (let pair = 1; pair <= bounds.pairs; pair += 1) if (!isPairUsed(world, pair)) return pair;
    return 0;
  }
}
