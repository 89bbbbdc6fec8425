/** Everything that can happen next in a composed state. */
import {
  CLIENT,
  EXPIRIES,
  FLIGHT,
  FORGERIES,
  FORGETS,
  HOLES,
  LEAVES,
  LINK,
  OUTAGES,
  PORT,
  RESTARTS,
  SESSION,
} from './fields.ts';
import { takeFromFlight } from './flight.ts';
import { type Hosts, hostsOf } from './hosts.ts';
import { OVER, type Role, type Setting } from './setting.ts';

/** What happens, and to what: `kind << 16 | argument`. */
export type Move = number;

export const moveKinds = [
  'deliver',
  'keep',
  'lose',
  'forge',
  'client timer',
  'link timer',
  'session timer',
  'restart',
  'leave',
  'outage',
  'forget',
] as const;
export type MoveKind = (typeof moveKinds)[number];

export function kindOf(move: Move): MoveKind {
  return moveKinds[move >>> 16] as MoveKind;
}

/** A packet, or a client; of a timer, whose it is and which: `who << 8 | timer`; of a hole: `who << 8 | bit`. */
export function argumentOf(move: Move): number {
  return move & 0xffff;
}

/** Besides the signs of the hosts: nothing was lost, made up or broken; time and the network went on as they should. */
export const FAIR = 64;

export type Moves = {
  readonly hosts: Hosts;
  /** Puts the world at its start. */
  begin(): void;
  /** Goes through all that can happen in `from`, one after the other; `hosts.row` is what comes of it. */
  each(from: Int32Array, visit: (move: Move, signs: number) => void): void;
  /** Makes one of these moves; `hosts.row` is what comes of it. */
  make(from: Int32Array, move: Move): void;
};

