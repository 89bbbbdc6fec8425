/** Moves and packets in words. */
import { argumentOf, kindOf, type Move } from './moves.ts';
import type { Packet } from './packets.ts';
import { NAMES, ownerOf, type Places } from './places.ts';
import type { Role, Setting } from './setting.ts';

/** A move as a sentence's worth: `delivers Register(alice) a1 -> server`. */
export function describeMove(setting: Setting, move: Move): string {
  const { places, packets, clients, links, session } = setting;
  const argument = argumentOf(move);
  const packet = () => {
    const sent = packets.list[argument - 1];
    return sent === undefined
      ? 'nothing'
      : `${labelOfPacket(places, sent)} ${places.labels[sent.from]} -> ${places.labels[sent.to]}`;
  };
  const who = NAMES[argument] ?? '';
  const timer = (role: Role | undefined) =>
    role?.part.automaton.stimuli[role.part.automaton.eventCount + (argument & 255)] ?? '';
  switch (kindOf(move)) {
    case 'deliver':
      return `${packet()} arrives`;
    case 'keep':
      return `${packet()} arrives, and a copy stays on its way`;
    case 'lose':
      return `${packet()} is lost`;
    case 'forge':
      return `a stranger forges ${packet()}`;
    case 'client timer':
      return `${NAMES[argument >> 8]}: ${timer(clients[argument >> 8])}`;
    case 'link timer':
      return `${NAMES[argument >> 8]}'s link: ${timer(links[argument >> 8])}`;
    case 'session timer':
      return `${NAMES[argument >> 8]}'s session: ${timer(session)}`;
    case 'restart':
      return `${who} comes back as a new process at another port`;
    case 'leave':
      return `${who} leaves without a word`;
    case 'outage':
      return 'the server restarts and knows nobody';
    case 'forget':
      return `the NAT of ${NAMES[argument >> 8]} closes a hole`;
  }
}

export function labelOfPacket({ labels }: Places, { kind, name, remote }: Packet): string {
  switch (kind) {
    case 'register':
      return `Register(${NAMES[name]})`;
    case 'request':
      return `HolePunchRequest(${NAMES[name]})`;
    case 'ack':
      return 'RegisterAck';
    case 'unknown':
      return 'HolePunchResponseUnknown';
    case 'initiate':
      return `HolePunchInitiate(${NAMES[name]}, ${labels[remote]})`;
    case 'greeting':
      return 'Message(greeting)';
    case 'speech':
      return 'Message(words)';
  }
}

/** Whose address it is, as the name of a life line. */
export function lifeLineOf(places: Places, place: number): string {
  if (place === places.server) return 'server';
  return NAMES[ownerOf(places, place)] ?? 'stranger';
}
