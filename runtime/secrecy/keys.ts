import type { Entropy } from '../ambient.ts';
import { sodium } from './sodium.ts';

/** An X25519 key pair (RFC 7748), 32 bytes each. The public key is an identity, and is what others know one by. */
export type KeyPair = { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };

/** The bytes of a key, public or secret. */
export const KEY_BYTES = 32;

/** The pair of a secret key; throws a RangeError if that has not 32 bytes. The bytes are copied. */
export function keyPairFrom(secretKey: Uint8Array): KeyPair {
  if (secretKey.length !== KEY_BYTES) throw new RangeError(`a secret key has ${KEY_BYTES} bytes`);
  const publicKey = new Uint8Array(KEY_BYTES);
  sodium.crypto_scalarmult_base(publicKey, secretKey);
  return { publicKey, secretKey: Uint8Array.from(secretKey) };
}

export function createKeyPair(entropy: Entropy): KeyPair {
  return keyPairFrom(entropy(KEY_BYTES));
}

/** A public key as text: base64url without padding (RFC 4648, section 5), 43 characters. */
export function formatKey(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('base64url');
}

/** The key that {@link formatKey} would write so, or undefined: one key has one text. */
export function parseKey(text: string): Uint8Array | undefined {
  if (text.length !== 43) return undefined;
  const publicKey = Uint8Array.from(Buffer.from(text, 'base64url'));
  return publicKey.length === KEY_BYTES && formatKey(publicKey) === text ? publicKey : undefined;
}

/**
 * A short text for two people to compare aloud: eight groups of four characters, `4x7q-…`, 160 bits of BLAKE2b, so
 * that nobody finds a second key with the same one. The characters are Crockford's base32, without i, l, o and u.
 */
export function fingerprintOf(publicKey: Uint8Array): string {
  const hash = new Uint8Array(FINGERPRINT_BYTES);
  sodium.crypto_generichash(hash, publicKey);
  const digits = BigInt(`0x${Buffer.from(hash).toString('hex')}`)
    .toString(32)
    .padStart(32, '0');
  const characters = digits.replace(/./g, (digit) => BASE32.charAt(Number.parseInt(digit, 32)));
  return characters.match(/.{4}/g)?.join('-') ?? '';
}

/** Whether two keys are equal, in a time that does not tell where they differ. */
export function sameKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sodium.sodium_memcmp(a, b);
}

/**
 * Whether a public key can be used: 32 bytes, and not one of the few of low order, whose shared secrets everybody
 * knows (RFC 7748, section 6.1). Costs one Diffie-Hellman operation.
 */
export function isUsableKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES) return false;
  const shared = new Uint8Array(KEY_BYTES);
  try {
    sodium.crypto_scalarmult(shared, ANY_SECRET, publicKey);
  } catch {
    return false;
  }
  return !sodium.sodium_is_zero(shared);
}

const FINGERPRINT_BYTES = 20;

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** X25519 makes every secret key a multiple of eight, and each of those takes every key of low order to zero. */
const ANY_SECRET = new Uint8Array(KEY_BYTES);
