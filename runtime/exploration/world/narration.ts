/** Moves in words, and why packets do not arrive. */
import { type Endpoint, formatEndpoint } from '../../../machines/endpoint.ts';
import type { Fate } from '../../simulation/happening.ts';
import { wordsFor, wordsForTimer, wordsOnTheWay } from '../../simulation/wording.ts';
import { nameAt, natNameOf, timerOf } from './cast.ts';
import { HOLES, PORT } from './fields.ts';
import type { Hosts } from './hosts.ts';
import { argumentOf, kindOf, type Move } from './moves.ts';
import type { Packet } from './packets.ts';
import { ownerOf } from './places.ts';
import type { Role, Setting } from './setting.ts';

/** A move as a sentence's worth: `Register(alice), 198.51.100.1:5001 to 192.0.2.1:39738, arrives`. */
export function describeMove(setting: Setting, move: Move): string {
  const { places, packets, clients, links, session } = setting;
  const argument = argumentOf(move);
  const packet = () => {
    const { message, from, to } = packets.list[argument - 1] as Packet;
    const at = (place: number) => formatEndpoint(places.endpoints[place] as Endpoint);
    return `${wordsFor(message)}, ${at(from)} to ${at(to)},`;
  };
  const due = (subject: string, role: Role | undefined) =>
    `${subject}: timer ${role === undefined ? '' : wordsForTimer(timerOf(role, argument))} is due`;
  const owner = argument >> 8;
  switch (kindOf(move)) {
    case 'deliver':
      return `${packet()} arrives`;
    case 'keep':
      return `${packet()} arrives, and a copy stays on its way`;
    case 'lose':
      return `${packet()} is lost`;
    case 'forge':
      return `${packet()} is forged by a stranger`;
    case 'client timer':
      return due(nameAt(owner), clients[owner]);
    case 'link timer':
      return due(`${nameAt(owner)} to ${nameAt(1 - owner)}`, links[owner]);
    case 'session timer':
      return due(`session of ${nameAt(owner)}`, session);
    case 'restart':
      return `${nameAt(argument)} ${mishaps.restart}`;
    case 'leave':
      return `${nameAt(argument)} ${mishaps.leave}`;
    case 'outage':
      return `server ${mishaps.outage}`;
    case 'forget':
      return `${natNameOf(owner)} ${mishaps.forget}`;
  }
}

/** What may befall a world, in words that follow a name. */
export const mishaps = {
  restart: 'comes back as a new process at another port',
  leave: 'leaves without a word',
  outage: 'restarts and knows nobody',
  forget: 'closes a hole early',
} as const;

/** Who stops a packet, and why; undefined if it would get to somebody. */
export function obstacleTo(
  { packets, places, nats }: Setting,
  hosts: Hosts,
  number: number,
): Fate | undefined {
  if (hosts.arrives(number)) return undefined;
  const { from, to } = packets.list[number - 1] as Packet;
  const who = ownerOf(places, to);
  const nat = nats[who as 0 | 1];
  const [port, holes] = [hosts.row[PORT + who] as number, hosts.row[HOLES + who] as number];
  if (nat.kind !== 'none' && !nat.admits(port, holes, from, to)) {
    const why = nat.maps(port, holes, to) ? wordsOnTheWay.unexpectedPort : wordsOnTheWay.noMapping;
    return { type: 'dropped', by: natNameOf(who), why };
  }
  const why = wordsOnTheWay.nobodyAt(places.endpoints[to] as Endpoint);
  return { type: 'dropped', by: nameAt(who), why };
}
