/** Who plays which field of a sealed world, and the life lines of a diagram of it. */
import type { Lifeline } from '../../simulation/lifelines.ts';
import { CLIENT, INTRODUCTION, LINK, SESSION } from './fields.ts';
import { ATTACKER, BYSTANDER, NAMES, ownerOf, SERVER } from './places.ts';
import type { Role, Setting } from './setting.ts';
import { roleAt } from './world.ts';

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

export function playerIn(setting: Setting, field: number): Player {
  const role = roleAt(setting, field);
  if (field >= INTRODUCTION && field < LINK) {
    const chart = `introduction:${field - INTRODUCTION + 1}`;
    return { role, first: 1, who: 'server', chart, actor: `server/${chart}` };
  }
  if (field >= SESSION && field < INTRODUCTION) {
    const chart = `session:${field - SESSION + 1}`;
    return { role, first: 1, who: 'server', chart, actor: `server/${chart}` };
  }
  if (field >= LINK) {
    const who = NAMES[(field - LINK) >> 1] ?? '';
    const peer = NAMES[1 - ((field - LINK) >> 1)] ?? '';
    const chart = `link:${peer}${((field - LINK) & 1) === 0 ? '' : ' (beside)'}`;
    return { role, first: 1, who, chart, actor: `${who}/${chart}` };
  }
  const who = NAMES[field - CLIENT] ?? '';
  return { role, first: 0, who, chart: 'client', actor: `${who}/client` };
}

/** Those that a diagram of this world needs, from left to right. */
export function lifelinesIn({ bounds }: Setting): readonly Lifeline[] {
  const host = (name: string) => ({ name, isOnTheWay: false });
  const hasOthers = bounds.forgeries > 0;
  return [
    ...[host('alice'), host('server'), ...(bounds.clients === 2 ? [host('bob')] : [])],
    ...(hasOthers ? [host('attacker')] : []),
    ...(hasOthers || bounds.candidates > 0 ? [host('bystander')] : []),
  ];
}

/** The life line of whoever has an address. */
export function lifeLineAt(place: number): string {
  if (place === SERVER) return 'server';
  if (place === ATTACKER) return 'attacker';
  return place === BYSTANDER ? 'bystander' : (NAMES[ownerOf(place)] ?? '');
}
