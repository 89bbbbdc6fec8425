/** Every datagram that can exist in a world, as a number from 1. Those that only a stranger sends come last. */
import { greetingOf } from '../../../machines/link.ts';
import { encode, type Message } from '../../../machines/wire.ts';
import { ALICE, BOB, NAMES, ownerOf, type Places } from './places.ts';

export type Packet = {
  readonly kind: PacketKind;
  readonly from: number;
  readonly to: number;
  /** Which of {@link NAMES}, in a Register, a HolePunchRequest and a HolePunchInitiate. */
  readonly name: number;
  /** The address inside a HolePunchInitiate. */
  readonly remote: number;
  readonly message: Message;
  readonly bytes: number;
};

export type PacketKind = 'register' | 'request' | 'ack' | 'unknown' | 'initiate' | 'greeting' | 'speech';

export type Packets = {
  readonly list: readonly Packet[];
  /** The number of a packet; 0 for one that nobody in this world could receive. */
  register(from: number, name: number): number;
  request(from: number, name: number): number;
  ack(to: number): number;
  unknown(to: number): number;
  initiate(to: number, name: number, remote: number): number;
  greeting(from: number, to: number): number;
  /** Everything a stranger can make up. */
  readonly forgeries: readonly number[];
};

export function packetsOf(places: Places): Packets {
  const { count, server, stranger, endpoints } = places;
  const list: Packet[] = [];
  const numbers = new Map<number, number>();
  const keyOf = (kind: number, from: number, to: number, name: number, remote: number) =>
    (((kind * 32 + from) * 32 + to) * 4 + name) * 32 + remote;
  const add = (kind: PacketKind, from: number, to: number, message: Message, name = 0, remote = 0) => {
    const bytes = encode(message).length;
    const number = list.push({ kind, from, to, name, remote, message, bytes });
    numbers.set(keyOf(kinds.indexOf(kind), from, to, name, remote), number);
  };
  const all = Array.from({ length: count }, (_, place) => place);
  const clients = all.filter((place) => place !== stranger);
  const nameOf = (name: number): string => NAMES[name] ?? '';

  for (const from of all) {
    for (const name of [ALICE, BOB, 2]) {
      add('register', from, server, { type: 'register', name: nameOf(name) }, name);
      add('request', from, server, { type: 'holePunchRequest', name: nameOf(name) }, name);
    }
  }
  for (const to of clients) {
    const peer = ownerOf(places, to) === ALICE ? BOB : ALICE;
    for (const from of [server, stranger]) {
      add('ack', from, to, { type: 'registerAck' });
      add('unknown', from, to, { type: 'holePunchResponseUnknown' });
      for (const remote of all) {
        const endpoint = endpoints[remote] ?? { address: '', port: 0 };
        add(
          'initiate',
          from,
          to,
          { type: 'holePunchInitiate', name: nameOf(peer), remote: endpoint },
          peer,
          remote,
        );
      }
    }
    for (const from of all.filter((place) => ownerOf(places, place) !== ownerOf(places, to))) {
      add('greeting', from, to, { type: 'message', text: greetingOf(nameOf(peer)) });
      add('speech', from, to, { type: 'message', text: 'good morning' });
    }
  }

  const number = (kind: PacketKind, from: number, to: number, name = 0, remote = 0) =>
    numbers.get(keyOf(kinds.indexOf(kind), from, to, name, remote)) ?? 0;
  return {
    list,
    register: (from, name) => number('register', from, server, name),
    request: (from, name) => number('request', from, server, name),
    ack: (to) => number('ack', server, to),
    unknown: (to) => number('unknown', server, to),
    initiate: (to, name, remote) => number('initiate', server, to, name, remote),
    greeting: (from, to) => number('greeting', from, to),
    forgeries: list.map((_, index) => index + 1),
  };
}

const kinds: readonly PacketKind[] = [
  'register',
  'request',
  'ack',
  'unknown',
  'initiate',
  'greeting',
  'speech',
];
