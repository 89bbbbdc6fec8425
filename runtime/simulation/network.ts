import { type Endpoint, sameAddress } from '../../machines/endpoint.ts';
import type { Random } from '../ambient.ts';
import type { Transport } from '../transport.ts';
import type { Access } from './behaviour.ts';
import { Host, type Wire } from './host.ts';
import { type Box, type Household, isIn, settle } from './household.ts';
import { Log, type Sighting } from './log.ts';
import type { Packet } from './nat.ts';
import { chance, delayOf, type Path, smoothPath } from './path.ts';
import { seededRandom } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { wordsOnTheWay } from './wording.ts';

export type NetworkOptions = {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly isRecorded: boolean;
};

export const CORE = 'core';
export const SERVER = 'server';
export const SERVER_ENDPOINT: Endpoint = { address: '192.0.2.1', port: 39_738 };
export const SERVER_ENDPOINT_IPV6: Endpoint = { address: '2001:db8::1', port: 39_738 };

/**
 * An internet in virtual time: a server in its middle, and households around it. Every box, and the middle, is a
 * router that costs a datagram a hop, and judges what comes in when it comes in. Equal seeds give equal runs.
 */
export class SimulatedNetwork implements Wire {
  readonly log: Log;
  readonly random: Random;
  readonly #clock: VirtualClock;
  readonly #households: Household[] = [];
  readonly #hosts: Host[] = [];
  readonly #inFlight = new Set<Letter>();

  constructor({ clock, seed, isRecorded }: NetworkOptions) {
    this.#clock = clock;
    this.random = seededRandom(seed);
    this.log = new Log(clock, isRecorded);
  }

  /** Whether nothing is on its way. */
  get isQuiet(): boolean {
    return this.#inFlight.size === 0;
  }

