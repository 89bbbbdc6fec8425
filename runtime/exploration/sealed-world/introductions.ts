/** The server's introductions: runtime/introductions.ts, rule for rule, over terms. */
import {
  CALLEE,
  CALLER,
  INTRODUCED_CALL,
  INTRODUCED_PAIR,
  INTRODUCTION,
  INTRODUCTIONS,
  SESSION_KEY,
} from './fields.ts';
import * as p from './packets.ts';
import type { Request } from './setting.ts';
import { DECLINED_EARLY } from './signs.ts';
import { advance, begin, flies, type World } from './world.ts';

export type Introductions = {
  requested(caller: number, callee: number, call: number): void;
  accepted(callee: number, introduction: number, pair: number): void;
  refused(callee: number, introduction: number): void;
  happens(introduction: number, stimulus: number): void;
  ended(session: number): void;
  forgetAll(): void;
};

export function introductionsOf(
  world: World,
  write: (session: number, kind: number, b?: number, c?: number, d?: number) => void,
  clientOf: (session: number) => number,
): Introductions {
  const { row, setting } = world;
  const role = setting.introduction;
  const repeated = role.stimulus('repeated');
  const accepted = role.stimulus('accepted');
  const refused = role.stimulus('refused');
  const declineTimers = role.automaton.stimuli.flatMap((name, index) =>
    name.startsWith('after declineTime') ? [index] : [],
  );
  const own = [INTRODUCTION, CALLER, CALLEE, INTRODUCED_CALL, INTRODUCED_PAIR];

  return {
    requested: (caller, callee, call) => {
      for (let one = 1; one <= INTRODUCTIONS; one += 1) {
        const isIts = row[CALLER + one - 1] === caller && row[INTRODUCED_CALL + one - 1] === call;
        if (row[INTRODUCTION + one - 1] !== 0 && isIts) return happens(one, repeated);
      }
      const fresh = freshIntroduction();
      if (fresh === 0) return;
      row[CALLER + fresh - 1] = caller;
      row[CALLEE + fresh - 1] = callee;
      row[INTRODUCED_CALL + fresh - 1] = call;
      perform(fresh, begin(world, INTRODUCTION + fresh - 1, callee === 0 ? 'absent' : 'there'), -1);
    },
    accepted: (callee, introduction, pair) => {
      if (!isAsked(callee, introduction)) return;
      if (row[INTRODUCED_PAIR + introduction - 1] === 0) row[INTRODUCED_PAIR + introduction - 1] = pair;
      happens(introduction, accepted);
    },
    refused: (callee, introduction) => {
      if (isAsked(callee, introduction)) happens(introduction, refused);
    },
    happens,
    ended: (session) => {
      for (let one = 1; one <= INTRODUCTIONS; one += 1) {
        if (row[CALLER + one - 1] === session || row[CALLEE + one - 1] === session) forget(one);
      }
    },
    forgetAll: () => {
      for (let one = 1; one <= INTRODUCTIONS; one += 1) forget(one);
    },
  };

  function isAsked(callee: number, introduction: number): boolean {
    return row[INTRODUCTION + introduction - 1] !== 0 && row[CALLEE + introduction - 1] === callee;
  }

  function happens(introduction: number, stimulus: number): void {
    perform(introduction, advance(world, INTRODUCTION + introduction - 1, stimulus), stimulus);
  }

  function perform(introduction: number, requests: readonly Request[], stimulus: number): void {
    for (const { kind } of requests) {
      const caller = row[CALLER + introduction - 1] as number;
      const callee = row[CALLEE + introduction - 1] as number;
      const call = row[INTRODUCED_CALL + introduction - 1] as number;
      const pair = row[INTRODUCED_PAIR + introduction - 1] as number;
      if (kind === 'ended') forget(introduction);
      else if (kind === 'decline') {
        if (stimulus !== repeated && !declineTimers.includes(stimulus)) world.signs |= DECLINED_EARLY;
        write(caller, p.UNKNOWN, call);
      } else if (callee === 0) continue;
      else if (kind === 'offer') {
        const claim = (row[SESSION_KEY + caller - 1] as number) + 1;
        write(callee, p.INITIATE, introduction + 8 * claim, clientOf(caller), call);
      } else if (kind === 'answer') write(caller, p.ANSWER, call, clientOf(callee), pair);
      else if (kind === 'start') write(callee, p.START, introduction);
    }
  }

  function forget(introduction: number): void {
    for (const field of own) row[field + introduction - 1] = 0;
  }

  /** One that nobody has, or could speak of. */
  function freshIntroduction(): number {
    for (let one = 1; one <= setting.bounds.introductions; one += 1) {
      const speaksOf = (term: number) => introductionIn(term) === one;
      if (row[INTRODUCTION + one - 1] === 0 && !flies(world, speaksOf)) return one;
    }
    return 0;
  }
}

/** The introduction that a packet is about; 0 if it is about none. */
export function introductionIn(term: number): number {
  const kind = p.kindOf(term);
  if (kind === p.INITIATE) return p.b(term) & 7;
  return kind === p.ACCEPT || kind === p.REFUSE || kind === p.START ? p.b(term) : 0;
}
