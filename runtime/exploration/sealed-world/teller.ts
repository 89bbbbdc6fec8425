/** Tells a run of a sealed world as the happenings that a sequence diagram is drawn from. */
import type { Fate, Happening } from '../../simulation/happening.ts';
import { CORE } from '../../simulation/network.ts';
import { wordsForTimer, wordsOnTheWay } from '../../simulation/wording.ts';
import type { Move } from '../world/moves.ts';
import { forgeries } from './attacker.ts';
import { lifeLineAt, playerIn } from './cast.ts';
import type { Hosts } from './hosts.ts';
import { argumentOfMove, kindOfMove } from './moves.ts';
import { fromOf, toOf } from './packets.ts';
import { BYSTANDER, endpointAt, NAMES } from './places.ts';
import { bytesOf } from './sizes.ts';
import { mishaps, wordsForTerm } from './wording.ts';
import { arrives, hereOf, roleAt, type Witness } from './world.ts';

type Datagram = { -readonly [Key in keyof DatagramHappening]: DatagramHappening[Key] };
type DatagramHappening = Extract<Happening, { type: 'datagram' }>;

export class Teller implements Witness {
  readonly happenings: Happening[] = [];
  readonly #hosts: Hosts;
  readonly #phases = new Map<number, string>();
  /** Equal ones go first in, first out. */
  readonly #underway: { readonly term: number; readonly datagram: Datagram }[] = [];
  /** The number of the move. */
  #at = 0;

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
  }

  /** Before the move that is counted so. */
  before(move: Move, at: number): void {
    this.#at = at;
    const [kind, argument] = [kindOfMove(move), argumentOfMove(move)];
    const delivered: Fate = { type: 'delivered', atMs: at };
    const { row } = this.#hosts;
    switch (kind) {
      case 'deliver':
        return this.#decide(row[argument] as number, delivered);
      case 'keep':
        return this.#copy(row[argument] as number, ', a copy');
      case 'lose':
        return this.#decide(row[argument] as number, this.#whyLost(row[argument] as number));
      case 'spoof':
        return this.#copy(
          row[argument >> 3] as number,
          `, as if from the ${lifeLineAt(argument & 7)}`,
          'attacker',
        );
      case 'forge': {
        const term = forgeries(this.#hosts)[argument] as number;
        const datagram = this.#datagram(term);
        const seeming = datagram.sender === 'attacker' ? '' : `, as if from ${datagram.sender}`;
        const message = `${datagram.message}${seeming}`;
        this.happenings.push({ ...datagram, sender: 'attacker', message, fate: delivered });
        return;
      }
      case 'timer': {
        const { who, chart } = playerIn(this.#hosts.setting, argument >> 5);
        const id = roleAt(this.#hosts.setting, argument >> 5).automaton.timers[argument & 31] ?? '';
        this.happenings.push({ type: 'timer', atMs: at, who, chart, timer: wordsForTimer(id) });
        return;
      }
      case 'outage':
        return this.#note('server', mishaps.outage);
      default:
        return this.#note(NAMES[argument] ?? '', mishaps[kind]);
    }
  }

  began(field: number): void {
    this.#phases.delete(field);
    this.happened(field);
  }

  happened(field: number): void {
    const { role, first, who, chart } = playerIn(this.#hosts.setting, field);
    const state = role.tags[(this.#hosts.row[field] as number) - first] ?? '';
    if (this.#phases.get(field) === state) return;
    this.#phases.set(field, state);
    this.happenings.push({ type: 'state', atMs: this.#at, who, chart, state });
  }

  swapped(one: number, other: number): void {
    const [first, second] = [this.#phases.get(one), this.#phases.get(other)];
    this.#phases.set(one, second ?? '');
    this.#phases.set(other, first ?? '');
  }

  sent(term: number): void {
    const datagram = this.#datagram(term);
    const isRoom = this.#underway.length < this.#hosts.setting.bounds.flight;
    if (toOf(term) === BYSTANDER) datagram.fate = { type: 'delivered', atMs: this.#at };
    else if (isRoom) this.#underway.push({ term, datagram });
    else datagram.fate = { type: 'dropped', by: 'network', why: 'too many are on their way' };
    this.happenings.push(datagram);
  }

  openerSent(who: number, to: number): void {
    const from = endpointAt(hereOf(this.#hosts, who));
    const fate: Fate = { type: 'dropped', by: CORE, why: wordsOnTheWay.hopsUsedUp };
    const [sender, receiver] = [NAMES[who] ?? '', lifeLineAt(to)];
    const message = 'Probe, 2 hops';
    const opener = { sender, receiver, from, to: endpointAt(to), seenFrom: from, message, bytes: 0, fate };
    this.happenings.push({ type: 'datagram', atMs: this.#at, ...opener });
  }

  #whyLost(term: number): Fate {
    if (arrives(this.#hosts, term)) return { type: 'lost' };
    const why = this.#hosts.setting.bounds.oneWay === 1 ? 'no way' : 'nobody lets it in there';
    return { type: 'dropped', by: lifeLineAt(toOf(term)), why };
  }

  #note(who: string, text: string): void {
    this.happenings.push({ type: 'note', atMs: this.#at, who, text });
  }

  #decide(term: number, fate: Fate): void {
    const at = this.#underway.findIndex((one) => one.term === term);
    const datagram = this.#underway[at]?.datagram;
    if (datagram === undefined) return;
    datagram.fate = fate;
    this.#underway.splice(at, 1);
  }

  #copy(term: number, words: string, sender?: string): void {
    const datagram = this.#datagram(term);
    const fate: Fate = { type: 'delivered', atMs: this.#at };
    const message = `${datagram.message}${words}`;
    this.happenings.push({ ...datagram, sender: sender ?? datagram.sender, message, fate });
  }

  #datagram(term: number): Datagram {
    const [from, to] = [fromOf(term), toOf(term)];
    return {
      ...{ type: 'datagram', atMs: this.#at, sender: lifeLineAt(from), receiver: lifeLineAt(to) },
      ...{ from: endpointAt(from), to: endpointAt(to), seenFrom: endpointAt(from) },
      ...{ message: wordsForTerm(term), bytes: bytesOf(term), fate: { type: 'underway' } },
    };
  }
}