  /** Lets time pass until the fate of every datagram is known that has been sent by now. */
  settle(): void {
    const open = [...this.#inFlight];
    while (open.some((letter) => this.#inFlight.has(letter)) && this.#clock.runNext());
  }

  /** A household whose boxes are called `owner` NAT, such as `alice's`. */
  household(owner: string, access: Access, path: Path): Household {
    const household = settle(this.#households.length + 1, owner, access, path, this.random);
    this.#households.push(household);
    return household;
  }

  /** From now on nothing is lost, doubled or held back; what is on its way stays as it is. */
  calm(): void {
    for (const household of this.#households)
      household.path = { ...household.path, loss: 0, duplication: 0, reordering: 0 };
  }

  /** A socket on a host of its own. */
  host(name: string, household: Household, port: number): Host {
    return this.#plug(name, household, [this.#vacancyIn(household, port)]);
  }

  /** A host leaves its household for another one. What is sent to where it was finds nobody. */
  roam(host: Host, household: Household): void {
    host.carryTo(household, this.#vacancyIn(household, host.local.port));
  }

  /** A socket in the middle of the network, at both versions of IP. */
  server(): Transport {
    return this.#plug(SERVER, undefined, [SERVER_ENDPOINT, SERVER_ENDPOINT_IPV6]);
  }

  /** Where a household finds the server. */
  serverFor({ access }: Household): Endpoint {
    return access.family === 6 ? SERVER_ENDPOINT_IPV6 : SERVER_ENDPOINT;
  }

  send(host: Host, to: Endpoint, bytes: Uint8Array, hops: number = HOPS): void {
    const from = host.localFor(to);
    const letter: Letter = {
      bytes: bytes.slice(),
      sender: host,
      from,
      to,
      sighting: this.log.sent(host.name, this.#addressee(to), from, to, bytes, {
        hops: hops === HOPS ? undefined : hops,
      }),
    };
    this.#inFlight.add(letter);
    const packet = { source: from, target: to };
    const neighbour = this.#hosts.find(
      ({ household, local }) =>
        household !== undefined && household === host.household && sameAddress(local, to),
    );
    if (neighbour !== undefined) this.#clock.setTimeout(() => this.#arrive(letter, packet), 0);
    else this.#goOut(letter, packet, hops);
  }

  unplug(host: Host): void {
    const index = this.#hosts.indexOf(host);
    if (index >= 0) this.#hosts.splice(index, 1);
  }

  #plug(name: string, household: Household | undefined, locals: readonly [Endpoint, ...Endpoint[]]): Host {
    const host = new Host(name, household, locals, this);
    this.#hosts.push(host);
    return host;
  }

  #vacancyIn(household: Household, port: number): Endpoint {
    const number = this.#hosts.filter((host) => host.household === household).length;
    return { address: household.addressOf(number), port };
  }

  #goOut(letter: Letter, packet: Packet, hops: number): void {
    const { household } = letter.sender;
    let left = hops;
    let current = packet;
    for (const [index, box] of (household?.boxes ?? []).entries()) {
      const fault = household === undefined ? undefined : faultAt(household, left);
      if (fault !== undefined) return this.#drop(letter, box.name, fault, current.source);
      left -= 1;
      const treatment = box.nat.outbound(current, this.#clock.now());
      if (treatment.type === 'dropped') return this.#drop(letter, box.name, treatment.why, current.source);
      if (treatment.remark !== undefined) this.log.note(box.name, treatment.remark);
      current = treatment.packet;
      if (treatment.type === 'turned' && household !== undefined)
        return this.#comeIn(letter, household, household.boxes.slice(0, index), current, left);
    }
    if (household !== undefined && household.boxes.length === 0) left -= 1;
    this.#cross(letter, current, left);
  }

  /** From one household's line through the middle to another's, or to the server. */
  #cross(letter: Letter, packet: Packet, hops: number): void {
    if (hops <= 1) return this.#drop(letter, CORE, wordsOnTheWay.hopsUsedUp, packet.source);
    const target = this.#householdOf(packet.target);
    const up = letter.sender.household?.path ?? smoothPath;
    const down = target?.path ?? smoothPath;
    if (target === undefined && this.#hostAt(packet.target) === undefined)
      return this.#drop(letter, CORE, 'nobody has that address', packet.source);
    if (chance(this.random, up.loss) || chance(this.random, down.loss)) {
      this.#inFlight.delete(letter);
      return this.log.lost(letter.sighting);
    }
    this.#carry(letter, packet, hops - 1, target, up, down);
    if (!chance(this.random, up.duplication) && !chance(this.random, down.duplication)) return;
    const { sender, from, to, bytes } = letter;
    const sighting = this.log.sent(sender.name, this.#addressee(to), from, to, bytes, { isCopy: true });
    const copy = { ...letter, bytes: bytes.slice(), sighting };
    this.#inFlight.add(copy);
    this.#carry(copy, packet, hops - 1, target, up, down);
  }

  #carry(
    letter: Letter,
    packet: Packet,
    hops: number,
    target: Household | undefined,
    up: Path,
    down: Path,
  ): void {
    const arrive = () => {
      if (target === undefined) this.#arrive(letter, packet);
      else this.#comeIn(letter, target, target.boxes, packet, hops);
    };
    this.#clock.setTimeout(arrive, delayOf(up, this.random) + delayOf(down, this.random));
  }

  #comeIn(letter: Letter, household: Household, boxes: readonly Box[], packet: Packet, hops: number): void {
    let current = packet;
    let left = hops;
    for (const box of boxes.toReversed()) {
      const fault = faultAt(household, left);
      if (fault !== undefined) return this.#drop(letter, box.name, fault, current.source);
      left -= 1;
      const treatment = box.nat.inbound(current, this.#clock.now());
      if (treatment.type === 'dropped') return this.#drop(letter, box.name, treatment.why, current.source);
      if (treatment.remark !== undefined) this.log.note(box.name, treatment.remark);
      current = treatment.packet;
    }
    this.#arrive(letter, current);
  }

  #arrive(letter: Letter, { source, target }: Packet): void {
    const host = this.#hostAt(target);
    if (host === undefined) {
      const name = letter.sighting.receiver;
      return this.#drop(letter, name, wordsOnTheWay.nobodyAt(target), source);
    }
    this.#inFlight.delete(letter);
    this.log.delivered(letter.sighting, host.name, source);
    host.deliver(source, letter.bytes);
  }

  #drop(letter: Letter, by: string, why: string, seenFrom: Endpoint): void {
    this.#inFlight.delete(letter);
    this.log.dropped(letter.sighting, by, why, seenFrom);
  }

  #hostAt({ address, port }: Endpoint): Host | undefined {
    return this.#hosts.find(({ locals }) =>
      locals.some((local) => local.port === port && local.address === address),
    );
  }

  #householdOf(target: Endpoint): Household | undefined {
    return (
      this.#hosts.find(({ local }) => sameAddress(local, target))?.household ??
      this.#households.find((household) => isIn(target, household))
    );
  }

  /** Who is meant by an address: the host that has it, or is alone behind it. */
  #addressee(to: Endpoint): string {
    const owner = this.#hosts.find(({ locals }) => locals.some((local) => sameAddress(local, to)));
    if (owner !== undefined) return owner.name;
    const household = this.#householdOf(to);
    if (household === undefined) return CORE;
    const [only, ...others] = this.#hosts.filter((host) => host.household === household);
    if (only !== undefined && others.length === 0) return only.name;
    return household.boxes.at(-1)?.name ?? CORE;
  }
}

/** What systems send with, and far more than any path here is long. */
const HOPS = 64;

type Letter = {
  readonly sender: Host;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
  readonly sighting: Sighting;
};

/** Why a router does not even look at its rules. */
function faultAt(household: Household, hops: number): string | undefined {
  if (household.access.udpBlocked) return 'UDP is blocked';
  return hops <= 1 ? wordsOnTheWay.hopsUsedUp : undefined;
}
