/** Everybody who is in a sealed world: the server, and the two clients, over one row of numbers. */

import { read } from './attacker.ts';
import { type Client, clientOf } from './client.ts';
import * as f from './fields.ts';
import { introductionIn } from './introductions.ts';
import { isPairUsed } from './names.ts';
import * as p from './packets.ts';
import { ATTACKER, MALLORY, placeOf } from './places.ts';
import { type Service, serviceOf } from './service.ts';
import type { Setting } from './setting.ts';
import { HEEDED_TWICE } from './signs.ts';
import { advance, begin, flies, type World } from './world.ts';

export type Hosts = World & {
  readonly clients: readonly [Client, Client];
  readonly service: Service;
  begin(): void;
  /** A client comes back as a new process. Where registrations are settled, it is registered at once. */
  restart(who: number): void;
  /** A packet gets to whom it is for, once, or twice if it is replayed. */
  arrive(term: number, isReplayed: boolean): void;
  /** Forgets the names of what nobody can speak of any more, so that they can be given again. */
  tidy(): void;
};

export function hostsOf(setting: Setting): Hosts {
  const { bounds, rules } = setting;
  const row = new Int32Array(setting.layout.width);
  const world: World = { setting, row, signs: 0, witness: undefined };
  const clients = [clientOf(world, 0), clientOf(world, 1)] as const;
  const service = serviceOf(world);
  return Object.assign(world, { clients, service, begin: beginAll, restart, arrive, tidy });

  function beginAll(): void {
    row.fill(0);
    for (const [field, count] of [
      [f.FORGERIES, bounds.forgeries],
      [f.MOVES, bounds.moves],
      [f.OUTAGES, bounds.outages],
      [f.RESTARTS, bounds.restarts],
      [f.LEAVES, bounds.leaves],
      [f.AGINGS, bounds.agings],
    ] as const)
      row[field] = count;
    row[f.WISH] = bounds.asking > 0 ? 1 : 0;
    row[f.WISH + 1] = bounds.asking > 1 ? 1 : 0;
    for (const who of [0, 1]) {
      if (who >= bounds.clients) {
        begin(world, f.CLIENT + who, 'life');
        clients[who]?.leave();
      } else if (bounds.registered === 0) clients[who]?.begin();
      else {
        if (bounds.evil === 0) enter(who, placeOf(who, 0));
        clients[who]?.beginRegistered(who + 1);
      }
    }
    if (bounds.insider === 1) enter(MALLORY, ATTACKER);
  }

  function restart(who: number): void {
    const held = row[f.HELD + who] as number;
    clients[who]?.crash();
    row[f.WISH + who] = bounds.asking > who ? 1 : 0;
    if (bounds.settled === 1) clients[who]?.beginRegistered(held);
    else clients[who]?.begin();
  }

  /** Gives a client, or the attacker, the session that it would have got. */
  function enter(who: number, place: number): void {
    const { session } = setting;
    row[f.LEASE + who] = who + 1;
    row[f.NAMED + who] = who + 1;
    row[f.PROVEN] = (row[f.PROVEN] as number) | (1 << place);
    row[f.SESSION_KEY + who] = who;
    row[f.SESSION_NAME + who] = who;
    row[f.SESSION_INITIATION + who] = 1;
    begin(world, f.SESSION + who, `at ${place}`);
    for (const event of ['register', 'sealed'])
      advance(world, f.SESSION + who, session.stimulus(`${event} ${place}`));
  }

  function arrive(term: number, isReplayed: boolean): void {
    receive(term);
    if (!isReplayed || rules.windowIsKept) return;
    world.signs |= HEEDED_TWICE;
    receive(term);
  }

  function receive(term: number): void {
    if (p.isForServer(term)) {
      if (bounds.evil === 1) read(world, term);
      else service.receive(term);
      return;
    }
    for (const who of [0, 1]) if (isFor(who, term)) clients[who]?.receive(p.fromOf(term), term);
  }

  /** What is sent to the attacker, it carries to whom it is for. */
  function isFor(who: number, term: number): boolean {
    const to = p.toOf(term);
    if (to !== ATTACKER) return to >> 1 === who;
    if (!p.isOfPair(term)) return row[f.HELD + who] === p.a(term);
    return (p.kindOf(term) === p.PROBE ? p.d(term) : p.b(term)) !== who;
  }

  function tidy(): void {
    for (let owner = 0; owner < 2; owner += 1) {
      for (let number = 1; number <= f.CALLS; number += 1) {
        const call = f.callOf(owner, number);
        const at = f.answerIndex(1 - owner, call);
        if (row[f.ANSWER_KIND + at] === 0 || isOffered(owner, call)) continue;
        row[f.ANSWER_KIND + at] = 0;
        row[f.ANSWER_PAIR + at] = 0;
      }
    }
    for (let one = 0; one < f.INTRODUCTIONS; one += 1) {
      if (row[f.REQUESTED + one] === 0 && row[f.REQUESTED + f.INTRODUCTIONS + one] === 0) continue;
      if (row[f.INTRODUCTION + one] !== 0 || flies(world, (term) => introductionIn(term) === one + 1))
        continue;
      row[f.REQUESTED + one] = 0;
      row[f.REQUESTED + f.INTRODUCTIONS + one] = 0;
    }
    for (let pair = 1; pair <= f.PAIRS; pair += 1) {
      if (row[f.PAIR_CALL + pair - 1] === 0 || isPairUsed(world, pair)) continue;
      row[f.PAIR_CALL + pair - 1] = 0;
      row[f.PAIR_ANSWERER + pair - 1] = 0;
    }
  }

  /** Whether an offer may come yet, or once more. */
  function isOffered(owner: number, call: number): boolean {
    if (((row[f.KNOWN_CALLS] as number) & (1 << call)) !== 0) return true;
    if (f.callOf(owner, row[f.LINK_CALL + 2 * owner] as number) === call) return true;
    for (let one = 0; one < f.INTRODUCTIONS; one += 1) if (row[f.INTRODUCED_CALL + one] === call) return true;
    return flies(world, (term) => {
      const kind = p.kindOf(term);
      return (kind === p.REQUEST && p.b(term) === call) || (kind === p.INITIATE && p.d(term) === call);
    });
  }
}
