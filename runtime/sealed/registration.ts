import type { Endpoint } from '../../machines/endpoint.ts';
import { type Envelope, encodeEnvelope, ID_BYTES } from '../../machines/envelope.ts';
import { decodeAdmittance, encodeApplication, type RefusalReason } from '../../machines/letter-server.ts';
import { KNOCK_NONCE_MS } from '../../machines/timing.ts';
import type { Clock } from '../ambient.ts';
import { sameKey } from '../secrecy/keys.ts';
import { type Initiation, initiate } from '../secrecy/noise.ts';
import { registrationPrologue } from '../secrecy/prologue.ts';
import { LRUMap } from '../structures.ts';
import { sameBytes } from './hex.ts';
import { nicknameOf } from './nickname.ts';
import type { Secrecy } from './secrecy.ts';
import { type Ignored, ServerSession } from './server-session.ts';

type Challenge = Extract<Envelope, { readonly type: 'challenge' }>;

/** What a challenge has told, and the handshake that answers it: one for all attempts to deliver it. */
type Attempt = {
  readonly cookie: Uint8Array;
  readonly nonce: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly initiation: Initiation | undefined;
};

/** What became of a Register. */
export type Outcome =
  | {
      readonly type: 'admitted';
      readonly session: ServerSession;
      readonly observed: Endpoint;
      readonly serverKey: Uint8Array;
    }
  | { readonly type: 'refused'; readonly reason: RefusalReason };

/** The knocks, challenges and handshakes that end in a session with the server. */
export class Registration {
  readonly #name: string;
  readonly #secrecy: Secrecy;
  readonly #clock: Clock;
  #nonce: Uint8Array = new Uint8Array();
  #nonceAt = Number.NEGATIVE_INFINITY;
  /** By the nicknames of their cookies: the chart may choose an older one than the last. */
  readonly #attempts = new LRUMap<string, Attempt>(4);
  /** The nickname of the cookie that was last registered with. */
  #latest = '';

  constructor(name: string, secrecy: Secrecy, clock: Clock) {
    this.#name = name;
    this.#secrecy = secrecy;
    this.#clock = clock;
  }

  knock(): Uint8Array {
    const now = this.#clock.now();
    if (now - this.#nonceAt >= KNOCK_NONCE_MS) {
      this.#nonce = this.#secrecy.entropy(ID_BYTES);
      this.#nonceAt = now;
    }
    return encodeEnvelope({ type: 'knock', nonce: this.#nonce });
  }

  /** Takes in a challenge: gives what the chart knows its cookie by, or why there is none. */
  challenged({
    nonce,
    cookie,
    serverKey,
  }: Challenge): { readonly cookie: string } | 'distrusted' | 'unasked' {
    if (!sameBytes(nonce, this.#nonce)) return 'unasked';
    if (!this.#isTrusted(serverKey)) return 'distrusted';
    const nickname = nicknameOf(cookie);
    const known = this.#attempts.get(nickname);
    if (known === undefined || !sameKey(known.serverKey, serverKey)) {
      this.#attempts.set(nickname, { cookie, nonce, serverKey, initiation: undefined });
    }
    return { cookie: nickname };
  }

  /** A Register with the cookie of a challenge; undefined if that is long past. */
  register(nickname: string): Uint8Array | undefined {
    const attempt = this.#attempts.get(nickname);
    if (attempt === undefined) return undefined;
    const { cookie, nonce, serverKey } = attempt;
    const initiation = attempt.initiation ?? this.#initiate(nonce, serverKey);
    this.#attempts.set(nickname, { ...attempt, initiation });
    this.#latest = nickname;
    return encodeEnvelope({
      type: 'register',
      cookie,
      nonce,
      handshake: initiation.message,
    });
  }

  /** Reads the answer to the last Register, or says why it is none. */
  acknowledged(envelope: Extract<Envelope, { readonly type: 'registerAck' }>): Outcome | Ignored {
    const attempt = this.#attempts.get(this.#latest);
    if (attempt?.initiation === undefined || !sameBytes(attempt.nonce, envelope.nonce)) {
      return 'ignored.unasked';
    }
    const { serverKey, initiation } = attempt;
    const finished = initiation.finish(envelope.handshake);
    if (finished === undefined) return 'ignored.forged';
    // Its keys are given once: who registers with this cookie again needs others.
    this.#attempts.set(this.#latest, { ...attempt, initiation: undefined });
    const admittance = decodeAdmittance(finished.payload);
    if (typeof admittance === 'string') return `malformed.${admittance}`;
    if (admittance.type === 'refused') return admittance;
    const session = new ServerSession(admittance.session, finished.channel);
    return { type: 'admitted', session, observed: admittance.observed, serverKey };
  }

  #isTrusted(key: Uint8Array): boolean {
    const { serverKey } = this.#secrecy;
    return serverKey === undefined ? this.#secrecy.trustServer(key) === 'trusted' : sameKey(serverKey, key);
  }

  #initiate(nonce: Uint8Array, serverKey: Uint8Array): Initiation {
    const { entropy, keys } = this.#secrecy;
    return initiate(
      entropy,
      keys,
      serverKey,
      registrationPrologue(nonce, serverKey),
      encodeApplication({ name: this.#name }),
    );
  }
}
