import { decodeEnvelope, type Envelope, encodeEnvelope, headerOf } from '../../machines/envelope.ts';
import {
  type Admittance,
  decodeAdmittance,
  decodeToClient,
  encodeApplication,
  encodeToServer,
  type ToClient,
  type ToServer,
} from '../../machines/letter-server.ts';
import { createKeyPair, type KeyPair } from '../../runtime/secrecy/keys.ts';
import { type Channel, initiate } from '../../runtime/secrecy/noise.ts';
import { registrationPrologue } from '../../runtime/secrecy/prologue.ts';
import { createOpener, createSealer, type Opener, type Sealer } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import type { Puppet } from '../runtime/scene.ts';

/** A client of protocol 2 that a test leads by the hand, at any number of addresses. */
export class ScriptedClient {
  readonly entropy: (length: number) => Uint8Array;
  readonly keys: KeyPair;
  readonly name: string;
  session: Uint8Array | undefined;
  /** The keys of the session. */
  channel: Channel | undefined;
  #sealer: Sealer | undefined;
  #opener: Opener | undefined;

  constructor(name: string, seed: number, keys?: KeyPair) {
    this.name = name;
    this.entropy = seededEntropy(seed);
    this.keys = keys ?? createKeyPair(this.entropy);
  }

  knock(): { bytes: Uint8Array; nonce: Uint8Array } {
    const nonce = this.entropy(8);
    return { bytes: encodeEnvelope({ type: 'knock', nonce }), nonce };
  }

  /** The Register that a challenge asks for, and what reads the answer to it. */
  register(challenge: Extract<Envelope, { type: 'challenge' }>) {
    const { nonce, cookie, serverKey } = challenge;
    const { message, finish } = initiate(
      this.entropy,
      this.keys,
      serverKey,
      registrationPrologue(nonce, serverKey),
      encodeApplication({ name: this.name }),
    );
    const admitted = (answer: Envelope | undefined): Admittance | undefined => {
      const finished = answer?.type === 'registerAck' ? finish(answer.handshake) : undefined;
      if (finished === undefined) return undefined;
      const admittance = decodeAdmittance(finished.payload);
      if (typeof admittance === 'string') throw new Error(admittance);
      if (admittance.type === 'admitted') this.#use(admittance.session, finished.channel);
      return admittance;
    };
    return { bytes: encodeEnvelope({ type: 'register', cookie, nonce, handshake: message }), admitted };
  }

  seal(letter: ToServer): Uint8Array {
    if (this.session === undefined || this.#sealer === undefined) throw new Error('not registered');
    const envelope = { type: 'sealed', session: this.session, counter: this.#sealer.next() } as const;
    const sealed = this.#sealer.seal(envelope.counter, headerOf(envelope), encodeToServer(letter));
    return encodeEnvelope({ ...envelope, sealed });
  }

  /** The letters among what a puppet has received since it was last asked. */
  letters(puppet: Pick<Puppet, 'received'>): ToClient[] {
    return received(puppet).flatMap((envelope) => {
      if (envelope.type !== 'sealed') return [];
      const opened = this.#opener?.open(envelope.counter, headerOf(envelope), envelope.sealed) ?? 'forged';
      const letter = typeof opened === 'string' ? opened : decodeToClient(opened);
      if (typeof letter === 'string') throw new Error(`received something ${letter}`);
      return [letter];
    });
  }

  #use(session: Uint8Array, channel: Channel): void {
    this.session = session;
    this.channel = channel;
    this.#sealer = createSealer(channel.sendKey);
    this.#opener = createOpener(channel.receiveKey);
  }
}

/** What a puppet has received since it was last asked. */
export function received(puppet: Pick<Puppet, 'received'>): Envelope[] {
  return puppet.received.splice(0).map(({ bytes }) => {
    const envelope = decodeEnvelope(bytes);
    if (typeof envelope === 'string') throw new Error(`received something ${envelope}`);
    return envelope;
  });
}
