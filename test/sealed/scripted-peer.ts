import type { Endpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, type Envelope } from '../../machines/envelope.ts';
import { encodeWhereabouts, type ToPeer } from '../../machines/letter-peer.ts';
import { Pair } from '../../runtime/sealed/pair.ts';
import type { KeyPair } from '../../runtime/secrecy/keys.ts';
import { type Channel, type Initiation, initiate, respond } from '../../runtime/secrecy/noise.ts';
import { callPrologue } from '../../runtime/secrecy/prologue.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import type { Puppet } from '../runtime/scene.ts';

/** A peer with keys that says what a test tells it to. The server between is the test. */
export class ScriptedPeer {
  readonly keys: KeyPair;
  readonly puppet: Puppet;
  /** The keys that both have. */
  channel: Channel | undefined;
  readonly #other: string;
  readonly #entropy;
  #initiation: Initiation | undefined;
  #pair: Pair | undefined;
  readonly #read = new Map<Puppet, number>();

  constructor(puppet: Puppet, keys: KeyPair, other: string, seed = 66) {
    this.puppet = puppet;
    this.keys = keys;
    this.#other = other;
    this.#entropy = seededEntropy(seed);
  }

  /** An offer for the holder of a key; another one each time. */
  offer(key: Uint8Array, candidates: readonly Endpoint[] = []): Uint8Array {
    const whereabouts = encodeWhereabouts({ candidates });
    this.#initiation = initiate(this.#entropy, this.keys, key, callPrologue, whereabouts);
    return this.#initiation.message;
  }

  /** Takes the answer to its last offer. False if it is none. */
  finish(answer: Uint8Array): boolean {
    const finished = this.#initiation?.finish(answer);
    if (finished !== undefined) this.#use(finished.channel);
    return finished !== undefined;
  }

  /** The answer to an offer. */
  accept(offer: Uint8Array, candidates: readonly Endpoint[] = []): Uint8Array {
    const response = respond(this.#entropy, this.keys, callPrologue, offer);
    if (response === undefined) throw new Error('not an offer for this peer');
    const { message, channel } = response.accept(encodeWhereabouts({ candidates }));
    this.#use(channel);
    return message;
  }

  /** Sends a letter to the other peer, and gives the datagram, for who wants to send it again. */
  say(letter: ToPeer, through: Puppet = this.puppet): Uint8Array {
    if (this.#pair === undefined) throw new Error('the peer has no keys to speak with');
    const bytes = this.#pair.seal(letter);
    through.send(this.#other, bytes);
    return bytes;
  }

  /** A probe that brings back what the other has said last, if that is given. */
  probe(echo: Uint8Array | null, asks: boolean): ToPeer {
    const observed = { address: '192.0.2.1', port: 1 };
    return { type: 'probe', nonce: this.#entropy(8), echo, asks, observed };
  }

  /** What the other has said to an address since this was asked last. */
  heard(at: Puppet = this.puppet): ToPeer[] {
    const fresh = at.received.slice(this.#read.get(at) ?? 0);
    this.#read.set(at, at.received.length);
    return fresh.flatMap(({ bytes }) => {
      const envelope = decodeEnvelope(bytes);
      return typeof envelope !== 'string' && envelope.type === 'pair' ? [this.#open(envelope)] : [];
    });
  }

  #use(channel: Channel): void {
    this.channel = channel;
    this.#pair = new Pair(channel);
  }

  #open(envelope: Extract<Envelope, { readonly type: 'pair' }>): ToPeer {
    const letter = this.#pair?.open(envelope);
    if (letter === undefined || typeof letter === 'string') throw new Error(`a letter is ${letter}`);
    return letter;
  }
}
