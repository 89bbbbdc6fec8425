import type { Endpoint } from '../../machines/endpoint.ts';
import { ID_BYTES } from '../../machines/envelope.ts';
import { encodeWhereabouts } from '../../machines/letter-peer.ts';
import type { LinkInput } from '../../machines/link.ts';
import { PROBE_BUDGET_MS } from '../../machines/timing.ts';
import { PunchError } from '../errors.ts';
import { type LinkEdge, LinkHost, type LinkRequest } from '../link.ts';
import { type Channel, type Initiation, initiate } from '../secrecy/noise.ts';
import { callPrologue } from '../secrecy/prologue.ts';
import { Conversation } from './conversation.ts';
import { DATAGRAM_BYTES_MAX, lineFault } from './frames.ts';
import { sameBytes } from './hex.ts';
import type { Office } from './office.ts';
import type { PairEnvelope } from './renewals.ts';

/** What a link tells whoever keeps it. */
export type LinkKeeper = {
  connected(link: SealedLink): void;
  ended(link: SealedLink): void;
};

/** One link of protocol 2: what its chart does not know of, which is ids and keys. */
export class SealedLink implements LinkEdge {
  readonly peer: string;
  /** The peer's key, once we know which it must be. */
  key: Uint8Array | undefined;
  readonly #office: Office;
  readonly #keeper: LinkKeeper;
  readonly #lookup: Uint8Array;
  #host: LinkHost | undefined;
  #call: Call | undefined;
  #renewal: Renewal | undefined;
  #conversation: Conversation | undefined;
  #wasAnswered = false;
  #wasConnected = false;

  constructor(office: Office, keeper: LinkKeeper, peer: string, key: Uint8Array | undefined) {
    this.peer = peer;
    this.key = key;
    this.#office = office;
    this.#keeper = keeper;
    this.#lookup = office.secrecy.entropy(ID_BYTES);
  }

