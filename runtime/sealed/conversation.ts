import type { Endpoint } from '../../machines/endpoint.ts';
import type { ToPeer } from '../../machines/letter-peer.ts';
import { PunchError } from '../errors.ts';
import type { LinkHost, LinkRequest } from '../link.ts';
import type { Channel } from '../secrecy/noise.ts';
import { decodeFrame, encodeFrame, type Frame } from './frames.ts';
import { Lines } from './lines.ts';
import type { Office } from './office.ts';
import { Pair } from './pair.ts';
import { Paths } from './paths.ts';
import type { PairEnvelope } from './renewals.ts';

/** What two peers say to each other under one pair of keys. */
export class Conversation {
  readonly #office: Office;
  readonly #host: () => LinkHost;
  readonly #pair: Pair;
  readonly #paths: Paths;
  readonly #lines: Lines;

  constructor(office: Office, channel: Channel, host: () => LinkHost) {
    this.#office = office;
    this.#host = host;
    this.#pair = new Pair(channel);
    this.#paths = new Paths(office.stage.clock, office.secrecy.entropy);
    this.#lines = new Lines({
      clock: office.stage.clock,
      transmit: (frame) => this.send(frame),
      deliver: (text) => this.#deliver(text),
      distrust: (reason) => this.#count(`ignored.${reason}`),
    });
  }

  /** What both call these keys, in hexadecimal. */
  get pair(): string {
    return this.#pair.name;
  }

  perform(effect: Extract<LinkRequest, { readonly type: 'probe' | 'bye' }>): void {
    if (effect.type === 'bye') return this.#say(effect.to, { type: 'bye' });
    for (const to of effect.to) this.#say(to, this.#paths.probe(to, effect.asks), effect.hops);
  }

  /** Sends once, to where the peer was heard last. */
  send(frame: Frame): void {
    const { remote } = this.#host();
    if (remote !== null) this.#say(remote, { type: 'data', bytes: encodeFrame(frame) });
  }

  /** Sends until it has arrived. */
  sendLine(text: string): Promise<void> {
    return this.#lines.send(text);
  }

  receive(from: Endpoint, envelope: PairEnvelope): void {
    const letter = this.#pair.open(envelope);
    if (typeof letter === 'string') return this.#count(letter);
    switch (letter.type) {
      case 'probe': {
        const confirms = this.#paths.heard(from, letter);
        return this.#host().tell({ type: 'datagram.probe', from, confirms, asks: letter.asks });
      }
      case 'data':
        return this.#read(letter.bytes);
      case 'bye':
        return this.#host().tell({ type: 'datagram.bye' });
      // Without the server's word for where the peer is, it says too little.
      case 'whereabouts':
        return this.#count('ignored.astray');
    }
  }

  /** Where else we are, for the server to carry to the peer. */
  sealWhereabouts(): Uint8Array {
    return this.#seal({ type: 'whereabouts', candidates: this.#office.candidates() });
  }

  /** Where else the peer says that it is, in what the server has carried to us; undefined if the peer does not say so. */
  openWhereabouts(envelope: PairEnvelope): readonly Endpoint[] | undefined {
    const letter = this.#pair.open(envelope);
    if (typeof letter !== 'string' && letter.type === 'whereabouts') return letter.candidates;
    this.#count(typeof letter === 'string' ? letter : 'ignored.astray');
    return undefined;
  }

  end(error: PunchError | undefined): void {
    const { peer } = this.#host();
    const reason = error?.message ?? `The link to ${peer} was closed.`;
    this.#lines.end(
      new PunchError('undelivered', `Nobody knows whether this has reached ${peer}. ${reason}`),
    );
  }

  /** The chart has no part in this: data is authentic, wherever it comes from, and proves nothing of the path. */
  #read(bytes: Uint8Array): void {
    const { state, datagrams } = this.#host();
    if (state !== 'connected' && state !== 'punching') return this.#count('ignored.late');
    const frame = decodeFrame(bytes);
    if (typeof frame === 'string') return this.#count(`malformed.${frame}`);
    if (frame.type === 'datagram') datagrams.push(frame.bytes);
    else this.#lines.receive(frame);
  }

  #deliver(text: string): boolean {
    const { messages } = this.#host();
    if (messages.isFull) return false;
    messages.push(text);
    return true;
  }

  #say(to: Endpoint, letter: ToPeer, hops?: number): void {
    this.#office.send(to, this.#seal(letter), hops);
  }

  #seal(letter: ToPeer): Uint8Array {
    const datagram = this.#pair.seal(letter);
    this.#office.stage.overhear?.(datagram, letter);
    return datagram;
  }

  #count(reason: string): void {
    this.#office.counters.count(reason);
  }
}
