/**
 * The hosts of runtime/peer.ts, runtime/link.ts and runtime/rendezvous.ts, rule for rule, over a row of numbers: which
 * chart hears of a datagram, and what becomes of what it asks for.
 */
import { createMeter } from './amplification.ts';
import { CLIENT, FLIGHT, GIVEN, HOLES, LINK, PORT, SESSION, WISH } from './fields.ts';
import { putInFlight } from './flight.ts';
import type { Request } from './parts.ts';
import { ownerOf } from './places.ts';
import { OVER, PUNCHING, type Role, type Setting, THERE } from './setting.ts';
import { HEARD, NAME_TAKEN, SENT_TO_UNGIVEN, type Witness } from './signs.ts';
import { stimuliOf } from './stimuli.ts';

export type Hosts = {
  /** The state that is worked on. */
  readonly row: Int32Array;
  /** What the current move has shown so far. */
  signs: number;
  /** Hears of everything on the way; for telling a run, not for walking. */
  witness: Witness | undefined;
  begin(who: number): void;
  leave(who: number): void;
  clientHappens(who: number, stimulus: number): void;
  linkHappens(who: number, stimulus: number): void;
  sessionHappens(name: number, stimulus: number): void;
  /** Whether a packet would get to anybody. */
  arrives(packet: number): boolean;
  arrive(packet: number, isGenuine: boolean): void;
};

