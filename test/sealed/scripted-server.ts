import { decodeEnvelope, type Envelope, encodeEnvelope, headerOf } from '../../machines/envelope.ts';
import {
  type Admittance,
  decodeApplication,
  decodeToServer,
  encodeAdmittance,
  encodeToClient,
  type ToClient,
  type ToServer,
} from '../../machines/letter-server.ts';
import { createKeyPair, type KeyPair } from '../../runtime/secrecy/keys.ts';
import { type Channel, respond } from '../../runtime/secrecy/noise.ts';
import { registrationPrologue } from '../../runtime/secrecy/prologue.ts';
import { createOpener, createSealer } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { type Puppet, SERVER } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import type { SealedScene } from './sealed-scene.ts';

type Of<Type extends Envelope['type']> = Extract<Envelope, { readonly type: Type }>;

/** A server of protocol 2 that says what a test tells it to, to one client. */
export class ScriptedServer {
  readonly keys: KeyPair;
  readonly puppet: Puppet;
  readonly #entropy = seededEntropy(55);
  readonly #client: string;
  #read = 0;

  /** In the place of the scene's own. */
  constructor(scene: SealedScene, client: string, keys?: KeyPair) {
    scene.stopServer();
    this.puppet = scene.stranger(SERVER);
    this.keys = keys ?? createKeyPair(this.#entropy);
    this.#client = client;
  }

  /** What has come since this was asked last. */
  received(): Envelope[] {
    const fresh = this.puppet.received.slice(this.#read);
    this.#read = this.puppet.received.length;
    return fresh.map(({ bytes }) => {
      const envelope = decodeEnvelope(bytes);
      if (typeof envelope === 'string') throw new Error(`received something ${envelope}`);
      return envelope;
    });
  }

  /** The last one of a kind that has come since this was asked last. */
  last<Type extends Envelope['type']>(type: Type): Of<Type> {
    const found = this.received().findLast((envelope) => envelope.type === type);
    if (found === undefined) throw new Error(`no ${type} has come`);
    return found as Of<Type>;
  }

  say(envelope: Envelope): void {
    this.puppet.send(this.#client, encodeEnvelope(envelope));
  }

  challenge({ nonce }: { readonly nonce: Uint8Array }, cookie = 7, serverKey = this.keys.publicKey): void {
    this.say({
      type: 'challenge',
      nonce,
      cookie: new Uint8Array(16).fill(cookie),
      serverKey,
      observed: endpoint(this.#client),
    });
  }

  /** Answers a Register, and gives the session if that is what the answer opens. */
  acknowledge(register: Of<'register'>, admittance?: Admittance): ScriptedSession {
    const prologue = registrationPrologue(register.nonce, this.keys.publicKey);
    const response = respond(this.#entropy, this.keys, prologue, register.handshake);
    if (response === undefined) throw new Error('not a Register for this server');
    const application = decodeApplication(response.payload);
    if (typeof application === 'string') throw new Error(`an application is ${application}`);
    const session = this.#entropy(8);
    const answer = admittance ?? { type: 'admitted', session, observed: endpoint(this.#client) };
    const { message, channel } = response.accept(encodeAdmittance(answer));
    this.say({ type: 'registerAck', nonce: register.nonce, handshake: message });
    return new ScriptedSession(this, this.#client, { id: session, channel, name: application.name });
  }

  /** Answers a client that has knocked, up to the point where the client makes sure that it was heard. */
  admit(scene: SealedScene): ScriptedSession {
    this.challenge(this.last('knock'));
    scene.advance(45);
    const session = this.acknowledge(this.last('register'));
    scene.advance(45);
    return session;
  }

  /** Registers a client that has knocked. */
  register(scene: SealedScene): ScriptedSession {
    const session = this.admit(scene);
    session.letters();
    session.confirm();
    scene.advance(45);
    return session;
  }
}

export class ScriptedSession {
  readonly id: Uint8Array;
  readonly name: string;
  readonly channel: Channel;
  readonly #server: ScriptedServer;
  readonly #client: string;
  readonly #sealer;
  readonly #opener;

  constructor(
    server: ScriptedServer,
    client: string,
    { id, channel, name }: { readonly id: Uint8Array; readonly channel: Channel; readonly name: string },
  ) {
    this.#server = server;
    this.#client = client;
    this.id = id;
    this.name = name;
    this.channel = channel;
    this.#sealer = createSealer(channel.sendKey);
    this.#opener = createOpener(channel.receiveKey);
  }

  /** Tells the client that its letters come from where it is. */
  confirm(): void {
    this.write({ type: 'keepaliveAck', observed: endpoint(this.#client) });
  }

  /** Sends a letter, and gives the datagram, for who wants to send it again. */
  write(letter: ToClient): Extract<Envelope, { readonly type: 'sealed' }> {
    const header = { type: 'sealed', session: this.id, counter: this.#sealer.next() } as const;
    const sealed = this.#sealer.seal(header.counter, headerOf(header), encodeToClient(letter));
    this.#server.say({ ...header, sealed });
    return { ...header, sealed };
  }

  /** What the client has written in this session since the server was asked last. */
  letters(): ToServer[] {
    return this.#server.received().flatMap((envelope) => {
      if (envelope.type !== 'sealed' || !Buffer.from(envelope.session).equals(this.id)) return [];
      const opened = this.#opener.open(envelope.counter, headerOf(envelope), envelope.sealed);
      if (typeof opened === 'string') throw new Error(`a letter is ${opened}`);
      const letter = decodeToServer(opened);
      if (typeof letter === 'string') throw new Error(`a letter is ${letter}`);
      return [letter];
    });
  }
}
