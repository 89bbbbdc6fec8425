import type { ClientMessage, ClientOutput } from '../../machines/client.ts';
import { type Endpoint, sameEndpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, type Envelope } from '../../machines/envelope.ts';
import { CANDIDATES_MAX } from '../../machines/letter-peer.ts';
import type { ToClient, ToServer } from '../../machines/letter-server.ts';
import type { Edge, EdgeSurroundings } from '../edge.ts';
import type { Link } from '../link.ts';
import { Calls } from './calls.ts';
import { hex, sameBytes } from './hex.ts';
import { nicknameOf } from './nickname.ts';
import { Registration } from './registration.ts';
import { renewalBudget } from './renewals.ts';
import type { Secrecy } from './secrecy.ts';
import type { ServerSession } from './server-session.ts';

/**
 * The edge of protocol 2: what charts say is sealed on its way out, and what arrives is opened before they hear of it.
 * Keys stay on this side.
 */
export class SealedEdge implements Edge {
  readonly protocol = 2;
  readonly #secrecy: Secrecy;
  readonly #surroundings: EdgeSurroundings;
  readonly #registration: Registration;
  readonly #calls: Calls;
  #session: ServerSession | undefined;
  #observed: Endpoint | undefined;
  /** That of the challenge which the chart is told of: it answers at once or not at all. */
  #pathToken: Uint8Array = new Uint8Array();

  constructor(secrecy: Secrecy, candidates: () => readonly Endpoint[], surroundings: EdgeSurroundings) {
    const { stage, name, timeoutMs, counters, send, server, called } = surroundings;
    this.#secrecy = secrecy;
    this.#surroundings = surroundings;
    this.#registration = new Registration(name, secrecy, stage.clock);
    this.#calls = new Calls({
      stage,
      secrecy,
      counters,
      name,
      timeoutMs,
      renewals: renewalBudget(stage.clock),
      candidates: () => candidates().slice(0, CANDIDATES_MAX),
      observed: () => this.#observed,
      write: (letter) => this.#write(letter),
      send,
      server,
      called,
    });
  }

  get observed(): Endpoint | undefined {
    return this.#observed;
  }

  receive(from: Endpoint, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') return this.#count(`malformed.${envelope}`);
    if (envelope.type === 'pair') {
      const link = this.#calls.links.paired(hex(envelope.pair));
      return link === undefined ? this.#count('ignored.stranger') : link.receive(from, envelope);
    }
    const server = this.#surroundings.server();
    if (server === undefined || !sameEndpoint(from, server)) return this.#count('ignored.notFromServer');
    this.#fromServer(server, envelope);
  }

  perform(effect: Exclude<ClientOutput, { readonly type: 'failed' }>): void {
    if (effect.type !== 'transmit') throw new Error(`protocol 2 has no ${effect.type}`);
    this.#transmit(effect.to, effect.message);
  }

  link(peer: string, server: Endpoint, key: Uint8Array | undefined): Link {
    return this.#calls.link(peer, server, key);
  }

  networkChanged(): void {
    this.#surroundings.tell({ type: 'network.changed' });
    for (const { host } of this.#calls.links) host.tell({ type: 'network.changed' });
  }

  close(): void {
    this.#calls.close();
    this.#write({ type: 'bye' });
    this.#session = undefined;
  }

  #transmit(to: Endpoint, message: ClientMessage): void {
    switch (message.type) {
      case 'knock':
        return this.#surroundings.send(to, this.#registration.knock());
      case 'registerWithCookie': {
        const register = this.#registration.register(message.cookie);
        return register === undefined ? undefined : this.#surroundings.send(to, register);
      }
      case 'keepalive':
        return this.#write(message);
      case 'pathResponse':
        return this.#write({ type: 'pathResponse', token: this.#pathToken });
      default:
        throw new Error(`protocol 2 has no ${message.type}`);
    }
  }

  #fromServer(from: Endpoint, envelope: Envelope): void {
    switch (envelope.type) {
      case 'challenge': {
        const challenged = this.#registration.challenged(envelope);
        if (challenged === 'unasked') return this.#count('ignored.unasked');
        if (challenged !== 'distrusted') {
          return this.#surroundings.tell({ type: 'datagram.challenge', from, ...challenged });
        }
        this.#count('ignored.distrustedKey');
        this.#surroundings.explain(this.#secrecy.changed?.('server', envelope.serverKey));
        return this.#surroundings.tell({ type: 'datagram.challenge.distrusted', from });
      }
      case 'registerAck':
        return this.#acknowledged(from, envelope);
      case 'stale':
        if (this.#session === undefined || !sameBytes(envelope.session, this.#session.id)) {
          return this.#count('ignored.otherSession');
        }
        return this.#surroundings.tell({ type: 'datagram.stale', from });
      case 'sealed': {
        if (this.#session === undefined || !sameBytes(envelope.session, this.#session.id)) {
          return this.#count('ignored.otherSession');
        }
        const letter = this.#session.open(envelope);
        return typeof letter === 'string' ? this.#count(letter) : this.#read(from, letter);
      }
      default:
        return this.#count('ignored.notForClients');
    }
  }

  /** The former session is of use until here: it is the server that forgets it, and when it hears us in the new one. */
  #acknowledged(from: Endpoint, envelope: Extract<Envelope, { readonly type: 'registerAck' }>): void {
    const outcome = this.#registration.acknowledged(envelope);
    if (typeof outcome === 'string') return this.#count(outcome);
    if (outcome.type === 'refused') {
      return this.#surroundings.tell({ type: 'datagram.registerRefuse', from, reason: outcome.reason });
    }
    this.#session = outcome.session;
    this.#observed = outcome.observed;
    this.#secrecy.serverProved?.(outcome.serverKey);
    this.#surroundings.tell({
      type: 'datagram.registerAck',
      from,
      jitter: this.#surroundings.stage.random(),
    });
  }

  #read(from: Endpoint, letter: ToClient): void {
    switch (letter.type) {
      case 'keepaliveAck': {
        this.#observed = letter.observed;
        const jitter = this.#surroundings.stage.random();
        return this.#surroundings.tell({ type: 'datagram.keepaliveAck', from, jitter });
      }
      case 'pathChallenge':
        return this.#challenged(from, letter.token);
      case 'found':
        return this.#calls.found(letter);
      case 'holePunchInitiate':
        return this.#calls.offered(letter, from);
      case 'holePunchAnswer':
        return this.#calls.answered(letter);
      case 'start':
        return this.#calls.started(letter);
      case 'holePunchResponseUnknown':
        return this.#calls.unknown(letter);
    }
  }

  /** A token that we have not seen is for an address that we have not had: as soon as it is proved, peers can be told. */
  #challenged(from: Endpoint, token: Uint8Array): void {
    const isElsewhere = !sameBytes(token, this.#pathToken);
    this.#pathToken = token;
    this.#surroundings.tell({ type: 'datagram.pathChallenge', from, token: nicknameOf(token) });
    if (isElsewhere) this.#calls.addressChanged();
  }

  /** Without a session nothing can be said: whoever writes says it again, and it will have one. */
  #write(letter: ToServer): void {
    const server = this.#surroundings.server();
    if (this.#session === undefined || server === undefined) return;
    const datagram = this.#session.seal(letter);
    this.#surroundings.stage.overhear?.(datagram, letter);
    this.#surroundings.send(server, datagram);
  }

  #count(reason: string): void {
    this.#surroundings.counters.count(reason);
  }
}
