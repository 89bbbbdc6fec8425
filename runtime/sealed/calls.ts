import type { Endpoint } from '../../machines/endpoint.ts';
import { decodeWhereabouts, encodeWhereabouts } from '../../machines/letter-peer.ts';
import type { ToClient } from '../../machines/letter-server.ts';
import { linkError } from '../errors.ts';
import type { Link } from '../link.ts';
import { sameKey } from '../secrecy/keys.ts';
import { type Channel, type Response, respond } from '../secrecy/noise.ts';
import { callPrologue } from '../secrecy/prologue.ts';
import { LRUMap } from '../structures.ts';
import { acceptableTo } from './candidates.ts';
import { hex } from './hex.ts';
import { LinkTable } from './link-table.ts';
import type { Office } from './office.ts';
import { Renewals } from './renewals.ts';
import { type LinkKeeper, SealedLink } from './sealed-link.ts';

type Letter<Type extends ToClient['type']> = Extract<ToClient, { readonly type: Type }>;

/** Calls of others that are remembered, so that each is answered once. */
const CALLS_MAX = 64;

/** Who calls whom, through the server: our own calls, and those of others. */
export class Calls implements LinkKeeper {
  readonly links = new LinkTable();
  readonly #office: Office;
  /** By their offers: a caller that is asked for another registration keeps its offer, the server its id not. */
  readonly #answered = new LRUMap<string, Answered | 'refused' | 'crossed'>(CALLS_MAX);
  readonly #requested = new LRUMap<string, SealedLink>(CALLS_MAX);
  readonly #renewals: Renewals;

  constructor(office: Office) {
    this.#office = office;
    this.#renewals = new Renewals(office, this.links);
  }

