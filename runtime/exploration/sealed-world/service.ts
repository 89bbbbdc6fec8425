/** The server: runtime/sealed-service.ts, its registrations and its sessions, rule for rule, over terms. */
import {
  HELD,
  LEASE,
  NAMED,
  PROVEN,
  SESSION,
  SESSION_INITIATION,
  SESSION_KEY,
  SESSION_NAME,
  SESSION_OLDER,
  SESSIONS,
} from './fields.ts';
import { type Introductions, introductionsOf } from './introductions.ts';
import * as p from './packets.ts';
import { MALLORY, SERVER } from './places.ts';
import { THERE } from './setting.ts';
import { DISPLACED, NAME_TAKEN } from './signs.ts';
import { advance, answer, begin, epochOf, flies, phaseAt, placeAt, type World } from './world.ts';

export type Service = {
  receive(term: number): void;
  sessionHappens(session: number, stimulus: number): void;
  readonly introductions: Introductions;
  /** Forgets everything but the leases. */
  restart(): void;
};

export function serviceOf(world: World): Service {
  const { row, setting } = world;
  const { session: role, rules, bounds } = setting;
  const numbered = (word: string) =>
    Int32Array.from({ length: 8 }, (_, place) => role.find(`${word} ${place}`) ?? -1);
  const registers = numbered('register');
  const sealeds = numbered('sealed');
  const keepalives = numbered('keepalive');
  const responses = numbered('response');
  const replaced = role.stimulus('replaced');
  const bye = role.stimulus('bye');
  const own = [SESSION, SESSION_KEY, SESSION_NAME, SESSION_INITIATION, SESSION_OLDER];
  /** What is being answered, and how often it was. */
  let cause = 0;
  let answered = 0;

  const say = (term: number) => {
    answer(world, term, cause, answered);
    answered += 1;
  };
  const write = (session: number, kind: number, b = 0, c = 0, d = 0) =>
    say(p.packet(kind, SERVER, clientOf(session), session, b, c, d));
  const introductions = introductionsOf(world, write, clientOf);

  return {
    introductions: {
      ...introductions,
      happens: (introduction, stimulus) => unasked(() => introductions.happens(introduction, stimulus)),
    },
    receive: (term) => {
      cause = term;
      answered = 0;
      const from = p.fromOf(term);
      if (p.kindOf(term) === p.KNOCK) challenge(from, p.a(term));
      else if (p.kindOf(term) === p.REGISTER) register(term, from);
      else open(term, from);
    },
    sessionHappens: (session, stimulus) => unasked(() => sessionHappens(session, stimulus)),
    restart: () => {
      row.fill(0, SESSION, LEASE);
      introductions.forgetAll();
    },
  };

  /** Nothing has come: a timer is due. */
  function unasked(act: () => void): void {
    cause = 0;
    answered = 0;
    act();
  }

  function clientOf(session: number): number {
    return placeAt(world, SESSION + session - 1);
  }

  function challenge(from: number, who: number): void {
    say(p.packet(p.CHALLENGE, SERVER, from, who, p.cookieFor(from, epochOf(world)), 0));
  }

  function isGood(from: number, cookie: number): boolean {
    return cookie === p.cookieFor(from, epochOf(world));
  }

  function register(term: number, from: number): void {
    const [cookie, key, initiation, name] = [p.a(term), p.b(term), p.c(term), p.d(term)];
    if (isGood(from, cookie)) prove(from);
    else if (rules.cookiesAreChecked) return challenge(from, key);
    const known = sessionOf(key, initiation);
    if (known > 0) {
      if (phaseAt(world, SESSION + known - 1) !== THERE) sessionHappens(known, registers[from] as number);
      return;
    }
    const holder = row[LEASE + name] as number;
    const refusal = (why: number) => say(p.packet(p.ACK, SERVER, from, key, initiation, 0, why));
    if (rules.leasesAreHeld && holder !== 0 && holder !== key + 1) return refusal(1);
    if (sessionCount() >= bounds.capacity && row[NAMED + name] === 0) return refusal(0);
    const session = freshSession();
    if (session === 0) return;
    if (holder !== 0 && holder !== key + 1) world.signs |= NAME_TAKEN;
    row[LEASE + name] = key + 1;
    row[SESSION_KEY + session - 1] = key;
    row[SESSION_NAME + session - 1] = name;
    row[SESSION_INITIATION + session - 1] = initiation;
    row[SESSION_OLDER + session - 1] = sessionsOf(name);
    begin(world, SESSION + session - 1, `at ${from}`);
    sessionHappens(session, registers[from] as number);
    if (!rules.sessionsAreProven) proven(session);
  }

  function open(term: number, from: number): void {
    const session = p.a(term);
    if (session > SESSIONS || row[SESSION + session - 1] === 0)
      return say(p.packet(p.STALE, SERVER, from, session));
    if (p.kindOf(term) === p.PATH_RESPONSE) return responded(session, from, p.b(term));
    sessionHappens(session, sealeds[from] as number);
    if (phaseAt(world, SESSION + session - 1) === THERE) heed(term, from, session);
  }

  /** A client is where it says, if the token was sent to there. */
  function responded(session: number, from: number, token: number): void {
    if (isGood(from, token)) prove(from);
    else if (rules.tokensAreChecked) return;
    sessionHappens(session, responses[from] as number);
  }

  function heed(term: number, from: number, session: number): void {
    switch (p.kindOf(term)) {
      case p.KEEPALIVE:
        return sessionHappens(session, keepalives[from] as number);
      case p.BYE:
        return sessionHappens(session, bye);
      case p.LOOKUP: {
        const holder = row[LEASE + p.b(term)] as number;
        return holder === 0 ? write(session, p.UNKNOWN) : write(session, p.FOUND, holder - 1);
      }
      case p.REQUEST: {
        if (clientOf(session) !== from) return;
        const peer = peerOf(session);
        const named = row[NAMED + peer] as number;
        const isKey = named !== 0 && named !== session && row[SESSION_KEY + named - 1] === peer;
        return introductions.requested(session, isKey ? named : 0, p.b(term));
      }
      case p.ACCEPT:
        if (clientOf(session) !== from) return;
        return introductions.accepted(session, p.b(term), p.d(term));
      case p.REFUSE:
        return introductions.refused(session, p.b(term));
    }
  }

  /** Whom a client wants: the other one; mallory wants bob. */
  function peerOf(session: number): number {
    const key = row[SESSION_KEY + session - 1] as number;
    return key === MALLORY ? 1 : 1 - key;
  }

  function sessionHappens(session: number, stimulus: number): void {
    for (const { kind, to } of advance(world, SESSION + session - 1, stimulus)) {
      if (kind === 'registerAck') {
        const [key, initiation] = [row[SESSION_KEY + session - 1], row[SESSION_INITIATION + session - 1]];
        say(p.packet(p.ACK, SERVER, to, key, initiation, session));
      } else if (kind === 'keepaliveAck') say(p.packet(p.KEEPALIVE_ACK, SERVER, to, session));
      else if (kind === 'pathChallenge')
        say(p.packet(p.PATH_CHALLENGE, SERVER, to, session, p.cookieFor(to, epochOf(world))));
      else if (kind === 'proven') proven(session);
      else if (kind === 'ended') end(session);
      else if (kind !== 'moved') throw new Error(`a session asks for ${kind}`);
    }
  }

  function proven(session: number): void {
    const name = row[SESSION_NAME + session - 1] as number;
    const former = row[NAMED + name] as number;
    if (former === session) return;
    const isOlder =
      former !== 0 && ((row[SESSION_OLDER + former - 1] as number) & (1 << (session - 1))) !== 0;
    if (isOlder && rules.sessionsKeepOrder) return sessionHappens(session, replaced);
    row[NAMED + name] = session;
    if (former === 0) return;
    const loser = row[SESSION_KEY + former - 1] as number;
    if (loser !== MALLORY && row[HELD + loser] === former) world.signs |= DISPLACED;
    sessionHappens(former, replaced);
  }

  function end(session: number): void {
    introductions.ended(session);
    for (const field of own) row[field + session - 1] = 0;
    for (let index = 0; index < SESSIONS; index += 1)
      row[SESSION_OLDER + index] = (row[SESSION_OLDER + index] as number) & ~(1 << (session - 1));
    for (let name = 0; name < 3; name += 1) if (row[NAMED + name] === session) row[NAMED + name] = 0;
  }

  function prove(place: number): void {
    row[PROVEN] = (row[PROVEN] as number) | (1 << place);
  }

  function sessionOf(key: number, initiation: number): number {
    for (let index = 0; index < SESSIONS; index += 1) {
      const isIts = row[SESSION_KEY + index] === key && row[SESSION_INITIATION + index] === initiation;
      if (isIts && row[SESSION + index] !== 0) return index + 1;
    }
    return 0;
  }

  /** Those of a name that are there, as bits. */
  function sessionsOf(name: number): number {
    let bits = 0;
    for (let index = 0; index < SESSIONS; index += 1)
      if (row[SESSION + index] !== 0 && row[SESSION_NAME + index] === name) bits |= 1 << index;
    return bits;
  }

  function sessionCount(): number {
    let count = 0;
    for (let index = 0; index < SESSIONS; index += 1) if (row[SESSION + index] !== 0) count += 1;
    return count;
  }

  /** One that nobody has or could speak of; 0 if there is none. */
  function freshSession(): number {
    for (let session = 1; session <= bounds.sessions; session += 1) {
      const isHeld = row[HELD] === session || row[HELD + 1] === session;
      const speaksOf = (term: number) =>
        ((p.isOfSession(term) || p.kindOf(term) === p.STALE) && p.a(term) === session) ||
        (p.kindOf(term) === p.ACK && p.c(term) === session);
      if (row[SESSION + session - 1] === 0 && !isHeld && !flies(world, speaksOf)) return session;
    }
    return 0;
  }
}
