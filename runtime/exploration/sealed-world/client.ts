/** A client and its registration: runtime/sealed/edge.ts and registration.ts, rule for rule, over terms. */
import { type Calls, callsOf } from './calls.ts';
import {
  ATTEMPT,
  CLIENT,
  COOKIES,
  HELD,
  INITIATIONS,
  LATEST,
  SESSION_INITIATION,
  SESSION_KEY,
  SESSIONS,
  WISH,
} from './fields.ts';
import * as p from './packets.ts';
import { SERVER } from './places.ts';
import { OVER, type Role, THERE } from './setting.ts';
import { advance, begin, flies, hereOf, phaseAt, send, type World } from './world.ts';

export type Client = {
  readonly calls: Calls;
  /** The process starts: it has its keys, and nothing else. */
  begin(): void;
  /** It is registered already, in this session. */
  beginRegistered(session: number): void;
  happens(stimulus: number): void;
  receive(from: number, term: number): void;
  /** Stops, and says so. */
  leave(): void;
  /** Ends without a word. */
  crash(): void;
  networkChanged(): void;
};

export function clientOf(world: World, who: number): Client {
  const { row, setting } = world;
  const role = setting.clients[who] as Role;
  const opened = role.stimulus('opened');
  const stop = role.stimulus('stop');
  const ack = role.stimulus('ack');
  const taken = role.stimulus('taken');
  const full = role.stimulus('full');
  const alive = role.stimulus('alive');
  const stale = role.stimulus('stale');
  const distrusted = role.stimulus('distrusted');
  const changed = role.stimulus('network changes');
  const numbers = Int32Array.from({ length: 16 }, (_, number) => number);
  const challenges = numbers.map((cookie) => role.find(`challenge ${cookie}`) ?? -1);
  const paths = numbers.map((token) => role.find(`path ${token}`) ?? -1);
  const calls = callsOf(world, who, write);

  return {
    calls,
    begin: () => {
      begin(world, CLIENT + who, 'life');
      happens(opened);
    },
    beginRegistered: (session) => {
      begin(world, CLIENT + who, 'life');
      for (const event of [opened, challenges[p.cookieFor(hereOf(world, who), 0)] as number, ack, alive])
        advance(world, CLIENT + who, event);
      row[HELD + who] = session;
      wish();
    },
    happens,
    receive,
    leave: () => {
      happens(stop);
      calls.close();
      write(p.BYE);
      forget();
    },
    crash: () => {
      calls.crash();
      forget();
    },
    networkChanged: () => {
      happens(changed);
      calls.networkChanged();
    },
  };

  function receive(from: number, term: number): void {
    if (p.isOfPair(term)) return calls.receive(from, term);
    if (from !== SERVER) return;
    switch (p.kindOf(term)) {
      case p.CHALLENGE: {
        if (p.a(term) !== who) return;
        if (p.c(term) === 1) return happens(distrusted);
        const known = challenges[p.b(term)] as number;
        return happens(known < 0 ? (challenges[p.BAD_COOKIE] as number) : known);
      }
      case p.ACK:
        return acknowledged(term);
      case p.STALE:
        return p.a(term) === row[HELD + who] ? happens(stale) : undefined;
      default:
        return p.isOfSession(term) && p.a(term) === row[HELD + who] ? read(term) : undefined;
    }
  }

  function acknowledged(term: number): void {
    const latest = row[LATEST + who] as number;
    if (latest === 0 || p.a(term) !== who) return;
    const attempt = ATTEMPT + who * COOKIES + latest - 1;
    if (row[attempt] === 0 || row[attempt] !== p.b(term)) return;
    row[attempt] = 0;
    if (p.c(term) === 0) return happens(p.d(term) === 1 ? taken : full);
    row[HELD + who] = p.c(term);
    happens(ack);
  }

  function read(term: number): void {
    switch (p.kindOf(term)) {
      case p.KEEPALIVE_ACK:
        return happens(alive);
      case p.PATH_CHALLENGE:
        happens(paths[p.b(term)] as number);
        return calls.addressChanged();
      case p.FOUND:
        return calls.found(p.b(term));
      case p.INITIATE:
        return calls.offered(term);
      case p.ANSWER:
        return calls.answered(term);
      case p.START:
        return calls.started(p.b(term));
      case p.UNKNOWN:
        return calls.unknown(p.b(term));
    }
  }

  function happens(stimulus: number): void {
    for (const { kind, value } of advance(world, CLIENT + who, stimulus)) {
      if (kind === 'knock') send(world, who, p.packet(p.KNOCK, hereOf(world, who), SERVER, who));
      else if (kind === 'registerWithCookie') register(value);
      else if (kind === 'keepalive') write(p.KEEPALIVE);
      else if (kind === 'pathResponse') write(p.PATH_RESPONSE, value);
      else if (kind !== 'failed') throw new Error(`a client asks for ${kind}`);
    }
    wish();
  }

  function wish(): void {
    const phase = phaseAt(world, CLIENT + who);
    if (phase === OVER) row[WISH + who] = 0;
    if (phase !== THERE || row[WISH + who] === 0) return;
    row[WISH + who] = 0;
    calls.ask();
  }

  function register(cookie: number): void {
    const index = cookie === p.BAD_COOKIE ? COOKIES - 1 : (cookie & 1) + 2 * (cookie >> 3);
    const attempt = ATTEMPT + who * COOKIES + index;
    if (row[attempt] === 0) row[attempt] = freshInitiation();
    row[LATEST + who] = index + 1;
    if (row[attempt] === 0) return;
    send(world, who, p.packet(p.REGISTER, hereOf(world, who), SERVER, cookie, who, row[attempt], who));
  }

  /** Without a session nothing can be said. */
  function write(kind: number, b = 0, c = 0, d = 0): void {
    const session = row[HELD + who] as number;
    if (session !== 0) send(world, who, p.packet(kind, hereOf(world, who), SERVER, session, b, c, d));
  }

  function forget(): void {
    row[HELD + who] = 0;
    row[WISH + who] = 0;
    row[LATEST + who] = 0;
    row.fill(0, ATTEMPT + who * COOKIES, ATTEMPT + (who + 1) * COOKIES);
  }

  /** One that nobody has or could replay; 0 if there is none. */
  function freshInitiation(): number {
    for (let fresh = 1; fresh <= INITIATIONS; fresh += 1) {
      let isUsed = flies(
        world,
        (term) =>
          (p.kindOf(term) === p.REGISTER && p.b(term) === who && p.c(term) === fresh) ||
          (p.kindOf(term) === p.ACK && p.a(term) === who && p.b(term) === fresh),
      );
      for (let index = 0; index < COOKIES; index += 1)
        isUsed ||= row[ATTEMPT + who * COOKIES + index] === fresh;
      for (let index = 0; index < SESSIONS; index += 1)
        isUsed ||= row[SESSION_KEY + index] === who && row[SESSION_INITIATION + index] === fresh;
      if (!isUsed) return fresh;
    }
    return 0;
  }
}
