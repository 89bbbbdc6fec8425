/**
 * The parts of libsodium that we use, from `sodium-native`, or from `sodium-javascript` where no native build loads.
 * Both write their result into the first argument. Neither has types of its own.
 */
import { createRequire, Module } from 'node:module';

export type Sodium = {
  /** X25519 (RFC 7748). Throws where the result is zero; the portable kind returns it. All three take 32 bytes. */
  crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
  /** The public key of a secret key, 32 bytes each. */
  crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
  /** BLAKE2b (RFC 7693) of 16 to 64 bytes, with a key of 16 to 64 bytes or none. */
  crypto_generichash(hash: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
  /** ChaCha20-Poly1305 (RFC 8439): `sealed` is 16 bytes longer than `plain`, a nonce has 12 bytes, a key 32. */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    associated: Uint8Array,
    unused: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** Throws if the bytes were not sealed so. */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    plain: Uint8Array,
    unused: null,
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  /** Whether two arrays of one length are equal, in a time that does not tell where they differ. */
  sodium_memcmp(a: Uint8Array, b: Uint8Array): boolean;
  sodium_is_zero(bytes: Uint8Array): boolean;
  sodium_memzero(bytes: Uint8Array): void;
};

const require = createRequire(import.meta.url);

export const { sodium, sodiumKind } = load();

/** Native unless that cannot load or the environment variable `PUNCH_SODIUM` says `portable`. */
function load(): { readonly sodium: Sodium; readonly sodiumKind: 'native' | 'portable' } {
  if (process.env.PUNCH_SODIUM !== 'portable') {
    try {
      return { sodium: require('sodium-native'), sodiumKind: 'native' };
    } catch {
      // No build for this machine, or one that it cannot run.
    }
  }
  const portable: Sodium = require('sodium-javascript');
  replaceUniversal(portable);
  return { sodium: portable, sodiumKind: 'portable' };
}

/** noise-handshake takes its sodium from `sodium-universal`, which outside browsers knows the native kind only. */
function replaceUniversal(portable: Sodium): void {
  const path = createRequire(require.resolve('noise-handshake')).resolve('sodium-universal');
  const universal = new Module(path);
  universal.exports = portable;
  universal.loaded = true;
  require.cache[path] = universal;
}