export function movesOf(setting: Setting): Moves {
  const { bounds, places, packets, clients, links, session, nats } = setting;
  const hosts = hostsOf(setting);
  const { row } = hosts;
  const end = FLIGHT + bounds.flight;
  const label = (kind: MoveKind, argument: number): Move => (moveKinds.indexOf(kind) << 16) | argument;
  const [deliver, keep, lose, forge] = [
    label('deliver', 0),
    label('keep', 0),
    label('lose', 0),
    label('forge', 0),
  ];
  const [clientTimer, linkTimer] = [label('client timer', 0), label('link timer', 0)];
  const sessionTimer = label('session timer', 0);
  const [restart, leave, outage, forget] = [
    label('restart', 0),
    label('leave', 0),
    label('outage', 0),
    label('forget', 0),
  ];

  const acts: Readonly<Record<MoveKind, (argument: number) => void>> = {
    deliver: (packet) => {
      takeFromFlight(row, end, packet);
      hosts.arrive(packet, true);
    },
    keep: (packet) => hosts.arrive(packet, true),
    lose: (packet) => takeFromFlight(row, end, packet),
    forge: (packet) => {
      spend(FORGERIES);
      hosts.arrive(packet, false);
    },
    'client timer': (timer) =>
      hosts.clientHappens(timer >> 8, timerStimulus(clients[timer >> 8] as Role, timer)),
    'link timer': (timer) => hosts.linkHappens(timer >> 8, timerStimulus(links[timer >> 8] as Role, timer)),
    'session timer': (timer) => {
      if (isRefreshed(timer >> 8)) spend(EXPIRIES);
      hosts.sessionHappens(timer >> 8, timerStimulus(session, timer));
    },
    restart: (who) => {
      spend(RESTARTS);
      hosts.leave(who);
      row[PORT + who] = (row[PORT + who] as number) === 0 ? 1 : 0;
      hosts.begin(who);
    },
    leave: (who) => {
      spend(LEAVES);
      hosts.leave(who);
    },
    outage: () => {
      spend(OUTAGES);
      row.fill(0, SESSION, SESSION + 3);
    },
    forget: (hole) => {
      spend(FORGETS);
      row[HOLES + (hole >> 8)] = (row[HOLES + (hole >> 8)] as number) & ~(hole & 255);
    },
  };
  const actions = moveKinds.map((kind) => acts[kind]);

  return {
    hosts,
    begin: () => {
      row.fill(0);
      row[RESTARTS] = bounds.restarts;
      row[LEAVES] = bounds.leaves;
      row[OUTAGES] = bounds.outages;
      row[EXPIRIES] = bounds.expiries;
      row[FORGETS] = bounds.forgets;
      row[FORGERIES] = bounds.forgeries;
      hosts.begin(0);
      hosts.begin(1);
    },
    make: (from, move) => {
      row.set(from);
      hosts.signs = 0;
      (actions[move >>> 16] as (argument: number) => void)(argumentOf(move));
    },
    each: (from, visit) => {
      const go = (move: Move, fairness: number) => {
        row.set(from);
        hosts.signs = 0;
        (actions[move >>> 16] as (argument: number) => void)(move & 0xffff);
        visit(move, hosts.signs | fairness);
      };
      row.set(from);
      const isQuiet = bounds.quiet === 0 || from[FLIGHT] === 0;
      for (let at = FLIGHT; at < end && from[at] !== 0; at += 1) {
        const packet = from[at] as number;
        row.set(from);
        if (hosts.arrives(packet)) {
          go(deliver | packet, FAIR);
          if (bounds.copies === 1) go(keep | packet, 0);
          if (bounds.losses === 1) go(lose | packet, 0);
        } else go(lose | packet, FAIR);
      }
      for (let who = 0; who < 2; who += 1) {
        const client = clients[who] as Role;
        const situation = from[CLIENT + who] as number;
        timers(client, situation, isQuiet, clientTimer | (who << 8), go);
        if (from[LINK + who] !== 0)
          timers(links[who] as Role, (from[LINK + who] as number) - 1, isQuiet, linkTimer | (who << 8), go);
        const isOver = client.phase[situation] === OVER;
        if (from[RESTARTS] !== 0) go(restart | who, 0);
        if (from[LEAVES] !== 0 && !isOver) go(leave | who, 0);
        if (from[FORGETS] === 0 || (nats[who] as (typeof nats)[0]).kind === 'none') continue;
        for (let hole = 1; hole <= (from[HOLES + who] as number); hole <<= 1)
          if (((from[HOLES + who] as number) & hole) !== 0) go(forget | (who << 8) | hole, 0);
      }
      for (let name = 0; name < 3 && isQuiet; name += 1) {
        const situation = (from[SESSION + name] as number) - 1;
        if (situation < 0) continue;
        row.set(from);
        if (from[EXPIRIES] !== 0 || !isRefreshed(name))
          timers(session, situation, true, sessionTimer | (name << 8), go);
      }
      if (from[OUTAGES] !== 0) go(outage, 0);
      if (from[FORGERIES] !== 0) {
        for (const packet of packets.forgeries) {
          row.set(from);
          if (hosts.arrives(packet)) go(forge | packet, 0);
        }
      }
    },
  };

  function timers(
    role: Role,
    situation: number,
    isQuiet: boolean,
    kind: Move,
    go: (move: Move, fair: number) => void,
  ) {
    let mask = role.firable[situation] as number;
    if (!isQuiet) mask &= ~role.slow;
    for (let timer = 0; mask !== 0; timer += 1, mask >>>= 1) if ((mask & 1) !== 0) go(kind | timer, FAIR);
  }

  /** Whether the client that a session is about is there, and would have to be silent for long before it ends. */
  function isRefreshed(name: number): boolean {
    const client = session.client[(row[SESSION + name] as number) - 1] as number;
    const isAlive = name < 2 && (clients[name] as Role).phase[row[CLIENT + name] as number] !== OVER;
    return isAlive && nats[name]?.outside(row[PORT + name] as number, places.server) === client;
  }

  function timerStimulus(role: Role, argument: number): number {
    return role.part.automaton.eventCount + (argument & 255);
  }

  function spend(field: number): void {
    row[field] = (row[field] as number) - 1;
  }
}
