/** The package `noise-handshake`, which has no types of its own. It loads after {@link sodium}, which it is to use. */
import { createHmac, getHashes } from 'node:crypto';
import { createRequire, Module } from 'node:module';
import { sodium } from './sodium.ts';

/** A key pair as noise-handshake holds it: it zeroes ephemeral ones when it is done. */
export type CurveKeyPair = { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };

export type Curve = {
  /** The pair of the secret key, which is kept and not copied. */
  generateKeyPair(secretKey?: Uint8Array): CurveKeyPair;
  dh(publicKey: Uint8Array, own: CurveKeyPair): Uint8Array;
};

/** One side of one handshake. A call that throws leaves it useless. */
export type NoiseState = {
  readonly complete: boolean;
  /** The other side's static key: 32 bytes, once known. */
  readonly rs: Uint8Array | null;
  /** What to seal with, what to open with (32 bytes each) and the handshake's hash (64 bytes), once complete. */
  readonly tx: Uint8Array | null;
  readonly rx: Uint8Array | null;
  readonly hash: Uint8Array | null;
  initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
  send(payload: Uint8Array): Uint8Array;
  /** Gives the payload. Throws for bytes that are not the next message, and may zero parts of them. */
  recv(message: Uint8Array): Uint8Array;
};

const require = createRequire(import.meta.url);

const HASH = 'blake2b512';

replaceHmac();

/** `pattern` is `IK`. */
export const NoiseState: new (
  pattern: 'IK',
  initiator: boolean,
  own: CurveKeyPair,
  options: { readonly curve: Curve },
) => NoiseState = require('noise-handshake');

const curve25519: Curve = require('noise-handshake/dh');

/**
 * X25519 with ephemeral keys from `ephemeralSecret`, which gives 32 bytes that the state may keep. A shared secret of
 * zero throws whichever sodium is loaded: it comes from a key of low order and is known to all (RFC 7748, section 6.1).
 */
export function curveWith(ephemeralSecret: () => Uint8Array): Curve {
  return {
    ...curve25519,
    generateKeyPair: () => curve25519.generateKeyPair(ephemeralSecret()),
    dh: (publicKey, own) => {
      const shared = curve25519.dh(publicKey, own);
      if (sodium.sodium_is_zero(shared)) throw new Error('a key of low order');
      return shared;
    },
  };
}

/**
 * noise-handshake makes its HMAC-BLAKE2b (RFC 2104) of hashes in JavaScript, which costs a handshake a tenth of its time.
 * OpenSSL has one, unless this build of it leaves BLAKE2b out.
 */
function replaceHmac(): void {
  if (!getHashes().includes(HASH)) return;
  const path = require.resolve('noise-handshake/hmac');
  const replacement = new Module(path);
  replacement.exports = (out: Uint8Array, parts: Uint8Array | readonly Uint8Array[], key: Uint8Array) => {
    const hmac = createHmac(HASH, key);
    for (const part of Array.isArray(parts) ? parts : [parts]) hmac.update(part);
    out.set(hmac.digest());
  };
  replacement.loaded = true;
  require.cache[path] = replacement;
}
