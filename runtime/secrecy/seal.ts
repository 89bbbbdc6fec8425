/**
 * Datagrams sealed with ChaCha20-Poly1305 (RFC 8439) under the keys of a handshake. The counter travels beside them, as
 * datagrams are lost and overtake each other; nonces are Noise's: four bytes of zero, then the counter, little-endian.
 */
import { markSeen, RING_WORDS, wasSeen } from './replay-window.ts';
import { sodium } from './sodium.ts';

/** How much longer than its content a sealed datagram is. */
export const SEAL_OVERHEAD = 16;

export type Sealer = {
  /** The next counter, from 0 up. */
  next(): number;
  /**
   * Seals `plain`, and binds `associated` to it, which travels in the clear. Throws for a counter that {@link next} has
   * not given, or that is not above the last one used: two datagrams under one counter would give both away.
   */
  seal(counter: number, associated: Uint8Array, plain: Uint8Array): Uint8Array;
};

export type Opener = {
  /**
   * The content, or why there is none: the bytes were not sealed so under this key, or their counter has been opened
   * before or is too old to tell (sliding window, RFC 6479). Only an authentic datagram moves the window.
   */
  open(counter: number, associated: Uint8Array, sealed: Uint8Array): Uint8Array | 'forged' | 'replayed';
};

/** For the one sender under a key of 32 bytes, which is copied. */
export function createSealer(key: Uint8Array): Sealer {
  const ownKey = Uint8Array.from(key);
  let given = 0;
  let used = -1;
  return {
    next: () => {
      given += 1;
      return given - 1;
    },
    seal: (counter, associated, plain) => {
      if (!Number.isSafeInteger(counter) || counter <= used || counter >= given)
        throw new Error(`counter ${counter} is not one to seal with`);
      used = counter;
      const sealed = new Uint8Array(plain.length + SEAL_OVERHEAD);
      sealInto(sealed, plain, associated, counter, ownKey);
      return sealed;
    },
  };
}

/** For the one receiver under a key of 32 bytes, which is copied. Counters go to 2^53-1. */
export function createOpener(key: Uint8Array): Opener {
  const ownKey = Uint8Array.from(key);
  const seen = new Uint32Array(RING_WORDS);
  let next = 0;
  return {
    open: (counter, associated, sealed) => {
      if (!Number.isSafeInteger(counter) || counter < 0 || sealed.length < SEAL_OVERHEAD) return 'forged';
      if (wasSeen(seen, 0, next, counter)) return 'replayed';
      const plain = new Uint8Array(sealed.length - SEAL_OVERHEAD);
      if (!openInto(plain, sealed, associated, counter, ownKey)) return 'forged';
      next = markSeen(seen, 0, next, counter);
      return plain;
    },
  };
}

/**
 * Seals `plain` into `sealed`, which is {@link SEAL_OVERHEAD} longer. Whoever calls this sees to it that no counter is
 * used twice under one key: {@link createSealer} does.
 */
export function sealInto(
  sealed: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
  counter: number,
  key: Uint8Array,
): void {
  const nonce = nonceOf(counter);
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, nonce, key);
}

/** Opens `sealed` into `plain`, and tells whether it was sealed so. Whether it is a replay is for the caller to know. */
export function openInto(
  plain: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
  counter: number,
  key: Uint8Array,
): boolean {
  try {
    const nonce = nonceOf(counter);
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, associated, nonce, key);
    return true;
  } catch {
    return false;
  }
}

const nonce = new Uint8Array(12);
const nonceView = new DataView(nonce.buffer);

/** Always the same array, written anew. */
function nonceOf(counter: number): Uint8Array {
  nonceView.setUint32(4, counter % 2 ** 32, true);
  nonceView.setUint32(8, Math.floor(counter / 2 ** 32), true);
  return nonce;
}