  /** The link to a peer: the one there is, or a new one. Throws a PunchError for a key that it cannot have. */
  link(peer: string, server: Endpoint, key: Uint8Array | undefined): Link {
    const known = this.links.named(peer);
    if (known !== undefined) {
      if (!mayHave(known, key)) throw linkError('peerKeyChanged', peer);
      if (known.key === undefined && key !== undefined) known.learn(key);
      return known.host;
    }
    const link = new SealedLink(this.#office, this, peer, key);
    link.begin(server);
    if (!link.host.isOver) this.links.enter(link);
    return link.host;
  }

  found({ request, key }: Letter<'found'>): void {
    const link = [...this.links].find((one) => one.key === undefined && one.isLookedUpBy(request));
    if (link === undefined) return this.#count('ignored.unasked');
    if (this.#office.secrecy.trustPeer(link.peer, key) === 'distrusted') {
      this.#count('ignored.distrustedKey');
      link.host.explain(this.#office.secrecy.changed?.('peer', key, link.peer));
      return link.host.tell({ type: 'keyDistrusted' });
    }
    link.learn(key);
  }

  unknown({ request }: Letter<'holePunchResponseUnknown'>): void {
    const link = [...this.links].find(
      (one) =>
        one.callOf(request) !== undefined ||
        one.isRenewing(request) ||
        (one.key === undefined && one.isLookedUpBy(request)),
    );
    if (link === undefined) return this.#count('ignored.unasked');
    link.decline();
  }

  answered(letter: Letter<'holePunchAnswer'>): void {
    const { request, remote, answer, startInMs } = letter;
    const renewing = [...this.links].find((one) => one.isRenewing(request));
    if (renewing !== undefined) return this.#renewals.answered(renewing, letter);
    const link = [...this.links].find((one) => one.callOf(request) !== undefined);
    // Also for an answer that is repeated: the first one has ended the call.
    if (link === undefined) return this.#count('ignored.unasked');
    const finished = link.callOf(request)?.finish(answer);
    if (finished === undefined) return this.#count('ignored.forged');
    const whereabouts = decodeWhereabouts(finished.payload);
    if (typeof whereabouts === 'string') this.#count(`malformed.${whereabouts}`);
    const candidates = typeof whereabouts === 'string' ? [] : whereabouts.candidates;
    this.#pairUp(link, finished.channel, 'answered');
    link.host.tell({
      type: 'introduced',
      remote,
      candidates: acceptableTo(this.#office, candidates, remote),
      startInMs,
    });
  }

  started({ request, startInMs }: Letter<'start'>): void {
    const link = this.#requested.get(hex(request));
    if (link === undefined) return this.#count('ignored.unasked');
    link.host.tell({ type: 'start', inMs: startInMs });
  }

  /** Somebody calls us. */
  offered(letter: Letter<'holePunchInitiate'>, server: Endpoint): void {
    const current = this.links.named(letter.name);
    const known = this.#answered.get(hex(letter.offer));
    if (known === 'crossed' && current !== undefined) return this.#passOver(current, letter);
    if (known !== undefined && known !== 'crossed') return this.#answer(letter.request, known);
    const isHeeded = this.#renewals.offered(letter, (answered) => this.#conclude(letter, answered));
    if (isHeeded) return;
    // Before any public-key operation: the server vouches for the name and the key, and a refusal needs no more.
    const reason = this.#reasonToRefuse(letter, current);
    if (reason !== undefined) {
      this.#count(`ignored.${reason}`);
      return this.#conclude(letter, 'refused');
    }
    const { entropy, keys } = this.#office.secrecy;
    const response = respond(entropy, keys, callPrologue, letter.offer);
    if (response === undefined || !sameKey(response.remoteKey, letter.key)) {
      return this.#count('ignored.forged');
    }
    const whereabouts = decodeWhereabouts(response.payload);
    if (typeof whereabouts === 'string') return this.#count(`malformed.${whereabouts}`);
    if (current !== undefined && this.#crosses(letter, current)) return this.#passOver(current, letter);
    this.#accept(letter, server, response, whereabouts.candidates);
  }

  addressChanged(): void {
    for (const { host } of this.links) host.tell({ type: 'address.changed' });
  }

  connected(link: SealedLink): void {
    const { secrecy, called } = this.#office;
    if (link.key !== undefined) secrecy.peerProved?.(link.peer, link.key);
    if (this.links.beside(link.peer) !== link) return;
    const former = this.links.named(link.peer);
    this.links.promote(link);
    called(link.host);
    // It does not know of the former any more: it was started again, or it has lost it.
    former?.host.tell({ type: 'datagram.bye' });
  }

  ended(link: SealedLink): void {
    this.links.remove(link);
    const successor = this.links.beside(link.peer);
    if (successor === undefined || this.links.named(link.peer) !== undefined) return;
    this.links.promote(successor);
    this.#office.called(successor.host);
  }

  close(): void {
    // Those beside others first: they are to take nobody's place now.
    for (const link of [...this.links].reverse()) link.host.close();
  }

  #reasonToRefuse(
    { name, key }: Letter<'holePunchInitiate'>,
    current: SealedLink | undefined,
  ): string | undefined {
    const { secrecy } = this.#office;
    if (secrecy.trustPeer(name, key) === 'distrusted') return 'distrustedKey';
    if (current !== undefined && !mayHave(current, key)) return 'distrustedKey';
    if (current === undefined && this.links.isFull) return 'tooManyLinks';
    // Whom we are calling ourselves is wanted, whoever else may call us.
    return current !== undefined || secrecy.accepts(key, name) ? undefined : 'unaccepted';
  }

  /**
   * Whether a call of ours stands against this one. Of two that cross, that of the smaller key does, and both sides see
   * it alike. One that was answered does too: what comes then was sent before.
   */
  #crosses({ key, name }: Letter<'holePunchInitiate'>, current: SealedLink): boolean {
    if (current.wasConnected || !current.isCaller) return false;
    if (current.pair !== undefined) return true;
    const order = Buffer.compare(this.#office.secrecy.keys.publicKey, key);
    return order < 0 || (order === 0 && this.#office.name < name);
  }

  /** The caller will answer our call instead. */
  #passOver(current: SealedLink, { offer }: Letter<'holePunchInitiate'>): void {
    this.#answered.set(hex(offer), 'crossed');
    this.#count('ignored.crossed');
    current.hurry();
  }

  #accept(
    letter: Letter<'holePunchInitiate'>,
    server: Endpoint,
    response: Response,
    named: readonly Endpoint[],
  ): void {
    const { name, key, remote } = letter;
    const { message, channel } = response.accept(
      encodeWhereabouts({ candidates: this.#office.candidates() }),
    );
    const current = this.links.named(name);
    const isNew = current === undefined || current.wasConnected;
    const link = isNew ? new SealedLink(this.#office, this, name, key) : current;
    link.key = key;
    this.#pairUp(link, channel, 'called');
    this.#conclude(letter, { link, answer: message });
    link.begin(server, { remote, candidates: acceptableTo(this.#office, named, remote) });
    if (!isNew) return;
    // Where no path can lead: it has ended already, and the user is told why.
    if (link.host.isOver) return this.#office.called(link.host);
    if (current === undefined) {
      this.links.enter(link);
      return this.#office.called(link.host);
    }
    this.links.beside(name)?.host.close();
    this.links.enterBeside(link);
  }

  #pairUp(link: SealedLink, channel: Channel, role: 'answered' | 'called'): void {
    this.links.unpair(link);
    this.links.pairUp(link.pairUp(channel, role), link);
  }

  #conclude(letter: Letter<'holePunchInitiate'>, answered: Answered | 'refused'): void {
    this.#answered.set(hex(letter.offer), answered);
    this.#answer(letter.request, answered);
  }

  #answer(request: Uint8Array, answered: Answered | 'refused'): void {
    if (answered === 'refused' || answered.link.isOver) {
      return this.#office.write({ type: 'holePunchRefuse', request });
    }
    this.#requested.set(hex(request), answered.link);
    this.#office.write({ type: 'holePunchAccept', request, answer: answered.answer });
  }

  #count(reason: string): void {
    this.#office.counters.count(reason);
  }
}

/** What a call was answered with. */
type Answered = { readonly link: SealedLink; readonly answer: Uint8Array };

function mayHave(link: SealedLink, key: Uint8Array | undefined): boolean {
  return key === undefined || link.key === undefined || sameKey(link.key, key);
}
