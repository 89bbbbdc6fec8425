import {
  DATAGRAM_BYTES_MAX,
  decode,
  encode,
  HOLE_PUNCH_REQUEST,
  NAME_START,
  plainNameMessage,
  REGISTER,
  writeIntroduction,
} from '../machines/wire.ts';
import type { Counter, Counters } from './counters.ts';
import { Directory } from './directory.ts';
import { packedEndpoint } from './packed-endpoint.ts';
import { sessionTable } from './sessions/session-table.ts';
import { Sessions } from './sessions/sessions.ts';
import type { Stage } from './stage.ts';
import { Names } from './tables/names.ts';
import { NONE } from './tables/records.ts';
import type { SeededHash } from './tables/seeded-hash.ts';
import type { PackedEndpoint } from './transport.ts';

export type PlainServiceOptions = {
  readonly maxClients: number;
  readonly ttlMs: number;
  readonly counters: Counters;
  readonly hash: SeededHash;
  /** Whether a name belongs to a key of protocol 2. */
  isLeased(name: string): boolean;
  /** The first `length` bytes, which are copied. */
  send(to: PackedEndpoint, bytes: Uint8Array, length: number): void;
};

/** The part of a rendezvous server's host that speaks protocol 1: datagrams to sessions, and what sessions ask for to datagrams. */
export class PlainService {
  readonly #options: PlainServiceOptions;
  readonly #sessions: Sessions;
  readonly #directory: Directory;
  readonly #names = new Names();
  readonly #event = sessionTable().event;
  readonly #registrations: Counter;
  readonly #introductions: Counter;
  readonly #to = packedEndpoint();
  readonly #out = new Uint8Array(DATAGRAM_BYTES_MAX);

  constructor(stage: Stage, options: PlainServiceOptions) {
    this.#options = options;
    this.#registrations = options.counters.counter('registrations');
    this.#introductions = options.counters.counter('introductions');
    this.#sessions = new Sessions(stage, {
      ...{ protocol: 1, ttlMs: options.ttlMs, names: this.#names },
      actions: {
        acknowledge: (slot) => this.#acknowledge(slot),
        reportMoved: (slot) => this.#makeWay(slot),
        refuse: () => this.#refuse('nameTaken'),
        seek: (slot) => this.#introduce(slot),
        introduce: (slot) => this.#tellOfPeer(slot),
        disappoint: (slot) => this.#sendTo(slot, UNKNOWN),
        reportEnded: (slot) => this.#directory.remove(slot),
      },
    });
    this.#directory = new Directory(this.#sessions, options.hash);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Whether a client is registered at an endpoint. */
  isKnown(endpoint: PackedEndpoint): boolean {
    return this.#directory.at(endpoint) !== NONE;
  }

  /** Whether a client has this name. */
  isTaken(name: string): boolean {
    this.#names.seekText(name);
    return this.#directory.named() !== NONE;
  }

  receive(from: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#sessions.from = from;
    let number = plainNameMessage(bytes, length);
    if (number !== 0) this.#names.seek(bytes, NAME_START, length - NAME_START);
    else number = this.#decode(bytes.subarray(0, length));
    if (number === REGISTER) this.#register();
    else if (number === HOLE_PUNCH_REQUEST) this.#request();
  }

  close(): void {
    this.#sessions.close();
  }

  /** The number of a message of any form, whose name is sought then; 0 for one that is not for servers, or is none. */
  #decode(bytes: Uint8Array): number {
    const message = decode(bytes);
    if (typeof message === 'string') this.#count(`malformed.${message}`);
    else if (message.type !== 'register' && message.type !== 'holePunchRequest')
      this.#count('refused.notForServers');
    else {
      this.#names.seekText(message.name);
      return message.type === 'register' ? REGISTER : HOLE_PUNCH_REQUEST;
    }
    return 0;
  }

  #register(): void {
    const { from } = this.#sessions;
    const known = this.#directory.named();
    if (known !== NONE) return this.#sessions.take(known, this.#event['datagram.register']);
    if (this.#options.isLeased(this.#names.soughtText)) return this.#refuse('nameTaken');
    const neighbour = this.#directory.at(from);
    if (neighbour === NONE && this.size >= this.#options.maxClients) return this.#refuse('full');
    if (neighbour !== NONE) this.#sessions.take(neighbour, this.#event.replaced);
    const session = this.#sessions.begin();
    this.#directory.enter(session);
    this.#sessions.take(session, this.#event['datagram.register']);
  }

  #request(): void {
    const session = this.#directory.at(this.#sessions.from);
    if (session !== NONE) return this.#sessions.take(session, this.#event['datagram.holePunchRequest']);
    this.#refuse('unregistered');
  }

  #acknowledge(slot: number): void {
    this.#registrations.count += 1;
    this.#sendTo(slot, ACKNOWLEDGEMENT);
  }

  /** The session goes to where the datagram came from. Who is there is somebody else, or was the same client. */
  #makeWay(slot: number): void {
    const { from } = this.#sessions;
    const neighbour = this.#directory.at(from);
    if (neighbour !== NONE) this.#sessions.take(neighbour, this.#event.replaced);
    this.#directory.move(slot, from);
  }

  #introduce(caller: number): void {
    const sessions = this.#sessions;
    const peer = this.#directory.named();
    if (peer === NONE || peer === caller) return sessions.take(caller, this.#event['peer.missing']);
    this.#introductions.count += 1;
    // The caller first: an original one dies of a greeting that overtakes its introduction, one that waits does not.
    sessions.peer = peer;
    sessions.take(caller, this.#event['peer.found']);
    sessions.peer = caller;
    sessions.take(peer, this.#event['peer.calls']);
  }

  #tellOfPeer(slot: number): void {
    const { peer } = this.#sessions;
    const nameLength = this.#sessions.copyName(peer, this.#out, NAME_START);
    const length = writeIntroduction(this.#out, nameLength, this.#sessions.clientOf(peer));
    this.#sendTo(slot, this.#out, length);
  }

  /** The one refusal that protocol 1 has words for. */
  #refuse(reason: 'full' | 'nameTaken' | 'unregistered'): void {
    this.#count(`refused.${reason}`);
    this.#options.send(this.#sessions.from, UNKNOWN, UNKNOWN.length);
  }

  #sendTo(slot: number, bytes: Uint8Array, length = bytes.length): void {
    this.#sessions.locate(slot, this.#to);
    this.#options.send(this.#to, bytes, length);
  }

  #count(reason: string): void {
    this.#options.counters.count(reason);
  }
}

const ACKNOWLEDGEMENT = encode({ type: 'registerAck' });
const UNKNOWN = encode({ type: 'holePunchResponseUnknown' });
