/** Everything that can happen next in a sealed world. */
import type { Move } from '../world/moves.ts';
import { forgeries } from './attacker.ts';
import {
  AGINGS,
  CLIENT,
  EPOCH,
  FLIGHT,
  FORGERIES,
  INTRODUCTION,
  LEAVES,
  LINK,
  LINK_PAIR,
  MOVES,
  OUTAGES,
  PLACE,
  RESTARTS,
  SESSION,
} from './fields.ts';
import { type Hosts, hostsOf } from './hosts.ts';
import { fromOf, isForServer, isOfPair, isSealed } from './packets.ts';
import { ATTACKER, BYSTANDER } from './places.ts';
import { OVER, type Setting } from './setting.ts';
import { arrives, phaseAt, roleAt, takeOut } from './world.ts';

export const moveKinds = [
  'deliver',
  'keep',
  'lose',
  'spoof',
  'forge',
  'timer',
  'move',
  'restart',
  'leave',
  'outage',
  'age',
] as const;
export type MoveKind = (typeof moveKinds)[number];

export const kindOfMove = (move: Move): MoveKind => moveKinds[move >>> 16] as MoveKind;

/**
 * A place of the flight; to spoof: `place of the flight << 3 | the address it seems to come from`; a forgery's number;
 * a client; of a timer, whose it is and which: `field << 5 | timer`.
 */
export const argumentOfMove = (move: Move): number => move & 0xffff;

export type Moves = {
  readonly hosts: Hosts;
  begin(): void;
  each(from: Int32Array, visit: (move: Move, signs: number) => void): void;
  make(from: Int32Array, move: Move): void;
};

export function movesOf(setting: Setting): Moves {
  const { bounds, rules } = setting;
  const hosts = hostsOf(setting);
  const { row } = hosts;
  const end = FLIGHT + bounds.flight;
  const charts = [
    ...[LINK, LINK + 1, LINK + 2, LINK + 3, INTRODUCTION, INTRODUCTION + 1],
    ...(bounds.settled === 1 ? [] : [CLIENT, CLIENT + 1, SESSION, SESSION + 1, SESSION + 2, SESSION + 3]),
  ];

  const acts: Readonly<Record<MoveKind, (argument: number) => void>> = {
    deliver: (at) => {
      const term = row[at] as number;
      takeOut(hosts, at);
      hosts.arrive(term, false);
    },
    keep: (at) => {
      const term = row[at] as number;
      if (isSealed(term)) takeOut(hosts, at);
      hosts.arrive(term, isSealed(term));
    },
    lose: (at) => takeOut(hosts, at),
    spoof: (argument) => {
      spend(FORGERIES);
      const term = row[argument >> 3] as number;
      if (isSealed(term)) takeOut(hosts, argument >> 3);
      hosts.arrive(seemingFrom(term, argument & 7), false);
    },
    forge: (number) => {
      const term = forgeries(hosts)[number] as number;
      spend(FORGERIES);
      hosts.arrive(term, false);
    },
    timer: (argument) => happens(argument >> 5, argument & 31),
    move: (who) => {
      spend(MOVES);
      row[PLACE + who] = 1;
      hosts.clients[who]?.networkChanged();
    },
    restart: (who) => {
      spend(RESTARTS);
      hosts.restart(who);
    },
    leave: (who) => {
      spend(LEAVES);
      hosts.clients[who]?.leave();
    },
    outage: () => {
      spend(OUTAGES);
      hosts.service.restart();
      row[EPOCH] = 1;
    },
    age: (who) => {
      spend(AGINGS);
      hosts.clients[who]?.calls.age();
    },
  };
  const actions = moveKinds.map((kind) => acts[kind]);
  const label = (kind: MoveKind): Move => moveKinds.indexOf(kind) << 16;
  const deliver = label('deliver');
  const keep = label('keep');
  const lose = label('lose');
  const spoof = label('spoof');
  const forge = label('forge');
  const timer = label('timer');

  const act = (from: Int32Array, move: Move) => {
    row.set(from);
    hosts.signs = 0;
    (actions[move >>> 16] as (argument: number) => void)(move & 0xffff);
    hosts.tidy();
  };

  return {
    hosts,
    begin: hosts.begin,
    make: act,
    each: (from, visit) => {
      const go = (move: Move) => {
        act(from, move);
        visit(move, hosts.signs);
      };
      const isQuiet = bounds.quiet === 0 || from[FLIGHT] === 0;
      for (let at = FLIGHT; at < end && from[at] !== 0; at += 1) {
        const term = from[at] as number;
        row.set(from);
        if (at > FLIGHT && from[at - 1] === term) continue;
        if (!arrives(hosts, term)) go(lose | at);
        else {
          go(deliver | at);
          if (bounds.copies === 1 && !(isSealed(term) && rules.windowIsKept)) go(keep | at);
          if (bounds.losses === 1) go(lose | at);
        }
        if (from[FORGERIES] === 0 || !(isForServer(term) || isOfPair(term))) continue;
        for (const place of [ATTACKER, BYSTANDER]) if (fromOf(term) !== place) go(spoof | (at << 3) | place);
      }
      for (const field of charts) {
        const isNobody = field >= SESSION && from[field] === 0;
        if (!isNobody) timers(field, from, isQuiet, go);
      }
      for (let who = 0; who < 2; who += 1) {
        row.set(from);
        const isOver = phaseAt(hosts, CLIENT + who) === OVER;
        const hasKeys = from[LINK_PAIR + 2 * who] !== 0;
        if (from[MOVES] !== 0 && from[PLACE + who] === 0 && !isOver) go(label('move') | who);
        if (from[RESTARTS] !== 0) go(label('restart') | who);
        if (from[LEAVES] !== 0 && !isOver) go(label('leave') | who);
        if (from[AGINGS] !== 0 && hasKeys) go(label('age') | who);
      }
      if (from[OUTAGES] !== 0) go(label('outage'));
      if (from[FORGERIES] === 0) return;
      row.set(from);
      const count = forgeries(hosts).length;
      for (let number = 0; number < count; number += 1) go(forge | number);
    },
  };

  function timers(field: number, from: Int32Array, isQuiet: boolean, go: (move: Move) => void): void {
    const role = roleAt(setting, field);
    let mask = role.firable[(from[field] as number) - (field < SESSION ? 0 : 1)] as number;
    const isOfRegistration = field < INTRODUCTION;
    if (!isQuiet || (isOfRegistration && bounds.brisk === 1)) mask &= ~role.slow;
    for (let number = 0; mask !== 0; number += 1, mask >>>= 1)
      if ((mask & 1) !== 0) go(timer | (field << 5) | number);
  }

  function happens(field: number, number: number): void {
    const stimulus = roleAt(setting, field).automaton.eventCount + number;
    if (field >= LINK) return hosts.clients[(field - LINK) >> 1]?.calls.happens(field - LINK, stimulus);
    if (field >= INTRODUCTION) return hosts.service.introductions.happens(field - INTRODUCTION + 1, stimulus);
    if (field >= SESSION) return hosts.service.sessionHappens(field - SESSION + 1, stimulus);
    hosts.clients[field - CLIENT]?.happens(stimulus);
  }

  function spend(field: number): void {
    row[field] = (row[field] as number) - 1;
  }
}

function seemingFrom(term: number, place: number): number {
  return (term & ~(7 << 5)) | (place << 5);
}
