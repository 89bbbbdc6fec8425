import { BEGIN, NOTHING } from '../../machines/automaton.ts';
import type { Endpoint } from '../../machines/endpoint.ts';
import { PROOF_PATIENCE_MS } from '../../machines/timing.ts';
import { packedEndpoint, unpack } from '../packed-endpoint.ts';
import type { Stage } from '../stage.ts';
import type { Names } from '../tables/names.ts';
import { NONE, Records } from '../tables/records.ts';
import type { SeededHash } from '../tables/seeded-hash.ts';
import type { PackedEndpoint } from '../transport.ts';
import { Expiry } from './expiry.ts';
import { type SessionAction, sessionTable } from './session-table.ts';
import { Shadows } from './shadows.ts';

export type SessionsOptions = {
  readonly protocol: 1 | 2;
  /** How long a client may be silent, in ms. */
  readonly ttlMs: number;
  readonly names: Names;
  /** What the chart asks of the host, for one slot. The client is where it was before a `move` that is yet to come. */
  readonly actions: Readonly<Partial<Record<SessionAction, (slot: number) => void>>>;
};

/** The words of a session's record. */
const ADDRESS = 0;
const PORT = 4;
const STATE = 5;
const NAME = 6;
const NAME_LENGTH = 7;
const LINKS = { before: 8, after: 9 };
const DUE = 10;
const SIZE = 12;

/**
 * The clients of one protocol that are registered: the session chart's tables over records of numbers. A session is a
 * slot, from {@link begin} until its chart has ended.
 */
export class Sessions {
  /** Where what is being taken comes from. */
  from: PackedEndpoint = packedEndpoint();
  /** Whom `peer.found` and `peer.calls` are about. */
  peer = NONE;
  readonly names: Names;
  readonly protocol: 1 | 2;
  readonly ttlMs: number;
  readonly #table = sessionTable();
  readonly #records = new Records(SIZE);
  readonly #expiry: Expiry;
  readonly #shadows: Shadows | undefined;
  /** By the numbers of the tables. */
  readonly #guards: readonly ((slot: number) => boolean)[];
  readonly #actions: readonly (((slot: number) => void) | undefined)[];

