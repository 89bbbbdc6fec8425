import type { Endpoint } from '../../machines/endpoint.ts';
import type { Clock, Entropy } from '../ambient.ts';
import { sodium } from './sodium.ts';

export const COOKIE_BYTES = 16;

/** How long one secret bakes cookies. It judges them for as long again, so a cookie is good for one to two of these. */
export const ROTATION_MS = 60_000;

/**
 * What a client must bring back to prove that it receives what is sent to its address. The server keeps nothing for it:
 * a cookie is a keyed hash (BLAKE2b, RFC 7693) of the endpoint and the client's nonce under a secret of the server.
 */
export type Cookies = {
  /** The cookie of 16 bytes for a nonce of any length. */
  bake(from: Endpoint, nonce: Uint8Array): Uint8Array;
  /** Whether it was baked for the same endpoint and nonce, and lately. False for any other bytes. */
  isGood(from: Endpoint, nonce: Uint8Array, cookie: Uint8Array): boolean;
};

/** There is no timer: secrets that have had their time are replaced when next asked for. */
export function createCookies(entropy: Entropy, clock: Clock): Cookies {
  let current = entropy(SECRET_BYTES);
  let previous = entropy(SECRET_BYTES);
  let since = clock.now();

  const rotate = () => {
    const rotations = Math.floor((clock.now() - since) / ROTATION_MS);
    since += rotations * ROTATION_MS;
    for (let left = Math.min(rotations, 2); left > 0; left -= 1) {
      previous = current;
      current = entropy(SECRET_BYTES);
    }
  };

  return {
    bake: (from, nonce) => {
      rotate();
      return hash(current, describe(from, nonce));
    },
    isGood: (from, nonce, cookie) => {
      if (cookie.length !== COOKIE_BYTES) return false;
      rotate();
      const described = describe(from, nonce);
      return (
        sodium.sodium_memcmp(hash(current, described), cookie) ||
        sodium.sodium_memcmp(hash(previous, described), cookie)
      );
    },
  };
}

const SECRET_BYTES = 32;

const encoder = new TextEncoder();

/** The address is preceded by its length, so that no two endpoints and nonces make the same bytes. */
function describe({ address, port }: Endpoint, nonce: Uint8Array): Uint8Array {
  const text = encoder.encode(address);
  const bytes = new Uint8Array(3 + text.length + nonce.length);
  bytes[0] = text.length;
  bytes.set(text, 1);
  bytes[1 + text.length] = port >> 8;
  bytes[2 + text.length] = port & 0xff;
  bytes.set(nonce, 3 + text.length);
  return bytes;
}

function hash(secret: Uint8Array, described: Uint8Array): Uint8Array {
  const cookie = new Uint8Array(COOKIE_BYTES);
  sodium.crypto_generichash(cookie, described, secret);
  return cookie;
}