export function hostsOf(setting: Setting): Hosts {
  const { places, packets, bounds, nats, clients, links, session, isAsking } = setting;
  const row = new Int32Array(setting.layout.width);
  const end = FLIGHT + bounds.flight;
  const { server, stranger, count } = places;
  const numbered = stimuliOf(setting);
  const meter = createMeter(count);

  const hosts: Hosts = {
    row,
    signs: 0,
    witness: undefined,
    begin: (who) => {
      const life = (clients[who] as Role).beginning('life');
      row[CLIENT + who] = life.situation;
      hosts.witness?.began(CLIENT + who, 'life');
      row[WISH + who] = isAsking[who] ? 1 : 0;
      clientHappens(who, numbered.opened);
    },
    leave: (who) => {
      clientHappens(who, numbered.stop);
      endLink(who);
      row[HOLES + who] = 0;
      row[WISH + who] = 0;
    },
    clientHappens,
    linkHappens,
    sessionHappens,
    arrives: (number) => {
      const packet = packetAt(number);
      if (packet.to === server) return true;
      const who = ownerOf(places, packet.to);
      if ((clients[who] as Role).phase[row[CLIENT + who] as number] === OVER) return false;
      return natAt(who).admits(row[PORT + who] as number, row[HOLES + who] as number, packet.from, packet.to);
    },
    arrive: (number, isGenuine) => {
      const packet = packetAt(number);
      if (packet.to !== server) return receive(ownerOf(places, packet.to), number, isGenuine);
      serve(packet.from, packet.kind, packet.name);
      const sign = meter.read(packet);
      if (!isGenuine) hosts.signs |= sign;
    },
  };
  return hosts;

  function receive(who: number, number: number, isGenuine: boolean): void {
    const { kind, from, remote } = packetAt(number);
    const isHeard = kind === 'greeting' || kind === 'speech';
    if (!isHeard) {
      if (isGenuine && kind === 'initiate') give(who, remote);
      clientHappens(who, numbered.said[number] as number);
    } else if (row[LINK + who] !== 0) {
      const role = links[who] as (typeof links)[0];
      const before = (row[LINK + who] as number) - 1;
      if (role.expects[before * places.endpoints.length + from] !== 1) return;
      if (isGenuine) give(who, from);
      linkHappens(who, numbered.said[number] as number);
      const isTaken = role.phase[before] === PUNCHING && before !== (row[LINK + who] as number) - 1;
      if (isTaken) hosts.signs |= HEARD << who;
    }
    if (row[LINK + who] === 0) row[GIVEN + who] = 0;
  }

  function clientHappens(who: number, stimulus: number): void {
    const role = clients[who] as Role;
    const requests = advance(role, CLIENT + who, 0, stimulus);
    for (const request of requests) {
      if (request.kind === 'register')
        send(who, server, packets.register(outside(who, server), request.name));
      else if (request.kind === 'introduce') introduce(who, request.remote);
      else if (request.kind === 'disappoint' && row[LINK + who] !== 0)
        linkHappens(who, numbered.disappointed);
    }
    const phase = role.phase[row[CLIENT + who] as number];
    if (phase === OVER) row[WISH + who] = 0;
    if (phase !== THERE || row[WISH + who] === 0) return;
    row[WISH + who] = 0;
    if (row[LINK + who] === 0) enterLink(who, 'asking');
  }

  function introduce(who: number, remote: number): void {
    if (row[LINK + who] !== 0) return linkHappens(who, numbered.introduced[remote] as number);
    enterLink(who, `invited ${remote}`);
  }

  function enterLink(who: number, beginning: string): void {
    const role = links[who] as Role;
    const { situation, output } = role.beginning(beginning);
    row[LINK + who] = situation + 1;
    hosts.witness?.began(LINK + who, beginning);
    for (const request of role.requests[output] as readonly Request[]) performLink(who, request);
  }

  function linkHappens(who: number, stimulus: number): void {
    const role = links[who] as Role;
    const requests = advance(role, LINK + who, 1, stimulus);
    for (const request of requests) performLink(who, request);
    if (role.phase[(row[LINK + who] as number) - 1] === OVER) endLink(who);
  }

  function endLink(who: number): void {
    row[LINK + who] = 0;
    row[GIVEN + who] = 0;
  }

  function performLink(who: number, { kind, to, name }: Request): void {
    if (kind === 'request') return send(who, server, packets.request(outside(who, server), name));
    if (kind !== 'greeting' && kind !== 'opener') return;
    if (((row[GIVEN + who] as number) & givenBit(who, to)) === 0) hosts.signs |= SENT_TO_UNGIVEN;
    if (kind === 'greeting') send(who, to, packets.greeting(outside(who, to), to));
    else {
      hosts.witness?.openerSent(who, to);
      open(who, to);
    }
  }

  function serve(from: number, kind: string, name: number): void {
    const here = sessionAt(from);
    if (kind === 'request') {
      if (here >= 0) sessionHappens(here, numbered.request[name] as number);
      else answer(from, packets.unknown(from));
      return;
    }
    if (kind !== 'register') return;
    if (row[SESSION + name] !== 0) return sessionHappens(name, numbered.register[from] as number);
    if (here < 0 && sessionCount() >= bounds.capacity) return answer(from, packets.unknown(from));
    if (here >= 0) sessionHappens(here, numbered.replaced);
    row[SESSION + name] = session.beginning(`${name} ${from}`).situation + 1;
    hosts.witness?.began(SESSION + name, `${name} ${from}`);
    sessionHappens(name, numbered.register[from] as number);
  }

  function sessionHappens(name: number, stimulus: number): void {
    const before = clientOf(name);
    const requests = advance(session, SESSION + name, 1, stimulus);
    for (const { kind, to, name: other, remote } of requests) {
      if (kind === 'ack') answer(to, packets.ack(to));
      else if (kind === 'unknown' || kind === 'refuse') answer(to, packets.unknown(to));
      else if (kind === 'initiate') answer(to, packets.initiate(to, other, remote));
      else if (kind === 'seek') seek(name, other);
      else if (kind === 'moved') {
        const there = sessionAt(to, name);
        if (there >= 0) sessionHappens(there, numbered.replaced);
      } else if (kind === 'ended') row[SESSION + name] = 0;
    }
    if (row[SESSION + name] !== 0 && !isSameAddress(before, clientOf(name))) hosts.signs |= NAME_TAKEN;
  }

  function seek(name: number, peer: number): void {
    if (row[SESSION + peer] === 0 || peer === name) return sessionHappens(name, numbered.missing);
    const remote = clientOf(name);
    sessionHappens(peer, numbered.calls[name * count + remote] as number);
    sessionHappens(name, numbered.found[peer * count + clientOf(peer)] as number);
  }

  /** Looks a cell up, notes that a walk has been there, moves on, and says what is asked for. */
  function advance(role: Role, field: number, first: number, stimulus: number): readonly Request[] {
    const cell = ((row[field] as number) - first) * role.width + stimulus;
    role.visited[cell] = 1;
    row[field] = (role.next[cell] as number) + first;
    if (hosts.witness !== undefined) hosts.witness.happened(field, stimulus);
    return role.requests[role.output[cell] as number] as readonly Request[];
  }

  function send(who: number, to: number, number: number): void {
    if (number !== 0 && to !== stranger) fly(number);
    open(who, to);
  }

  function open(who: number, to: number): void {
    const { kind, holeOf } = natAt(who);
    if (kind === 'none') return;
    hosts.witness?.opening(who, to);
    row[HOLES + who] = (row[HOLES + who] as number) | (holeOf[to] as number);
  }

  function answer(to: number, number: number): void {
    if (number === 0) return;
    meter.count(to, packetAt(number).bytes);
    if (to !== stranger) fly(number);
  }

  function fly(number: number): void {
    hosts.witness?.sent(number);
    putInFlight(row, end, number);
  }

  function sessionAt(place: number, except = -1): number {
    for (let name = 0; name < 3; name += 1) {
      if (name !== except && row[SESSION + name] !== 0 && clientOf(name) === place) return name;
    }
    return -1;
  }

  function sessionCount(): number {
    return [0, 1, 2].filter((name) => row[SESSION + name] !== 0).length;
  }

  function clientOf(name: number): number {
    const situation = row[SESSION + name] as number;
    return situation === 0 ? -1 : (session.client[situation - 1] as number);
  }

  function isSameAddress(before: number, after: number): boolean {
    return (
      before < 0 ||
      before === after ||
      (before < stranger && ownerOf(places, before) === ownerOf(places, after))
    );
  }

  function give(who: number, place: number): void {
    row[GIVEN + who] = (row[GIVEN + who] as number) | givenBit(who, place);
  }

  function givenBit(who: number, place: number): number {
    if (place === stranger) return 1;
    return ownerOf(places, place) === who ? 2 : 4 << (place % places.ports);
  }

  function outside(who: number, to: number): number {
    return natAt(who).outside(row[PORT + who] as number, to);
  }

  function natAt(who: number) {
    return nats[who] as (typeof nats)[0];
  }

  function packetAt(number: number) {
    return packets.list[number - 1] as (typeof packets.list)[0];
  }
}
