/** Who plays which field of a composed state, and the life lines of a diagram of it. */
import type { Lifeline } from '../../simulation/lifelines.ts';
import { CLIENT, LINK, SESSION } from './fields.ts';
import { ALICE, BOB, NAMES, ownerOf, type Places } from './places.ts';
import type { Role, Setting } from './setting.ts';

/** The fields that charts play in: clients, links, sessions. */
export type Player = {
  readonly role: Role;
  /** The number of the first situation: 1 where 0 says that nobody plays. */
  readonly first: number;
  /** The life line, and the chart as happenings call it: `alice` and `link:bob`. */
  readonly who: string;
  readonly chart: string;
  /** As an actor in a trace. */
  readonly actor: string;
};

export function playerIn({ clients, links, session }: Setting, field: number): Player {
  if (field >= SESSION) {
    const name = nameAt(field - SESSION);
    return { role: session, first: 1, who: 'server', chart: `session:${name}`, actor: `server/${name}` };
  }
  if (field >= LINK) {
    const who = nameAt(field - LINK);
    const chart = `link:${nameAt(1 - (field - LINK))}`;
    return { role: links[field - LINK] as Role, first: 1, who, chart, actor: `${who}/${chart}` };
  }
  const who = nameAt(field - CLIENT);
  return { role: clients[field - CLIENT] as Role, first: 0, who, chart: 'client', actor: `${who}/client` };
}

/** The name of a player's timer, by its number in a move. */
export function timerOf({ part: { automaton } }: Role, argument: number): string {
  return automaton.timers[argument & 255] ?? '';
}

/** Those that a diagram of this world needs, from left to right. */
export function lifelinesIn({ nats, bounds }: Setting): readonly Lifeline[] {
  const host = (name: string) => ({ name, isOnTheWay: false });
  const box = (who: 0 | 1) => (nats[who].kind === 'none' ? [] : [{ name: natNameOf(who), isOnTheWay: true }]);
  return [
    ...[host(nameAt(ALICE)), ...box(ALICE), host('server'), ...box(BOB), host(nameAt(BOB))],
    ...(bounds.forgeries === 0 ? [] : [host('stranger')]),
  ];
}

/** The life line of whoever has an address. */
export function lifeLineAt(places: Places, place: number): string {
  if (place === places.server) return 'server';
  return NAMES[ownerOf(places, place)] ?? 'stranger';
}

export function natNameOf(who: number): string {
  return `${nameAt(who)}'s NAT`;
}

export function nameAt(who: number): string {
  return NAMES[who] ?? 'nobody';
}
