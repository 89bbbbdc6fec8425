import { decodeEnvelope, encodeEnvelope, ID_BYTES } from '../machines/envelope.ts';
import type { ToClient, ToServer } from '../machines/letter-server.ts';
import type { Entropy } from './ambient.ts';
import type { Counters } from './counters.ts';
import type { Grant, Leases } from './identity/leases/leases.ts';
import { Introductions } from './introductions.ts';
import { packedEndpoint, unpack } from './packed-endpoint.ts';
import { counterIn, SealedLetters } from './sealed-letters.ts';
import { type Admitted, acknowledgementOf, Registrations } from './sealed-registrations.ts';
import { SealedSessions } from './sealed-sessions.ts';
import { type Cookies, createCookies } from './secrecy/cookies.ts';
import { type KeyPair, sameKey } from './secrecy/keys.ts';
import { sessionTable } from './sessions/session-table.ts';
import { Sessions } from './sessions/sessions.ts';
import type { Stage } from './stage.ts';
import { Names } from './tables/names.ts';
import { NONE } from './tables/records.ts';
import type { SeededHash } from './tables/seeded-hash.ts';
import { SlotIndex } from './tables/slot-index.ts';
import type { PackedEndpoint } from './transport.ts';

export type SealedServiceOptions = {
  readonly keys: KeyPair;
  readonly entropy: Entropy;
  readonly leases: Pick<Leases, 'holderOf'> & {
    grant(name: string, key: Uint8Array): Grant | Promise<Grant>;
    renew(name: string): unknown;
  };
  readonly maxClients: number;
  readonly ttlMs: number;
  readonly hash: SeededHash;
  /** Whether a client of protocol 1 has this name now. */
  isTaken(name: string): boolean;
  /** The first `length` bytes, which are copied. */
  send(to: PackedEndpoint, bytes: Uint8Array, length: number): void;
  readonly counters: Counters;
};

/** The part of a rendezvous server's host that speaks protocol 2. */
export class SealedService {
  readonly #stage: Stage;
  readonly #options: SealedServiceOptions;
  readonly #cookies: Cookies;
  readonly #registrations: Registrations;
  readonly #introductions: Introductions;
  readonly #names = new Names();
  /** The sessions' charts, and under the same slots their keys. */
  readonly #sessions: Sessions;
  readonly #keys: SealedSessions;
  /** The session that counts for a name: the last one that was proven. */
  readonly #named = new SlotIndex();
  readonly #hasName = (slot: number) => this.#sessions.isSought(slot);
  readonly #state = sessionTable().state;
  readonly #event = sessionTable().event;
  /** By session that is not proven yet: what answers the Register that began it, however often that comes. */
  readonly #acknowledgements = new Map<number, Uint8Array>();
  readonly #letters: SealedLetters;
  readonly #to = packedEndpoint();

