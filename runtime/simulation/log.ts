import type { Endpoint } from '../../machines/endpoint.ts';
import type { Fate, Happening } from './happening.ts';
import { Overheard } from './overheard.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { hopsText, wordsIn } from './wording.ts';

/** A datagram on its way: what it will be known as. */
export type Sighting = { receiver: string; seenFrom: Endpoint; fate: Fate };

/** Numbers of a run. `dropped` has only what a box stopped. */
export type Traffic = { sent: number; delivered: number; lost: number; dropped: number };

/** Writes down what happens, and counts it. */
export class Log {
  readonly traffic: Traffic = { sent: 0, delivered: 0, lost: 0, dropped: 0 };
  readonly overheard = new Overheard();
  /** Whether anything more is written down; counting goes on. */
  isOpen: boolean;
  readonly #clock: VirtualClock;
  readonly #happenings: Happening[] = [];

  constructor(clock: VirtualClock, isOpen: boolean) {
    this.#clock = clock;
    this.isOpen = isOpen;
  }

  /** What has happened, in the order in which it began. */
  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  sent(
    sender: string,
    receiver: string,
    from: Endpoint,
    to: Endpoint,
    bytes: Uint8Array,
    { hops, isCopy = false }: { readonly hops?: number | undefined; readonly isCopy?: boolean } = {},
  ): Sighting {
    if (!isCopy) this.traffic.sent += 1;
    if (!this.isOpen) return { receiver, seenFrom: from, fate: { type: 'lost' } };
    const words = `${this.overheard.wordsIn(bytes) ?? wordsIn(bytes)}${hopsText(hops)}`;
    const message = `${words}${isCopy ? ', doubled' : ''}`;
    const fate: Fate = { type: 'lost' };
    const seen = { sender, receiver, from, to, seenFrom: from, message, bytes: bytes.length, fate };
    const happening = { type: 'datagram' as const, atMs: this.#clock.now(), ...seen };
    this.#happenings.push(happening);
    return happening;
  }

  delivered(sighting: Sighting, receiver: string, seenFrom: Endpoint): void {
    this.traffic.delivered += 1;
    sighting.receiver = receiver;
    sighting.seenFrom = seenFrom;
    sighting.fate = { type: 'delivered', atMs: this.#clock.now() };
  }

  lost(sighting: Sighting): void {
    this.traffic.lost += 1;
    sighting.fate = { type: 'lost' };
  }

  dropped(sighting: Sighting, by: string, why: string, seenFrom: Endpoint): void {
    this.traffic.dropped += 1;
    sighting.seenFrom = seenFrom;
    sighting.fate = { type: 'dropped', by, why };
  }

  note(who: string, text: string): void {
    if (this.isOpen) this.#happenings.push({ type: 'note', atMs: this.#clock.now(), who, text });
  }

  /** Comes before what `who` sends on entering, which is heard of first. */
  entered(who: string, chart: string, state: string): void {
    if (!this.isOpen) return;
    const atMs = this.#clock.now();
    const place = beginningOf(this.#happenings, who, atMs);
    this.#happenings.splice(place, 0, { type: 'state', atMs, who, chart, state });
  }
}

/** Before what `who` has just sent, and what boxes noted about it. */
function beginningOf(happenings: readonly Happening[], who: string, atMs: number): number {
  let place = happenings.length;
  for (;;) {
    const sent = happenings.findLastIndex(({ type }, index) => index < place && type !== 'note');
    const last = happenings[sent];
    if (last?.type !== 'datagram' || last.sender !== who || last.atMs !== atMs) return place;
    place = sent;
  }
}
