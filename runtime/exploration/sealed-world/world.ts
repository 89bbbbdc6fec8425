/** The state that the hosts of a sealed world work on, and what all of them do: advance charts, send, look at the flight. */
import { CLIENT, EPOCH, FLIGHT, HOLES, INTRODUCTION, LINK, PLACE, PROVEN, SESSION } from './fields.ts';
import { fromOf, isForServer, isSealed, toOf } from './packets.ts';
import { ATTACKER, BYSTANDER, ownerOf, PLACES, placeOf } from './places.ts';
import type { Request, Role, Setting } from './setting.ts';
import { AMPLIFIED } from './signs.ts';
import { bytesOf } from './sizes.ts';

/** Hears of everything on the way; for telling a run, not for walking. */
export type Witness = {
  /** A chart comes to life, in this field. */
  began(field: number, beginning: string): void;
  happened(field: number, stimulus: number): void;
  sent(term: number): void;
  /** A probe that dies on its way, and opens a hole. */
  openerSent(who: number, to: number): void;
  /** The charts in these fields change places. */
  swapped(one: number, other: number): void;
};

export type World = {
  readonly setting: Setting;
  readonly row: Int32Array;
  /** What the current move has shown so far. */
  signs: number;
  witness: Witness | undefined;
};

export function roleAt({ clients, links, session, introduction }: Setting, field: number): Role {
  if (field >= INTRODUCTION) {
    if (field >= LINK) return links[(field - LINK) >> 1] as Role;
    return introduction;
  }
  return field >= SESSION ? session : (clients[field - CLIENT] as Role);
}

/** The phase of a chart; undefined if there is none. */
export function phaseAt({ setting, row }: World, field: number): number | undefined {
  const first = field < SESSION ? 0 : 1;
  return roleAt(setting, field).phase[(row[field] as number) - first];
}

/** Where a chart's client or peer is, as the chart sees it. */
export function placeAt({ setting, row }: World, field: number): number {
  return roleAt(setting, field).at[(row[field] as number) - 1] as number;
}

/** Brings a chart to life, and says what it asks for. */
export function begin(world: World, field: number, name: string): readonly Request[] {
  const role = roleAt(world.setting, field);
  const { situation, output } = role.beginning(name);
  world.row[field] = situation + (field < SESSION ? 0 : 1);
  world.witness?.began(field, name);
  return role.requests[output] as readonly Request[];
}

/** Looks a cell up, moves on, and says what is asked for. */
export function advance(world: World, field: number, stimulus: number): readonly Request[] {
  const { setting, row } = world;
  const role = roleAt(setting, field);
  const first = field < SESSION ? 0 : 1;
  const cell = ((row[field] as number) - first) * role.width + stimulus;
  row[field] = (role.next[cell] as number) + first;
  world.witness?.happened(field, stimulus);
  return role.requests[role.output[cell] as number] as readonly Request[];
}

/** The address that a client is at. */
export function hereOf({ row }: World, who: number): number {
  return placeOf(who, row[PLACE + who] as number);
}

/** A client sends; its NAT remembers whereto. */
export function send(world: World, who: number, term: number): void {
  open(world, who, toOf(term));
  fly(world, term);
}

export function open({ row, setting }: World, who: number, to: number): void {
  if (setting.bounds.nats === 1 && to < PLACES) row[HOLES + who] = (row[HOLES + who] as number) | (1 << to);
}

/**
 * The server sends, in answer to `cause`, or to nothing (0): to an address that has not proved that it is there, one
 * datagram for each that came from it, and none that is larger.
 */
export function answer(world: World, term: number, cause: number, answered = 0): void {
  const to = toOf(term);
  const isProven = ((world.row[PROVEN] as number) & (1 << to)) !== 0;
  const isFair = cause !== 0 && fromOf(cause) === to && answered === 0 && bytesOf(term) <= bytesOf(cause);
  if (!isProven && !isFair) world.signs |= AMPLIFIED;
  fly(world, term);
}

/** Adds a packet to the flight; in vain, if there are too many, or if it is there and can be delivered again. */
function fly(world: World, term: number): void {
  const { row, setting } = world;
  world.witness?.sent(term);
  const end = FLIGHT + setting.bounds.flight;
  const to = toOf(term);
  if (to === BYSTANDER || row[end - 1] !== 0) return;
  if (to === ATTACKER && !isSealed(term)) return;
  let at = FLIGHT;
  while ((row[at] as number) > term) at += 1;
  if (row[at] === term && !isSealed(term)) return;
  for (let index = end - 1; index > at; index -= 1) row[index] = row[index - 1] as number;
  row[at] = term;
}

/** Takes the packet at this place of the flight out of it. */
export function takeOut({ row, setting }: World, at: number): void {
  const end = FLIGHT + setting.bounds.flight;
  for (let index = at; index < end - 1; index += 1) row[index] = row[index + 1] as number;
  row[end - 1] = 0;
}

/** Whether some packet in flight is like that. */
export function flies({ row, setting }: World, isSought: (term: number) => boolean): boolean {
  const end = FLIGHT + setting.bounds.flight;
  for (let at = FLIGHT; at < end && row[at] !== 0; at += 1) if (isSought(row[at] as number)) return true;
  return false;
}

/** Whether a packet would get through, if nobody meddled: to where somebody is, over a path that there is. */
export function arrives(world: World, term: number): boolean {
  const { row, setting } = world;
  const to = toOf(term);
  const who = ownerOf(to);
  if (isForServer(term) || who < 0) return true;
  if (hereOf(world, who) !== to) return false;
  const from = fromOf(term);
  if (from >= PLACES) return true;
  if (setting.bounds.oneWay === 1 && who === 0) return false;
  return setting.bounds.nats === 0 || ((row[HOLES + who] as number) & (1 << from)) !== 0;
}

export function epochOf({ row }: World): number {
  return row[EPOCH] as number;
}
