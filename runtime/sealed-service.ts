import { type Endpoint, sameEndpoint } from '../machines/endpoint.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope, ID_BYTES } from '../machines/envelope.ts';
import type { ToClient, ToServer } from '../machines/letter-server.ts';
import { type SessionMessage, type SessionOutput, sessionMachine } from '../machines/session.ts';
import type { Entropy } from './ambient.ts';
import type { Counters } from './counters.ts';
import type { Grant, Leases } from './identity/leases/leases.ts';
import { Introductions } from './introductions.ts';
import { type Admitted, acknowledgementOf, Registrations } from './sealed-registrations.ts';
import { SealedSession } from './sealed-session.ts';
import { type Cookies, createCookies } from './secrecy/cookies.ts';
import { type KeyPair, sameKey } from './secrecy/keys.ts';
import { enact, type Stage } from './stage.ts';

export type SealedServiceOptions = {
  readonly keys: KeyPair;
  readonly entropy: Entropy;
  readonly leases: Pick<Leases, 'holderOf'> & {
    grant(name: string, key: Uint8Array): Grant | Promise<Grant>;
    renew(name: string): unknown;
  };
  readonly maxClients: number;
  readonly ttlMs: number;
  /** Whether a client of protocol 1 has this name now. */
  isTaken(name: string): boolean;
  send(to: Endpoint, bytes: Uint8Array): void;
  readonly counters: Counters;
};

/** The part of a rendezvous server's host that speaks protocol 2. */
export class SealedService {
  readonly #stage: Stage;
  readonly #options: SealedServiceOptions;
  readonly #cookies: Cookies;
  readonly #introductions: Introductions;
  readonly #sessions = new Map<string, SealedSession>();
  /** The session that counts for a name: the last one that was proven. */
  readonly #named = new Map<string, SealedSession>();
  /** Sessions so far. */
  #begun = 0;
  readonly #registrations: Registrations;

