import type { Endpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, type Envelope } from '../../machines/envelope.ts';
import { realAmbient, realEntropy } from '../../runtime/ambient.ts';
import { Registration } from '../../runtime/sealed/registration.ts';
import type { ServerSession } from '../../runtime/sealed/server-session.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';

/** A client of protocol 2 without its chart: it seals what it is told to. */
export class SealedClient {
  readonly endpoint: Endpoint;
  readonly registration: Registration;
  #cookie = '';
  #session: ServerSession | undefined;

  constructor(name: string, endpoint: Endpoint) {
    const trusted = () => 'trusted' as const;
    this.endpoint = endpoint;
    this.registration = new Registration(
      name,
      {
        keys: createKeyPair(realEntropy),
        entropy: realEntropy,
        trustServer: trusted,
        trustPeer: trusted,
        accepts: () => true,
      },
      realAmbient.clock,
    );
  }

  challenged(answer: Uint8Array): void {
    const taken = this.registration.challenged(read(answer, 'challenge'));
    if (typeof taken === 'string') throw new Error(`a challenge is ${taken}`);
    this.#cookie = taken.cookie;
  }

  register(): Uint8Array {
    return this.registration.register(this.#cookie) as Uint8Array;
  }

  acknowledged(answer: Uint8Array): void {
    const outcome = this.registration.acknowledged(read(answer, 'registerAck'));
    if (typeof outcome === 'string' || outcome.type === 'refused') throw new Error('not admitted');
    this.#session = outcome.session;
  }

  keepalive(): Uint8Array {
    return (this.#session as ServerSession).seal({ type: 'keepalive' });
  }
}

/** What the bytes of a server are, which must be of one type. */
export function read<Type extends Envelope['type']>(bytes: Uint8Array, type: Type) {
  const envelope = decodeEnvelope(bytes);
  if (typeof envelope === 'string' || envelope.type !== type) throw new Error(`not a ${type}`);
  return envelope as Extract<Envelope, { readonly type: Type }>;
}
