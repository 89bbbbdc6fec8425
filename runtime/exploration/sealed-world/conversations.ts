/** What two peers say to each other: runtime/sealed/conversation.ts, pair.ts and paths.ts, rule for rule, over terms. */
import * as f from './fields.ts';
import * as p from './packets.ts';
import { PLACES } from './places.ts';
import { type Request, type Role, THERE } from './setting.ts';
import { BELIEVED_OLD, CONNECTED_UNPROVEN, SENT_TO_UNGIVEN } from './signs.ts';
import { hereOf, open, phaseAt, placeAt, send, type World } from './world.ts';

export type Conversations = {
  pairUp(link: number, pair: number): void;
  /** Somebody who may has said that the peer is there. */
  give(link: number, place: number): void;
  perform(link: number, request: Request): void;
  receive(from: number, term: number): void;
  /** What was sent as a probe has become too old to count. */
  age(): void;
};

/** A bit of a probe beside its nonce: an answer is wanted. */
const ASKS = 8;

export function conversationsOf(
  world: World,
  who: number,
  happens: (link: number, stimulus: number) => void,
): Conversations {
  const { row, setting } = world;
  const { rules, bounds } = setting;
  const role = setting.links[who] as Role;
  const probes = Int32Array.from({ length: 32 }, (_, number) => role.find(`probe ${number}`) ?? -1);
  const bye = role.stimulus('bye');
  const links = [2 * who, 2 * who + 1];

  return {
    pairUp: (link, pair) => {
      row[f.LINK_PAIR + link] = pair;
      row[f.SENT + link] = 0;
      row[f.GIVEN + link] = 0;
      row.fill(0, f.HEARD + link * PLACES, f.HEARD + (link + 1) * PLACES);
    },
    give,
    perform: (link, { kind, to, targets, asks }) => {
      const pair = row[f.LINK_PAIR + link] as number;
      if (pair === 0) return;
      if (kind === 'bye') return send(world, who, p.packet(p.PAIR_BYE, hereOf(world, who), to, pair, who));
      if (kind !== 'probe' && kind !== 'opener') throw new Error(`a link asks for ${kind}`);
      for (const target of targets) {
        if (((row[f.GIVEN + link] as number) & (1 << target)) === 0) world.signs |= SENT_TO_UNGIVEN;
        row[f.SENT + link] = (row[f.SENT + link] as number) | (1 << target);
        if (kind === 'opener') {
          open(world, who, target);
          world.witness?.openerSent(who, target);
          continue;
        }
        const echo = row[f.HEARD + link * PLACES + target] as number;
        const nonce = target | (asks ? ASKS : 0);
        send(world, who, p.packet(p.PROBE, hereOf(world, who), target, pair, nonce, echo, who));
      }
    },
    receive: (from, term) => {
      const link = links.find((one) => row[f.LINK + one] !== 0 && row[f.LINK_PAIR + one] === p.a(term));
      if (link === undefined) return;
      if (p.kindOf(term) === p.PAIR_BYE) return p.b(term) === who ? undefined : happens(link, bye);
      if (p.d(term) !== who) probed(link, from, term);
    },
    age: () => {
      for (const link of links) {
        row[f.SENT + link] = 0;
        const pair = row[f.LINK_PAIR + link] as number;
        if (pair !== 0) grewOld(pair);
      }
    },
  };

  function probed(link: number, from: number, term: number): void {
    const [nonce, echo] = [p.b(term) & 7, p.c(term)];
    const isOwn = echo !== 0 && echo - 1 !== p.OLD_NONCE;
    const isGenuine = isOwn && echo - 1 === from && ((row[f.SENT + link] as number) & (1 << from)) !== 0;
    const isCounted =
      isGenuine || (!rules.echoesGoByPath && isOwn) || (!rules.noncesAge && echo - 1 === p.OLD_NONCE);
    row[f.HEARD + link * PLACES + from] = nonce + 1;
    give(link, from);
    const before = placeAt(world, f.LINK + link);
    const wasThere = phaseAt(world, f.LINK + link) === THERE;
    happens(link, probes[from + (isCounted ? 8 : 0) + ((p.b(term) & ASKS) !== 0 ? 16 : 0)] as number);
    // A link that has become connected may have taken the place of another.
    const now = links.find((one) => row[f.LINK + one] !== 0 && row[f.LINK_PAIR + one] === p.a(term)) ?? link;
    if (isGenuine || phaseAt(world, f.LINK + now) !== THERE) return;
    const isNew = !wasThere || placeAt(world, f.LINK + now) !== before;
    if (isNew) world.signs |= echo - 1 === p.OLD_NONCE ? BELIEVED_OLD : CONNECTED_UNPROVEN;
  }

  function give(link: number, place: number): void {
    row[f.GIVEN + link] = (row[f.GIVEN + link] as number) | (1 << place);
  }

  /** Whatever carries a nonce of ours for this pair, or brings one back, carries an old one. */
  function grewOld(pair: number): void {
    const end = f.FLIGHT + bounds.flight;
    for (let at = f.FLIGHT; at < end; at += 1) {
      const term = row[at] as number;
      if (p.kindOf(term) !== p.PROBE || p.a(term) !== pair) continue;
      const [from, to, b, c, d] = [p.fromOf(term), p.toOf(term), p.b(term), p.c(term), p.d(term)];
      const isOwn = d === who;
      const echo = !isOwn && c !== 0 ? p.OLD_NONCE + 1 : c;
      row[at] = p.packet(p.PROBE, from, to, pair, isOwn ? (b & ASKS) | p.OLD_NONCE : b, echo, d);
    }
    row.subarray(f.FLIGHT, end).sort().reverse();
    for (const link of [2 - 2 * who, 3 - 2 * who]) {
      if (row[f.LINK_PAIR + link] !== pair) continue;
      for (let place = 0; place < PLACES; place += 1) {
        const at = f.HEARD + link * PLACES + place;
        if (row[at] !== 0) row[at] = p.OLD_NONCE + 1;
      }
    }
  }
}
