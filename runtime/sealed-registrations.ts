/** Who may register: with a cookie for its address, a handshake, and a name that is nobody else's. */
import { type Envelope, encodeEnvelope } from '../machines/envelope.ts';
import {
  type Admittance,
  decodeApplication,
  encodeAdmittance,
  type RefusalReason,
} from '../machines/letter-server.ts';
import type { Grant } from './identity/leases/leases.ts';
import { unpack } from './packed-endpoint.ts';
import type { SealedServiceOptions } from './sealed-service.ts';
import type { Cookies } from './secrecy/cookies.ts';
import { KEY_BYTES, sameKey } from './secrecy/keys.ts';
import { INITIATION_OVERHEAD, type Response, respond } from './secrecy/noise.ts';
import { registrationPrologue } from './secrecy/prologue.ts';
import { NONE } from './tables/records.ts';
import type { PackedEndpoint } from './transport.ts';

/** A Register that is to be answered with a session. */
export type Admitted = {
  readonly from: PackedEndpoint;
  readonly nonce: Uint8Array;
  /** The client's ephemeral key, which tells this Register from every other. */
  readonly ephemeral: Uint8Array;
  readonly response: Response;
  readonly name: string;
};

export type RegistrationsSurroundings = {
  /** Whether there is no room for a session of this name. */
  isFull(name: string): boolean;
  challenge(from: PackedEndpoint, nonce: Uint8Array): void;
  /** The session that a Register has begun, or {@link NONE}. */
  begunBy(ephemeral: Uint8Array): number;
  /** The Register of a session has come once more. False if that is of no use. */
  repeat(session: number, from: PackedEndpoint): boolean;
  begin(admitted: Admitted): void;
};

/** Registrations whose lease is being written at once, at most. */
const WRITING_MAX = 1_000;

/** The bytes of a Register's handshake: its payload has one size. */
const HANDSHAKE_BYTES = INITIATION_OVERHEAD + 65;

export class Registrations {
  readonly #cookies: Cookies;
  readonly #options: SealedServiceOptions;
  readonly #surroundings: RegistrationsSurroundings;
  /** By the ephemeral key: registrations whose lease is being written. */
  readonly #writing = new Set<string>();
  #isClosed = false;

  constructor(cookies: Cookies, options: SealedServiceOptions, surroundings: RegistrationsSurroundings) {
    this.#cookies = cookies;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** The cookie is judged before any key is used. */
  register(from: PackedEndpoint, envelope: Extract<Envelope, { readonly type: 'register' }>): void {
    const { cookie, nonce, handshake } = envelope;
    if (handshake.length !== HANDSHAKE_BYTES) return this.#count('malformed.badHandshake');
    if (!this.#cookies.isGood(unpack(from), nonce, cookie)) {
      this.#count('refused.badCookie');
      return this.#surroundings.challenge(from, nonce);
    }
    const ephemeral = handshake.subarray(0, KEY_BYTES);
    const known = this.#surroundings.begunBy(ephemeral);
    if (known !== NONE) {
      if (this.#surroundings.repeat(known, from)) return;
      return this.#count('refused.repeated');
    }
    if (this.#writing.has(textOf(ephemeral))) return;
    const { entropy, keys } = this.#options;
    const response = respond(entropy, keys, registrationPrologue(nonce, keys.publicKey), handshake);
    const application = response === undefined ? 'forged' : decodeApplication(response.payload);
    if (response === undefined || typeof application === 'string') return this.#count('refused.badHandshake');
    this.#admit({ from: { ...from }, nonce, ephemeral, response, name: application.name });
  }

  close(): void {
    this.#isClosed = true;
  }

  #admit(admitted: Admitted): void {
    const { leases, isTaken } = this.#options;
    const { name, ephemeral, response } = admitted;
    const holder = leases.holderOf(name);
    const isHolder = holder !== undefined && sameKey(holder, response.remoteKey);
    if (holder !== undefined && !isHolder) return this.#refuse(admitted, 'nameTaken');
    if (isTaken(name)) return this.#refuse(admitted, 'nameInUse');
    if (this.#surroundings.isFull(name)) return this.#refuse(admitted, 'full');
    if (isHolder) {
      // A lease that could not be renewed is still a lease.
      Promise.resolve(leases.renew(name)).catch(() => this.#count('refused.unwritten'));
      return this.#surroundings.begin(admitted);
    }
    if (this.#writing.size >= WRITING_MAX) return this.#count('refused.busy');
    const granted = leases.grant(name, response.remoteKey);
    if (typeof granted === 'string') return this.#granted(admitted, granted);
    const registration = textOf(ephemeral);
    this.#writing.add(registration);
    granted
      .then(
        (grant) => this.#granted(admitted, grant),
        () => this.#count('refused.unwritten'),
      )
      .finally(() => this.#writing.delete(registration));
  }

  #granted(admitted: Admitted, grant: Grant): void {
    if (this.#isClosed) return;
    if (grant === 'granted') return this.#surroundings.begin(admitted);
    this.#refuse(admitted, grant === 'held' ? 'nameTaken' : 'full');
  }

  #refuse({ from, nonce, response }: Admitted, reason: RefusalReason): void {
    this.#count(`refused.${reason}`);
    const { bytes } = acknowledgementOf(nonce, response, { type: 'refused', reason });
    this.#options.send(from, bytes, bytes.length);
  }

  #count(reason: string): void {
    this.#options.counters.count(reason);
  }
}

/** The answer to a Register, and the keys that both have from then on. */
export function acknowledgementOf(nonce: Uint8Array, response: Response, admittance: Admittance) {
  const { message, channel } = response.accept(encodeAdmittance(admittance));
  return { bytes: encodeEnvelope({ type: 'registerAck', nonce, handshake: message }), channel };
}

function textOf(ephemeral: Uint8Array): string {
  return Buffer.from(ephemeral).toString('latin1');
}