  constructor(stage: Stage, options: SealedServiceOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#cookies = createCookies(options.entropy, stage.clock);
    this.#registrations = new Registrations(this.#cookies, options, {
      isFull: (name) => this.#sessions.size >= options.maxClients && !this.#named.has(name),
      challenge: (from, nonce) => this.#challenge(from, nonce),
      begin: (admitted) => this.#begin(admitted),
    });
    this.#introductions = new Introductions(stage, options.entropy, (to, letter) => this.#write(to, letter));
  }

  /** Clients that are registered, or are about to be. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Whether a name belongs to a key. */
  isLeased(name: string): boolean {
    return this.#options.leases.holderOf(name) !== undefined;
  }

  receive(from: Endpoint, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') return this.#count(`malformed.${envelope}`);
    switch (envelope.type) {
      case 'knock':
        return this.#challenge(from, envelope.nonce);
      case 'register':
        return this.#registrations.register(from, envelope);
      case 'sealed':
        return this.#open(from, envelope);
      default:
        return this.#count('refused.notForServers');
    }
  }

  close(): void {
    this.#registrations.close();
    this.#introductions.close();
    for (const { chart } of this.#sessions.values()) chart.stop();
  }

  #challenge(from: Endpoint, nonce: Uint8Array): void {
    const cookie = this.#cookies.bake(from, nonce);
    const { publicKey } = this.#options.keys;
    this.#send(
      from,
      encodeEnvelope({ type: 'challenge', nonce, cookie, serverKey: publicKey, observed: from }),
    );
  }

  #begin({ from, nonce, registration, response, name }: Admitted): void {
    const id = this.#options.entropy(ID_BYTES);
    const admitted = { type: 'admitted', session: id, observed: from } as const;
    const { bytes, channel } = acknowledgementOf(nonce, response, admitted);
    const key = response.remoteKey;
    const session = new SealedSession(this.#stage, {
      ...{ id, name, key, channel, registration, order: this.#begun },
      acknowledgement: bytes,
    });
    this.#begun += 1;
    session.chart = enact(
      this.#stage,
      sessionMachine,
      name,
      { name, client: from, ttlMs: this.#options.ttlMs, protocol: 2 },
      { perform: (effect) => this.#perform(session, effect) },
    );
    this.#sessions.set(hex(id), session);
    this.#registrations.began(session);
    session.chart.send({ type: 'datagram.register', from });
  }

  #open(from: Endpoint, envelope: Extract<Envelope, { readonly type: 'sealed' }>): void {
    const session = this.#sessions.get(hex(envelope.session));
    if (session === undefined) {
      this.#count('refused.stale');
      return this.#send(from, encodeEnvelope({ type: 'stale', session: envelope.session }));
    }
    const letter = session.open(envelope);
    if (typeof letter === 'string') return this.#count(`refused.${letter}`);
    if (letter.type === 'pathResponse') return this.#answered(from, session, letter.token);
    session.chart.send({ type: 'datagram.sealed', from });
    if (session.chart.snapshot().hasTag('registered')) this.#heed(from, session, letter);
  }

  /** A client is where it says, if the token was sent to there. */
  #answered(from: Endpoint, session: SealedSession, token: Uint8Array): void {
    if (!this.#cookies.isGood(from, session.id, token)) return this.#count('refused.badToken');
    session.chart.send({ type: 'datagram.pathResponse', from });
  }

  #heed(from: Endpoint, session: SealedSession, letter: Exclude<ToServer, { type: 'pathResponse' }>): void {
    switch (letter.type) {
      case 'keepalive':
        return session.chart.send({ type: 'datagram.keepalive', from });
      case 'bye':
        return session.chart.send({ type: 'datagram.bye' });
      case 'lookup':
        if (!session.requests.spend()) return this.#count('refused.tooMany');
        return this.#lookUp(session, letter.request, letter.name);
      case 'holePunchRequest':
        if (!isAt(from, session)) return this.#count('refused.elsewhere');
        if (!session.requests.spend()) return this.#count('refused.tooMany');
        return this.#request(session, letter);
      case 'holePunchAccept':
        if (!isAt(from, session)) return this.#count('refused.elsewhere');
        if (this.#introductions.accepted(session, letter.request, letter.answer)) return;
        return this.#count('refused.notAsked');
      case 'holePunchRefuse':
        if (this.#introductions.refused(session, letter.request)) return;
        return this.#count('refused.notAsked');
    }
  }

  /** The lease, not the session: who looks a name up does not learn whether its holder is there. */
  #lookUp(session: SealedSession, request: Uint8Array, name: string): void {
    const key = this.#options.leases.holderOf(name);
    this.#write(
      session,
      key === undefined ? { type: 'holePunchResponseUnknown', request } : { type: 'found', request, key },
    );
  }

  #request(
    caller: SealedSession,
    { request, name, key, offer }: Extract<ToServer, { readonly type: 'holePunchRequest' }>,
  ): void {
    const named = this.#named.get(name);
    const callee = named !== caller && named !== undefined && sameKey(named.key, key) ? named : undefined;
    const outcome = this.#introductions.requested(caller, callee, request, offer);
    if (outcome === 'tooMany') return this.#count('refused.tooMany');
    if (outcome === 'new' && callee !== undefined) this.#count('introductions');
  }

  #perform(session: SealedSession, effect: SessionOutput): void {
    switch (effect.type) {
      case 'transmit':
        return this.#transmit(session, effect.to, effect.message);
      case 'proven': {
        session.proven(this.#stage.clock.now());
        const former = this.#named.get(session.name);
        // What was held back on its way comes after its client has taken a new session into use.
        if (former !== undefined && former.order > session.order) {
          return session.chart.send({ type: 'replaced' });
        }
        this.#named.set(session.name, session);
        if (former !== session) former?.chart.send({ type: 'replaced' });
        return;
      }
      case 'ended':
        return this.#end(session);
      default:
    }
  }

  #transmit(session: SealedSession, to: Endpoint, message: SessionMessage): void {
    switch (message.type) {
      case 'registerAck':
        this.#count('registrations');
        return this.#send(to, session.acknowledgement);
      case 'keepaliveAck':
        return this.#write(session, { type: 'keepaliveAck', observed: message.remote }, to);
      case 'pathChallenge': {
        const token = this.#cookies.bake(to, session.id);
        return this.#write(session, { type: 'pathChallenge', token }, to);
      }
      default:
    }
  }

  #end(session: SealedSession): void {
    this.#introductions.ended(session);
    this.#sessions.delete(hex(session.id));
    this.#registrations.ended(session);
    if (this.#named.get(session.name) === session) this.#named.delete(session.name);
  }

  #write(session: SealedSession, letter: ToClient, to: Endpoint = session.client): void {
    const datagram = session.seal(letter);
    this.#stage.overhear?.(datagram, letter);
    this.#send(to, datagram);
  }

  #send(to: Endpoint, bytes: Uint8Array): void {
    this.#options.send(to, bytes);
  }

  #count(reason: string): void {
    this.#options.counters.count(reason);
  }
}

/** Whether a client speaks from where it would be introduced. From elsewhere it is challenged, and asks again. */
function isAt(from: Endpoint, session: SealedSession): boolean {
  return sameEndpoint(from, session.client);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
