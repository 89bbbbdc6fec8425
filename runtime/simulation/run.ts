import type { InspectionEvent } from 'xstate';
import type { ClientContext, ClientPhase } from '../../machines/client.ts';
import type { LinkContext, LinkPhase } from '../../machines/link.ts';
import type { PunchErrorCode } from '../errors.ts';
import { PeerHost } from '../peer.ts';
import { Rendezvous } from '../rendezvous.ts';
import { isPrivate } from '../sealed/candidates.ts';
import type { Stage } from '../stage.ts';
import type { Access } from './behaviour.ts';
import { castWithKeys } from './cast-with-keys.ts';
import type { Happening } from './happening.ts';
import type { Host } from './host.ts';
import type { Household } from './household.ts';
import { type Lifeline, lifelinesOf } from './lifelines.ts';
import type { Traffic } from './log.ts';
import type { Mishap } from './mishap.ts';
import { CORE, SERVER, SimulatedNetwork } from './network.ts';
import { isDone, isEnded, isSettled, newPart } from './part.ts';
import type { Path } from './path.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { type Arrival, watch } from './watching.ts';

export type Scenario = {
  /** Who calls. */
  readonly alice: Access;
  /** Who is called; `same` puts him behind the boxes of the caller. */
  readonly bob: Access | 'same';
  /** Between each household and the middle of the network, where the server is. */
  readonly path: Path;
  readonly seed: number;
  /** Default 1, the original's. */
  readonly protocol?: 1 | 2;
  /** What each client is patient for. The product's default, unless told. */
  readonly timeoutMs?: number;
  /** How long to go on once all is said: to see whether what has connected stays so. */
  readonly lingerMs?: number;
  /** What befalls it on the way. */
  readonly mishaps?: readonly Mishap[];
  /** Whether to write down what happens. */
  readonly isRecorded?: boolean;
  /** At 0 and with nothing to do. One of its own, unless somebody else needs to read it. */
  readonly clock?: VirtualClock;
  /** Hears what XState shows of all charts, those of the server, of alice and of bob. */
  readonly inspect?: (event: InspectionEvent) => void;
};

/** `uncalled` is who waited and was not introduced. */
export type Ending = 'connected' | 'uncalled' | PunchErrorCode;

export type Side = {
  readonly ending: Ending;
  /** From the call until it was connected; undefined if it never was. */
  readonly connectedMs?: number;
};

export type Run = {
  readonly seed: number;
  readonly alice: Side;
  readonly bob: Side;
  /** Whether both ended connected. */
  readonly isConnected: boolean;
  /** From the call until both were connected. */
  readonly connectedMs?: number;
  readonly elapsedMs: number;
  readonly traffic: Traffic;
  readonly lifelines: readonly Lifeline[];
  readonly happenings: readonly Happening[];
};

/** A server, alice and bob: both register, alice calls bob; it ends when both have connected or given up. */
export function simulate(scenario: Scenario): Run {
  const play = new Play(scenario);
  play.untilOver();
  play.linger();
  return play.end();
}

