/**
 * Datagrams sealed with ChaCha20-Poly1305 (RFC 8439) under the keys of a handshake. The counter travels beside them, as
 * datagrams are lost and overtake each other; nonces are Noise's: four bytes of zero, then the counter, little-endian.
 */
import { sodium } from './sodium.ts';

/** How much longer than its content a sealed datagram is. */
export const SEAL_OVERHEAD = 16;

/** How far a datagram may be overtaken: by this many counters and it is taken for a replay. */
export const WINDOW = 1024;

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
  const nonce = createNonce();
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
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        sealed,
        plain,
        associated,
        null,
        nonce.of(counter),
        ownKey,
      );
      return sealed;
    },
  };
}

/** For the one receiver under a key of 32 bytes, which is copied. Counters go to 2^53-1. */
export function createOpener(key: Uint8Array): Opener {
  const ownKey = Uint8Array.from(key);
  const nonce = createNonce();
  const seen = createWindow();
  return {
    open: (counter, associated, sealed) => {
      if (!Number.isSafeInteger(counter) || counter < 0 || sealed.length < SEAL_OVERHEAD) return 'forged';
      if (seen.has(counter)) return 'replayed';
      const plain = new Uint8Array(sealed.length - SEAL_OVERHEAD);
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          plain,
          null,
          sealed,
          associated,
          nonce.of(counter),
          ownKey,
        );
      } catch {
        return 'forged';
      }
      seen.add(counter);
      return plain;
    },
  };
}

/** One nonce of 12 bytes, written anew for each datagram. */
function createNonce(): { of(counter: number): Uint8Array } {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  return {
    of: (counter) => {
      view.setUint32(4, counter % 2 ** 32, true);
      view.setUint32(8, Math.floor(counter / 2 ** 32), true);
      return bytes;
    },
  };
}

/**
 * Which of the last {@link WINDOW} counters were seen, a bit each, in a ring of words of which a window that moves on
 * clears whole ones.
 */
function createWindow(): { has(counter: number): boolean; add(counter: number): void } {
  const words = new Uint32Array(RING_WORDS);
  let highest = -1;
  return {
    has: (counter) => {
      if (counter > highest) return false;
      if (counter <= highest - WINDOW) return true;
      return ((words[wordOf(counter) % RING_WORDS] ?? 0) & bitOf(counter)) !== 0;
    },
    add: (counter) => {
      if (counter > highest) {
        const from = Math.max(wordOf(highest), wordOf(counter) - RING_WORDS) + 1;
        for (let word = from; word <= wordOf(counter); word += 1) words[word % RING_WORDS] = 0;
        highest = counter;
      }
      words[wordOf(counter) % RING_WORDS] = (words[wordOf(counter) % RING_WORDS] ?? 0) | bitOf(counter);
    },
  };
}

const WORD_BITS = 32;

/** One more than the window needs where it begins with a word: it may begin and end within two. */
const RING_WORDS = WINDOW / WORD_BITS + 1;

function wordOf(counter: number): number {
  return Math.floor(counter / WORD_BITS);
}

function bitOf(counter: number): number {
  return 1 << (counter % WORD_BITS);
}