  constructor(stage: Stage, options: SealedServiceOptions) {
    const { entropy, maxClients, ttlMs, hash } = options;
    this.#stage = stage;
    this.#options = options;
    this.#cookies = createCookies(entropy, stage.clock);
    this.#keys = new SealedSessions(hash);
    this.#letters = new SealedLetters(this.#keys, stage.overhear);
    this.#sessions = new Sessions(stage, {
      ...{ protocol: 2, ttlMs, names: this.#names },
      actions: {
        acknowledge: (slot) => this.#acknowledge(slot),
        sendKeepaliveAck: (slot) => this.#acknowledgeKeepalive(slot),
        challenge: (slot) => this.#challengePath(slot),
        reportProven: (slot) => this.#proven(slot),
        reportEnded: (slot) => this.#end(slot),
      },
    });
    this.#registrations = new Registrations(this.#cookies, options, {
      isFull: (name) => this.size >= maxClients && this.#withName(name) === NONE,
      challenge: (from, nonce) => this.#challenge(from, nonce),
      begunBy: (ephemeral) => this.#keys.begunBy(ephemeral),
      repeat: (session, from) => this.#repeat(session, from),
      begin: (admitted) => this.begin(admitted),
    });
    this.#introductions = new Introductions(stage, entropy, {
      nameOf: (session) => this.#sessions.nameOf(session),
      keyOf: (session) => this.#keys.keyOf(session),
      clientOf: (session) => this.#sessions.clientOf(session),
      roundTripMs: (session) => this.#keys.roundTripMs(session),
      send: (session, letter) => this.#write(session, letter),
    });
  }

  /** Clients that are registered, or are about to be. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Whether a name belongs to a key. */
  isLeased(name: string): boolean {
    return this.#options.leases.holderOf(name) !== undefined;
  }

  /** Whether a datagram bears the id of a session that counts, which only its client and those on the way know. */
  isProven(bytes: Uint8Array, length: number): boolean {
    if (counterIn(bytes, length) === undefined) return false;
    const session = this.#keys.withId(bytes, 1);
    return session !== NONE && this.#sessions.stateOf(session) === this.#state.proven;
  }

  receive(from: PackedEndpoint, bytes: Uint8Array, length: number): void {
    const counter = counterIn(bytes, length);
    if (counter !== undefined) return this.#open(from, counter, bytes, length);
    const envelope = decodeEnvelope(bytes.subarray(0, length));
    if (typeof envelope === 'string') return this.#count(`malformed.${envelope}`);
    if (envelope.type === 'knock') return this.#challenge(from, envelope.nonce);
    if (envelope.type === 'register') return this.#registrations.register(from, envelope);
    this.#count('refused.notForServers');
  }

  /** Begins the session of a Register that was judged, whose name is its key's. */
  begin({ from, nonce, ephemeral, response, name }: Admitted): void {
    const id = this.#options.entropy(ID_BYTES);
    const admitted = { type: 'admitted', session: id, observed: unpack(from) } as const;
    const { bytes, channel } = acknowledgementOf(nonce, response, admitted);
    this.#names.seekText(name);
    this.#sessions.from = from;
    const session = this.#sessions.begin();
    const now = this.#stage.clock.now();
    this.#keys.begin(session, { id, key: response.remoteKey, channel, ephemeral, now });
    this.#acknowledgements.set(session, bytes);
    this.#sessions.take(session, this.#event['datagram.register']);
  }

  close(): void {
    this.#registrations.close();
    this.#introductions.close();
    this.#sessions.close();
  }

  #challenge(from: PackedEndpoint, nonce: Uint8Array): void {
    const observed = unpack(from);
    const cookie = this.#cookies.bake(observed, nonce);
    const { publicKey } = this.#options.keys;
    this.#send(from, encodeEnvelope({ type: 'challenge', nonce, cookie, serverKey: publicKey, observed }));
  }

  /** The same Register once more. False if its session is proven. */
  #repeat(session: number, from: PackedEndpoint): boolean {
    if (this.#sessions.stateOf(session) !== this.#state.proving) return false;
    this.#sessions.from = from;
    this.#sessions.take(session, this.#event['datagram.register']);
    return true;
  }

  #open(from: PackedEndpoint, counter: number, bytes: Uint8Array, length: number): void {
    const session = this.#keys.withId(bytes, 1);
    if (session === NONE) {
      this.#count('refused.stale');
      return this.#send(from, encodeEnvelope({ type: 'stale', session: bytes.slice(1, 1 + ID_BYTES) }));
    }
    const letter = this.#letters.open(session, counter, bytes, length);
    if (typeof letter === 'string') return this.#count(`refused.${letter}`);
    this.#sessions.from = from;
    if (letter.type === 'pathResponse') return this.#answered(from, session, letter.token);
    this.#sessions.take(session, this.#event['datagram.sealed']);
    if (this.#sessions.stateOf(session) === this.#state.proven) this.#heed(session, letter);
  }

  /** A client is where it says, if the token was sent to there. */
  #answered(from: PackedEndpoint, session: number, token: Uint8Array): void {
    if (!this.#cookies.isGood(unpack(from), this.#keys.idOf(session), token))
      return this.#count('refused.badToken');
    this.#sessions.take(session, this.#event['datagram.pathResponse']);
  }

  /** Who speaks from elsewhere than it would be introduced is challenged already, and asks again. */
  #heed(session: number, letter: Exclude<ToServer, { type: 'pathResponse' }>): void {
    switch (letter.type) {
      case 'keepalive':
        return this.#sessions.take(session, this.#event['datagram.keepalive']);
      case 'bye':
        return this.#sessions.take(session, this.#event['datagram.bye']);
      case 'lookup':
        if (!this.#mayAsk(session)) return this.#count('refused.tooMany');
        return this.#lookUp(session, letter.request, letter.name);
      case 'holePunchRequest':
        if (!this.#sessions.isAt(session)) return this.#count('refused.elsewhere');
        if (!this.#mayAsk(session)) return this.#count('refused.tooMany');
        return this.#request(session, letter);
      case 'holePunchAccept':
        if (!this.#sessions.isAt(session)) return this.#count('refused.elsewhere');
        if (this.#introductions.accepted(session, letter.request, letter.answer)) return;
        return this.#count('refused.notAsked');
      case 'holePunchRefuse':
        if (this.#introductions.refused(session, letter.request)) return;
        return this.#count('refused.notAsked');
    }
  }

  /** Every request reaches somebody else, or tells of somebody else. */
  #mayAsk(session: number): boolean {
    return this.#keys.spendRequest(session, this.#stage.clock.now());
  }

  /** The lease, not the session: who looks a name up does not learn whether its holder is there. */
  #lookUp(session: number, request: Uint8Array, name: string): void {
    const key = this.#options.leases.holderOf(name);
    this.#write(
      session,
      key === undefined ? { type: 'holePunchResponseUnknown', request } : { type: 'found', request, key },
    );
  }

  #request(
    caller: number,
    { request, name, key, offer }: Extract<ToServer, { readonly type: 'holePunchRequest' }>,
  ): void {
    const named = this.#withName(name);
    const isThere = named !== NONE && named !== caller && sameKey(this.#keys.keyOf(named), key);
    const outcome = this.#introductions.requested(caller, isThere ? named : undefined, request, offer);
    if (outcome === 'tooMany') return this.#count('refused.tooMany');
    if (outcome === 'new' && isThere) this.#count('introductions');
  }

  #acknowledge(session: number): void {
    const acknowledgement = this.#acknowledgements.get(session);
    if (acknowledgement === undefined) return;
    this.#count('registrations');
    this.#sessions.locate(session, this.#to);
    this.#send(this.#to, acknowledgement);
  }

  #acknowledgeKeepalive(session: number): void {
    this.#write(session, { type: 'keepaliveAck', observed: this.#sessions.clientOf(session) });
  }

  #challengePath(session: number): void {
    const { from } = this.#sessions;
    const token = this.#cookies.bake(unpack(from), this.#keys.idOf(session));
    this.#write(session, { type: 'pathChallenge', token }, from);
  }

  #proven(session: number): void {
    this.#acknowledgements.delete(session);
    this.#keys.proven(session, this.#stage.clock.now());
    const former = this.#withName(this.#sessions.nameOf(session));
    if (former !== NONE) {
      // What was held back on its way comes after its client has taken a new session into use.
      const isLate = this.#keys.orderOf(former) > this.#keys.orderOf(session);
      this.#sessions.take(isLate ? session : former, this.#event.replaced);
      if (isLate) return;
    }
    this.#named.add(this.#hashOfName(session), session);
  }

  #end(session: number): void {
    this.#introductions.ended(session);
    this.#acknowledgements.delete(session);
    this.#named.remove(this.#hashOfName(session), session);
    this.#keys.end(session);
  }

  #withName(name: string): number {
    this.#names.seekText(name);
    return this.#named.find(this.#names.hash(this.#options.hash), this.#hasName);
  }

  #hashOfName(session: number): number {
    return this.#sessions.hashOfName(session, this.#options.hash);
  }

  #write(session: number, letter: ToClient, to?: PackedEndpoint): void {
    if (to === undefined) this.#sessions.locate(session, this.#to);
    const length = this.#letters.seal(session, letter);
    this.#options.send(to ?? this.#to, this.#letters.sealed, length);
  }

  #send(to: PackedEndpoint, bytes: Uint8Array): void {
    this.#options.send(to, bytes, bytes.length);
  }

  #count(reason: string): void {
    this.#options.counters.count(reason);
  }
}