class Play {
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #network: SimulatedNetwork;
  readonly #households: { readonly alice: Household; readonly bob: Household };
  readonly #sockets: { readonly alice: Host; readonly bob: Host };
  readonly #elsewhere: Household[] = [];
  readonly #openServer: () => Rendezvous;
  #server: Rendezvous;
  readonly #clients: { readonly alice: PeerHost; readonly bob: PeerHost };
  readonly #parts = { alice: newPart(), bob: newPart() };
  #calledAtMs: number | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#clock = scenario.clock ?? createVirtualClock();
    const { alice, bob, path, seed, isRecorded = true } = scenario;
    this.#network = new SimulatedNetwork({ clock: this.#clock, seed, isRecorded });
    const first = this.#network.household(bob === 'same' ? 'shared' : "alice's", alice, path);
    const second = bob === 'same' ? first : this.#network.household("bob's", bob, path);
    this.#households = { alice: first, bob: second };
    const follow = watch((arrival) => this.#note(arrival));
    const inspect = (event: InspectionEvent) => {
      scenario.inspect?.(event);
      follow(event);
    };
    const stage = (label: string): Stage => ({
      clock: this.#clock,
      random: this.#network.random,
      label,
      inspect,
      ...(isRecorded
        ? { overhear: (datagram, letter) => this.#network.log.overheard.hear(datagram, letter) }
        : {}),
    });
    const cast = scenario.protocol === 2 ? castWithKeys(seed) : undefined;
    this.#openServer = () => new Rendezvous(stage(SERVER), this.#network.server(), cast?.server);
    this.#server = this.#openServer();
    const sockets = {
      bob: this.#network.host('bob', second, 6000),
      alice: this.#network.host('alice', first, 5000),
    };
    this.#sockets = sockets;
    const client = (name: 'alice' | 'bob', household: Household) => {
      const { timeoutMs } = scenario;
      const patience = timeoutMs === undefined ? {} : { timeoutMs };
      const socket = sockets[name];
      const candidates = () => [socket.local].filter(isPrivate);
      const host = new PeerHost(stage(name), {
        name,
        server: SERVER,
        ...patience,
        ...cast?.[name],
        candidates,
      });
      host.opened(socket, this.#network.serverFor(household));
      return host;
    };
    this.#clients = { bob: client('bob', second), alice: client('alice', first) };
    for (const mishap of scenario.mishaps ?? [])
      this.#clock.setTimeout(() => this.#befall(mishap), mishap.atMs);
  }

  untilOver(): void {
    do {
      this.#callWhenReady();
    } while (!this.#isOver() && this.#clock.now() < GIVE_UP_MS && this.#clock.runNext());
  }

  linger(): void {
    const { lingerMs = 0 } = this.#scenario;
    if (lingerMs > 0) this.#clock.advance(lingerMs);
  }

  end(): Run {
    const { log } = this.#network;
    const elapsedMs = this.#clock.now();
    const [alice, bob] = [this.#sideOf('alice'), this.#sideOf('bob')];
    const isConnected = alice.ending === 'connected' && bob.ending === 'connected';
    const traffic = { ...log.traffic };
    log.isOpen = false;
    this.#network.settle();
    for (const host of [this.#clients.alice, this.#clients.bob, this.#server]) void host.close();
    const times = [alice.connectedMs, bob.connectedMs].filter((ms) => ms !== undefined);
    return {
      seed: this.#scenario.seed,
      alice,
      bob,
      isConnected,
      ...(times.length === 2 ? { connectedMs: Math.max(...times) } : {}),
      elapsedMs,
      traffic,
      lifelines: lifelinesOf(this.#households.alice, this.#households.bob, this.#elsewhere),
      happenings: log.happenings,
    };
  }

  #befall(mishap: Mishap): void {
    const { log } = this.#network;
    switch (mishap.type) {
      case 'leave':
        log.note(mishap.who, 'leaves without a word');
        return void this.#clients[mishap.who].close();
      case 'reboot':
        for (const { name, nat } of this.#households[mishap.whose].boxes) {
          log.note(name, 'restarts and knows no mapping');
          nat.forget();
        }
        return;
      case 'roam':
        return this.#roam(mishap);
      case 'outage':
        log.note(SERVER, 'stops');
        void this.#server.close();
        this.#clock.setTimeout(() => {
          log.note(SERVER, 'starts and knows nobody');
          this.#server = this.#openServer();
        }, mishap.lastsMs);
        return;
      case 'calm':
        log.note(CORE, 'loses nothing from now on');
        return this.#network.calm();
    }
  }

  #roam({ who, to, goneMs = 0 }: Extract<Mishap, { readonly type: 'roam' }>): void {
    const move = (access: Access, text: string) => {
      const { path } = this.#households[who];
      const household = this.#network.household(`${who}'s ${this.#elsewhere.length + 2}.`, access, path);
      this.#elsewhere.push(household);
      this.#network.log.note(who, text);
      this.#network.roam(this.#sockets[who], household);
    };
    const arrive = () => {
      move(to, 'comes to another network');
      this.#clients[who].networkChanged();
    };
    if (goneMs === 0) return arrive();
    move({ ...to, udpBlocked: true }, 'has no network');
    this.#clock.setTimeout(arrive, goneMs);
  }

  #note({ who, chart, phase, context }: Arrival): void {
    this.#network.log.entered(who, who === SERVER ? `session:${chart}` : chart, phase);
    const part = who === 'alice' || who === 'bob' ? this.#parts[who] : undefined;
    if (part === undefined) return;
    if (chart === 'client') {
      part.client = phase as ClientPhase;
      if (phase === 'failed') part.reason = (context as ClientContext).obstacle;
    } else {
      part.link = phase as LinkPhase;
      if (phase === 'connected') part.connectedAtMs ??= this.#clock.now();
      if (phase === 'failed') part.reason = (context as LinkContext).obstacle;
      if (phase === 'lost') part.reason = 'linkLost';
      if (phase === 'left') part.reason = 'left';
    }
  }

  #callWhenReady(): void {
    const { alice, bob } = this.#parts;
    if (this.#calledAtMs !== undefined || alice.client !== 'registered') return;
    const isBobSettled = bob.client === 'registered' || this.#clock.now() >= WAIT_FOR_BOB_MS;
    if (!isBobSettled) return;
    this.#calledAtMs = this.#clock.now();
    this.#clients.alice.link('bob');
  }

  #isOver(): boolean {
    const { alice, bob } = this.#parts;
    const isBobIdle = bob.link === undefined && isSettled(bob.client) && this.#network.isQuiet;
    return (isDone(alice.link) || isEnded(alice.client)) && (isDone(bob.link) || isBobIdle);
  }

  #sideOf(name: 'alice' | 'bob'): Side {
    const { client, link, reason, connectedAtMs } = this.#parts[name];
    const isConnected = link === 'connected';
    const fallback = link === undefined && !isEnded(client) ? 'uncalled' : 'closed';
    const connectedMs =
      connectedAtMs === undefined ? {} : { connectedMs: connectedAtMs - (this.#calledAtMs ?? 0) };
    return { ending: isConnected ? 'connected' : (reason ?? fallback), ...connectedMs };
  }
}

/** Alice calls then even if bob is still trying to register. */
const WAIT_FOR_BOB_MS = 5_000;

/** A run that is longer would be a fault of the charts, each of whose waits has an end. */
const GIVE_UP_MS = 600_000;