  constructor(stage: Stage, { protocol, ttlMs, names, actions }: SessionsOptions) {
    this.protocol = protocol;
    this.ttlMs = ttlMs;
    this.names = names;
    const { automaton } = this.#table;
    const guards: Readonly<Record<string, (slot: number) => boolean>> = {
      hasKeys: () => this.protocol === 2,
      isClient: (slot) => this.isAt(slot),
      isElsewhere: (slot) => !this.isAt(slot),
      isClientElsewhere: (slot) => this.#isAtAddress(slot),
    };
    this.#guards = automaton.guards.map((guard) => guards[guard] ?? unknown('guard', guard));
    this.#actions = automaton.actions.map((action) =>
      action === 'move' ? (slot) => this.#move(slot) : actions[action as SessionAction],
    );
    const delays: Readonly<Record<string, number>> = { ttl: ttlMs, proof: PROOF_PATIENCE_MS };
    const firstDelay = automaton.events.length - automaton.delays.length;
    this.#expiry = new Expiry(this.#records, {
      ...{ clock: stage.clock, links: LINKS, due: DUE },
      delaysMs: automaton.delays.map((delay) => delays[delay] ?? unknown('delay', delay)),
      expire: (slot, delay) => this.take(slot, firstDelay + delay),
    });
    this.#shadows = stage.inspect === undefined ? undefined : new Shadows(stage, automaton, this);
  }

  get size(): number {
    return this.#records.inUse;
  }

  /** A session for the name that is sought, of the client that {@link from} is. */
  begin(): number {
    const slot = this.#records.take();
    const start = slot * SIZE;
    const { words } = this.#records;
    words[start + NAME] = this.names.put();
    words[start + NAME_LENGTH] = this.names.length;
    this.#move(slot);
    this.take(slot, this.#table.event[BEGIN]);
    return slot;
  }

  /** One event, run to rest. */
  take(slot: number, event: number): void {
    this.#shadows?.take(slot, event);
    const { automaton } = this.#table;
    const { words } = this.#records;
    const row = (words[slot * SIZE + STATE] as number) * automaton.events.length + event;
    const cell = (row << automaton.guards.length) + this.#outcomes(slot, automaton.asked[row] as number);
    const next = automaton.next[cell] as number;
    if (next === NOTHING) return;
    words[slot * SIZE + STATE] = next;
    const disarmed = automaton.disarmed[cell] as number;
    if (disarmed !== NOTHING) this.#expiry.disarm(slot, disarmed);
    const armed = automaton.armed[cell] as number;
    if (armed !== NOTHING) this.#expiry.arm(slot, armed);
    const program = automaton.programs[automaton.program[cell] as number] as Uint8Array;
    for (let index = 0; index < program.length; index += 1) this.#actions[program[index] as number]?.(slot);
    if (automaton.isFinal[next] === 1) this.#end(slot);
  }

  /** The number of the state that a session is in. */
  stateOf(slot: number): number {
    return this.#records.words[slot * SIZE + STATE] as number;
  }

  /** Whether what is being taken comes from where a session's client is. */
  isAt(slot: number): boolean {
    return this.#word(slot, PORT) === this.from.port && this.#isAtAddress(slot);
  }

  /** Writes where a session's client is into `endpoint`. */
  locate(slot: number, endpoint: PackedEndpoint): void {
    const { words } = this.#records;
    const start = slot * SIZE + ADDRESS;
    endpoint.word0 = words[start] as number;
    endpoint.word1 = words[start + 1] as number;
    endpoint.word2 = words[start + 2] as number;
    endpoint.word3 = words[start + 3] as number;
    endpoint.port = words[slot * SIZE + PORT] as number;
  }

  clientOf(slot: number): Endpoint {
    const endpoint = packedEndpoint();
    this.locate(slot, endpoint);
    return unpack(endpoint);
  }

  nameOf(slot: number): string {
    return this.names.text(this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));
  }

  /** Copies the bytes of a session's name to a place in `out`. How many they are. */
  copyName(slot: number, out: Uint8Array, place: number): number {
    const length = this.#word(slot, NAME_LENGTH);
    this.names.copy(this.#word(slot, NAME), length, out, place);
    return length;
  }

  /** Whether a session's name is the one that is sought. */
  isSought(slot: number): boolean {
    return this.names.isSought(this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));
  }

  hashOfName(slot: number, hash: SeededHash): number {
    return this.names.hashKept(hash, this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));
  }

  /** Ends all timers. The sessions are of no use afterwards. */
  close(): void {
    this.#expiry.close();
    this.#shadows?.close();
  }

  #outcomes(slot: number, asked: number): number {
    let outcomes = 0;
    for (let left = asked; left !== 0; left &= left - 1) {
      const guard = 31 - Math.clz32(left & -left);
      if (this.#guards[guard]?.(slot)) outcomes |= 1 << guard;
    }
    return outcomes;
  }

  #isAtAddress(slot: number): boolean {
    const { words } = this.#records;
    const { from } = this;
    const start = slot * SIZE + ADDRESS;
    return (
      words[start + 3] === from.word3 &&
      words[start + 2] === from.word2 &&
      words[start + 1] === from.word1 &&
      words[start] === from.word0
    );
  }

  #move(slot: number): void {
    const { words } = this.#records;
    const { from } = this;
    const start = slot * SIZE + ADDRESS;
    words[start] = from.word0;
    words[start + 1] = from.word1;
    words[start + 2] = from.word2;
    words[start + 3] = from.word3;
    words[slot * SIZE + PORT] = from.port;
  }

  #end(slot: number): void {
    this.#shadows?.ended(slot);
    this.names.free(this.#word(slot, NAME), this.#word(slot, NAME_LENGTH));
    this.#records.free(slot);
  }

  #word(slot: number, word: number): number {
    return this.#records.words[slot * SIZE + word] as number;
  }
}

function unknown(what: string, name: string): never {
  throw new Error(`the session chart has a ${what} "${name}" that its tables do not know`);
}
