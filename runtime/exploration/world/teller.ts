/** Tells a run of a world as the happenings that a sequence diagram is drawn from. */
import type { Endpoint } from '../../../machines/endpoint.ts';
import { greetingOf } from '../../../machines/link.ts';
import { OPENER_HOPS } from '../../../machines/timing.ts';
import { encode, type Message } from '../../../machines/wire.ts';
import type { Fate, Happening } from '../../simulation/happening.ts';
import { CORE } from '../../simulation/network.ts';
import { wordsFor, wordsForTimer, wordsOnTheWay } from '../../simulation/wording.ts';
import { lifeLineAt, nameAt, natNameOf, playerIn, timerOf } from './cast.ts';
import { CLIENT, HOLES, LINK, PORT, SESSION } from './fields.ts';
import type { Hosts } from './hosts.ts';
import { argumentOf, kindOf, type Move } from './moves.ts';
import { mishaps, obstacleTo } from './narration.ts';
import type { Packet } from './packets.ts';
import type { Setting } from './setting.ts';
import type { Witness } from './signs.ts';

type Datagram = { -readonly [Key in keyof DatagramHappening]: DatagramHappening[Key] };
type DatagramHappening = Extract<Happening, { type: 'datagram' }>;

export class Teller implements Omit<Witness, 'began' | 'happened'> {
  readonly happenings: Happening[] = [];
  readonly #setting: Setting;
  readonly #hosts: Hosts;
  readonly #phases = new Map<number, string>();
  /** By the number of the packet. Equal ones are one. */
  readonly #underway = new Map<number, Datagram>();
  /** The number of the move. */
  #at = 0;

  constructor(setting: Setting, hosts: Hosts) {
    this.#setting = setting;
    this.#hosts = hosts;
  }

  /** Before the move that is counted so. */
  before(move: Move, at: number): void {
    this.#at = at;
    const [kind, argument] = [kindOf(move), argumentOf(move)];
    switch (kind) {
      case 'deliver':
        return this.#decide(argument, { type: 'delivered', atMs: at });
      case 'keep':
        return this.#keep(argument);
      case 'lose':
        return this.#decide(argument, obstacleTo(this.#setting, this.#hosts, argument) ?? { type: 'lost' });
      case 'forge':
        return this.#forge(argument);
      case 'client timer':
        return this.#due(CLIENT + (argument >> 8), argument);
      case 'link timer':
        return this.#due(LINK + (argument >> 8), argument);
      case 'session timer':
        return this.#due(SESSION + (argument >> 8), argument);
      case 'restart':
        return this.#note(nameAt(argument), mishaps.restart);
      case 'leave':
        return this.#note(nameAt(argument), mishaps.leave);
      case 'outage':
        return this.#note('server', mishaps.outage);
      case 'forget':
        return this.#note(natNameOf(argument >> 8), mishaps.forget);
    }
  }

  began(field: number): void {
    this.#phases.delete(field);
    this.#enter(field);
  }

  happened(field: number): void {
    this.#enter(field);
  }

  sent(number: number): void {
    const datagram = this.#datagram(number);
    const isRoom = this.#underway.size < this.#setting.bounds.flight;
    if (this.#underway.has(number)) datagram.fate = inVain('one like it is on its way');
    else if (isRoom) this.#underway.set(number, datagram);
    else datagram.fate = inVain('too many are on their way');
    this.happenings.push(datagram);
  }

  openerSent(who: number, to: number): void {
    const message = { type: 'message', text: greetingOf(nameAt(who)) } as const;
    const fate: Fate = { type: 'dropped', by: CORE, why: wordsOnTheWay.hopsUsedUp };
    this.happenings.push({ ...this.#between(this.#outside(who, to), to, message, OPENER_HOPS), fate });
  }

  opening(who: number, to: number): void {
    const { nats, places } = this.#setting;
    const nat = nats[who as 0 | 1];
    const [port, holes] = [this.#hosts.row[PORT + who] as number, this.#hosts.row[HOLES + who] as number];
    if ((holes & (nat.holeOf[to] as number)) !== 0) return;
    const outside = nat.outside(port, to);
    const [outer, far] = [places.endpoints[outside] as Endpoint, places.endpoints[to] as Endpoint];
    const text = nat.maps(port, holes, outside)
      ? wordsOnTheWay.admits(far)
      : wordsOnTheWay.maps(nameAt(who), outer, nat.isPerDestination ? wordsOnTheWay.onlyFor(far) : '');
    this.#note(natNameOf(who), text);
  }

  #enter(field: number): void {
    const { role, first, who, chart } = playerIn(this.#setting, field);
    const state = role.part.phases[(this.#hosts.row[field] as number) - first] ?? '';
    if (this.#phases.get(field) === state) return;
    this.#phases.set(field, state);
    this.happenings.push({ type: 'state', atMs: this.#at, who, chart, state });
  }

  #due(field: number, argument: number): void {
    const { role, who, chart } = playerIn(this.#setting, field);
    const timer = wordsForTimer(timerOf(role, argument));
    this.happenings.push({ type: 'timer', atMs: this.#at, who, chart, timer });
  }

  #note(who: string, text: string): void {
    this.happenings.push({ type: 'note', atMs: this.#at, who, text });
  }

  #decide(number: number, fate: Fate): void {
    const datagram = this.#underway.get(number);
    if (datagram !== undefined) datagram.fate = fate;
    this.#underway.delete(number);
  }

  #keep(number: number): void {
    const datagram = this.#underway.get(number);
    if (datagram === undefined) return;
    const copy: Datagram = { ...datagram, message: `${datagram.message.replace(/, doubled$/, '')}, doubled` };
    this.happenings.splice(this.happenings.indexOf(datagram) + 1, 0, copy);
    this.#decide(number, { type: 'delivered', atMs: this.#at });
    this.#underway.set(number, copy);
  }

  #forge(number: number): void {
    const datagram = this.#datagram(number);
    const pretended = datagram.sender === 'stranger' ? '' : `, as if from ${datagram.sender}`;
    const message = `${datagram.message}${pretended}`;
    const fate: Fate = { type: 'delivered', atMs: this.#at };
    this.happenings.push({ ...datagram, sender: 'stranger', message, fate });
  }

  #datagram(number: number): Datagram {
    const { from, to, message } = this.#setting.packets.list[number - 1] as Packet;
    return this.#between(from, to, message);
  }

  #between(from: number, to: number, message: Message, hops?: number): Datagram {
    const { places } = this.#setting;
    const source = places.endpoints[from] as Endpoint;
    return {
      type: 'datagram',
      atMs: this.#at,
      sender: lifeLineAt(places, from),
      receiver: lifeLineAt(places, to),
      from: source,
      to: places.endpoints[to] as Endpoint,
      seenFrom: source,
      message: wordsFor(message, hops),
      bytes: encode(message).length,
      fate: { type: 'underway' },
    };
  }

  #outside(who: number, to: number): number {
    return this.#setting.nats[who as 0 | 1].outside(this.#hosts.row[PORT + who] as number, to);
  }
}

/** Sent, but not among the packets in flight. */
function inVain(why: string): Fate {
  return { type: 'dropped', by: 'network', why };
}