  /** What the user has of it. */
  get host(): LinkHost {
    if (this.#host === undefined) throw new Error('a link is used before it has begun');
    return this.#host;
  }

  /** What both peers call their keys, once they have some. */
  get pair(): string | undefined {
    return this.#conversation?.pair;
  }

  /** Whether there was a path at some time, which may be lost for the moment. */
  get wasConnected(): boolean {
    return this.#wasConnected;
  }

  /** Whether an offer of ours is under way, or was the one that was answered. */
  get isCaller(): boolean {
    return this.#call !== undefined || this.#wasAnswered;
  }

  get isOver(): boolean {
    return this.#host?.isOver ?? false;
  }

  /** Brings the link to life: as a caller, or towards a peer that has called. Once more, if it has to begin anew. */
  begin(server: Endpoint, called?: { readonly remote: Endpoint; readonly candidates: readonly Endpoint[] }) {
    const { stage, name, timeoutMs } = this.#office;
    const input: LinkInput = {
      name,
      peer: this.peer,
      server,
      protocol: 2,
      hasKey: this.key !== undefined,
      jitter: stage.random(),
      remote: called?.remote ?? null,
      candidates: called?.candidates ?? [],
      patienceMs: timeoutMs,
      punchBudgetMs: Math.min(timeoutMs, PROBE_BUDGET_MS),
    };
    if (this.#host === undefined) this.#host = new LinkHost(stage, input, this);
    else this.#host.restart(input);
  }

  /** The key that the peer must have: the call can begin. */
  learn(key: Uint8Array): void {
    this.key = key;
    this.host.tell({ type: 'keyFound' });
  }

  /** From here on both peers have keys: our call was answered, or we were called. Gives the name of the pair. */
  pairUp(channel: Channel, how: 'answered' | 'called'): string {
    this.#call = undefined;
    this.#wasAnswered = how === 'answered';
    this.#conversation = new Conversation(this.#office, channel, () => this.host);
    return this.#conversation.pair;
  }

  /** Our call of this id, declined or not, unless a later one has taken its place. */
  callOf(request: Uint8Array): Initiation | undefined {
    return this.#call !== undefined && sameBytes(this.#call.request, request)
      ? this.#call.initiation
      : undefined;
  }

  /** Whether we have asked to be introduced anew, by this id. */
  isRenewing(request: Uint8Array): boolean {
    return this.#renewal !== undefined && sameBytes(this.#renewal.request, request);
  }

  /** What the peer has to say to that, or to ask for: where else it is. Undefined if these are not its words. */
  openWhereabouts(envelope: PairEnvelope): readonly Endpoint[] | undefined {
    return this.#conversation?.openWhereabouts(envelope);
  }

  /** Our own word to the peer, for the server to carry; undefined without keys. */
  sealWhereabouts(): Uint8Array | undefined {
    return this.#conversation?.sealWhereabouts();
  }

  /** Both are introduced anew. To ask again is another renewal: the server remembers what it has answered. */
  renewed(remote: Endpoint, candidates: readonly Endpoint[]): void {
    this.#renewal = undefined;
    this.host.tell({ type: 'introduced', remote, candidates });
  }

  isLookedUpBy(request: Uint8Array): boolean {
    return sameBytes(this.#lookup, request);
  }

  /** The server cannot introduce now. To ask again is another call: the server remembers what it has answered. */
  decline(): void {
    if (this.#call !== undefined) this.#call = { ...this.#call, isDeclined: true };
    this.#renewal = undefined;
    this.host.tell({ type: 'disappointed' });
  }

  /** Asks again before its time, since the peer is there after all. Should this be lost, the chart asks soon enough. */
  hurry(): void {
    if (this.#call?.isDeclined) this.#request();
  }

  perform(effect: LinkRequest): void {
    if (effect.type !== 'transmit') return this.#conversation?.perform(effect);
    switch (effect.message.type) {
      case 'lookup':
        return this.#office.write({ type: 'lookup', request: this.#lookup, name: this.peer });
      case 'holePunchRequest':
        return this.#wasConnected ? this.#renew() : this.#request();
      default:
        throw new Error(`protocol 2 has no ${effect.message.type}`);
    }
  }

  send(link: LinkHost, text: string): Promise<void> {
    const conversation = this.#open(link);
    const fault = lineFault(text);
    if (fault !== undefined) throw new PunchError('badText', fault);
    return conversation.sendLine(text);
  }

  sendDatagram(link: LinkHost, bytes: Uint8Array): void {
    const conversation = this.#open(link);
    if (bytes.length > DATAGRAM_BYTES_MAX) {
      throw new PunchError(
        'tooLong',
        `A datagram of ${bytes.length} bytes does not fit: ${DATAGRAM_BYTES_MAX} do. Send it in parts.`,
      );
    }
    conversation.send({ type: 'datagram', bytes });
  }

  connected(): void {
    if (this.#wasConnected) return;
    this.#wasConnected = true;
    this.#keeper.connected(this);
  }

  ended(link: LinkHost, error: PunchError | undefined): void {
    // A link to where no path can lead ends before it has begun.
    this.#host ??= link;
    this.#call = undefined;
    this.#renewal = undefined;
    this.#conversation?.end(error);
    this.#keeper.ended(this);
  }

  receive(from: Endpoint, envelope: PairEnvelope): void {
    this.#conversation?.receive(from, envelope);
  }

  /** While a path is being repaired, what is sent waits or is lost, as on any network. */
  #open(link: LinkHost): Conversation {
    const isOpen = link.state === 'connected' || (link.state === 'punching' && this.#wasConnected);
    if (!isOpen || this.#conversation === undefined) throw link.notConnected();
    return this.#conversation;
  }

  #request(): void {
    const { key } = this;
    if (key === undefined) return;
    if (this.#call === undefined || this.#call.isDeclined) this.#call = this.#newCall(key);
    const { request, initiation } = this.#call;
    this.#office.write({
      type: 'holePunchRequest',
      request,
      name: this.peer,
      key,
      offer: initiation.message,
    });
  }

  /** Asks to be introduced anew. Should the links have asked too often, the chart asks again. */
  #renew(): void {
    const { key } = this;
    if (key === undefined || !this.#office.renewals.spend()) return;
    const offer = this.#renewal?.offer ?? this.sealWhereabouts();
    if (offer === undefined) return;
    this.#renewal ??= { request: this.#office.secrecy.entropy(ID_BYTES), offer };
    const { request } = this.#renewal;
    this.#office.write({ type: 'holePunchRequest', request, name: this.peer, key, offer });
  }

  #newCall(key: Uint8Array): Call {
    const { entropy, keys } = this.#office.secrecy;
    const whereabouts = encodeWhereabouts({ candidates: this.#office.candidates() });
    return {
      request: entropy(ID_BYTES),
      initiation: initiate(entropy, keys, key, callPrologue, whereabouts),
      isDeclined: false,
    };
  }
}

/** Our wish to be introduced: the same for all attempts to tell the server. */
type Call = {
  readonly request: Uint8Array;
  readonly initiation: Initiation;
  readonly isDeclined: boolean;
};

/** Our wish to be introduced once more: likewise. */
type Renewal = { readonly request: Uint8Array; readonly offer: Uint8Array };
