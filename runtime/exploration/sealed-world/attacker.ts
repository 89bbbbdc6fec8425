/** What the attacker can make up: everything that needs no key but its own, or the server's, if it is the server. */
import * as f from './fields.ts';
import * as p from './packets.ts';
import { ATTACKER, BYSTANDER, MALLORY, placeOf, SERVER } from './places.ts';
import { OVER } from './setting.ts';
import { epochOf, hereOf, phaseAt, type World } from './world.ts';

/** A session that no server knows. */
const NO_SESSION = 31;

/** As packets that arrive when they are made up. */
export function forgeries(world: World): readonly number[] {
  const alive = [0, 1].filter((who) => phaseAt(world, f.CLIENT + who) !== OVER);
  if (world.setting.bounds.evil === 1) return alive.flatMap((who) => lies(world, who));
  return [
    ...(world.setting.bounds.registered === 1 ? [] : strangers(world, alive)),
    ...alive.flatMap((who) => {
      const held = world.row[f.HELD + who] as number;
      return held === 0 || world.setting.bounds.settled === 1
        ? []
        : [p.packet(p.STALE, SERVER, hereOf(world, who), held)];
    }),
    ...insiders(world),
  ];
}

/** What anybody can say to the server, and to a client that is about to register. */
function strangers(world: World, alive: readonly number[]): readonly number[] {
  const cookie = p.cookieFor(ATTACKER, epochOf(world));
  return [
    p.packet(p.KNOCK, BYSTANDER, SERVER, MALLORY),
    p.packet(p.KEEPALIVE, BYSTANDER, SERVER, NO_SESSION),
    p.packet(p.REGISTER, BYSTANDER, SERVER, cookie, MALLORY, 1, MALLORY),
    ...[0, MALLORY].map((name) => p.packet(p.REGISTER, ATTACKER, SERVER, cookie, MALLORY, 1, name)),
    ...alive.flatMap((who) => [
      p.packet(p.CHALLENGE, SERVER, hereOf(world, who), who, p.BAD_COOKIE, 0),
      p.packet(p.CHALLENGE, SERVER, hereOf(world, who), who, p.BAD_COOKIE, 1),
    ]),
  ];
}

/** What the attacker seals in its own session. */
function insiders({ row }: World): readonly number[] {
  const terms: number[] = [];
  const paired = new Set(
    [0, 1, 2, 3].map((link) => row[f.LINK_PAIR + link] as number).filter((pair) => pair !== 0),
  );
  for (let session = 1; session <= f.SESSIONS; session += 1) {
    const isOwn = row[f.SESSION + session - 1] !== 0 && row[f.SESSION_KEY + session - 1] === MALLORY;
    if (!isOwn) continue;
    terms.push(
      p.packet(p.KEEPALIVE, ATTACKER, SERVER, session),
      p.packet(p.KEEPALIVE, BYSTANDER, SERVER, session),
      p.packet(p.PATH_RESPONSE, BYSTANDER, SERVER, session, p.cookieFor(ATTACKER, 0)),
      p.packet(p.REQUEST, ATTACKER, SERVER, session, f.callOf(MALLORY, 1)),
      // The names of keys are no secret.
      ...[...paired].map((pair) => p.packet(p.REQUEST, ATTACKER, SERVER, session, f.wordOf(MALLORY, pair))),
    );
  }
  return terms;
}

/** What an evil server tells a client: with every offer and answer that it has read, and an offer of its own. */
function lies(world: World, who: number): readonly number[] {
  const { row } = world;
  const held = row[f.HELD + who] as number;
  const here = hereOf(world, who);
  const remotes = [placeOf(1 - who, 0), ATTACKER, BYSTANDER];
  const calls = [...Array(9).keys()].map((index) => index + 1);
  const isKnown = (call: number) => ((row[f.KNOWN_CALLS] as number) & (1 << call)) !== 0;
  const offers = calls.filter((call) => f.callerOf(call) === 1 - who && isKnown(call));
  const own = f.callOf(MALLORY, 1);
  const keys = [1, 2, 3].filter((pair) => isKnown(f.wordOf(1 - who, pair)));
  const pairs = [1, 2, 3].filter((pair) => ((row[f.KNOWN_PAIRS] as number) & (1 << (pair - 1))) !== 0);
  const initiate = (key: number, remote: number, call: number) =>
    p.packet(p.INITIATE, SERVER, here, held, 1 + 8 * (key + 1), remote, call);
  return [
    ...[...offers, own, ...keys.map((pair) => f.wordOf(1 - who, pair))].flatMap((call) =>
      remotes.flatMap((remote) => [initiate(1 - who, remote, call), initiate(MALLORY, remote, call)]),
    ),
    ...calls
      .filter((call) => f.callerOf(call) === who && isKnown(call))
      .flatMap((call) => [
        p.packet(p.UNKNOWN, SERVER, here, held, call),
        ...pairs.flatMap((pair) =>
          remotes.map((remote) => p.packet(p.ANSWER, SERVER, here, held, call, remote, pair)),
        ),
      ]),
    // What the peer has sealed as an offer would do for an answer too.
    ...keys
      .filter((pair) => isKnown(f.wordOf(who, pair)))
      .flatMap((pair) =>
        remotes.map((remote) => p.packet(p.ANSWER, SERVER, here, held, f.wordOf(who, pair), remote, pair)),
      ),
    p.packet(p.FOUND, SERVER, here, held, MALLORY),
  ];
}

/** What an evil server learns from what its clients send it. */
export function read({ row }: World, term: number): void {
  if (p.kindOf(term) === p.REQUEST) row[f.KNOWN_CALLS] = (row[f.KNOWN_CALLS] as number) | (1 << p.b(term));
  if (p.kindOf(term) !== p.ACCEPT) return;
  if (f.isWord(p.c(term))) row[f.KNOWN_CALLS] = (row[f.KNOWN_CALLS] as number) | (1 << p.c(term));
  else row[f.KNOWN_PAIRS] = (row[f.KNOWN_PAIRS] as number) | (1 << (p.d(term) - 1));
}
