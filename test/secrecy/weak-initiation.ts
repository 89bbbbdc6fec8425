import type { Entropy } from '../../runtime/ambient.ts';
import { type KeyPair, sameKey } from '../../runtime/secrecy/keys.ts';
import { curveWith, NoiseState } from '../../runtime/secrecy/noise-handshake.ts';
import { NOTHING } from './bytes.ts';

/**
 * The first message of an attacker who uses a key of low order as its ephemeral or its static one, and knows without
 * any secret what every Diffie-Hellman operation with it gives: zero.
 */
export function weakInitiation(
  entropy: Entropy,
  weak: { readonly as: 'ephemeral' | 'static'; readonly key: Uint8Array },
  remote: Uint8Array,
  prologue: Uint8Array,
): Uint8Array {
  const curve = curveWith(() => entropy(32));
  const pair = (): KeyPair => ({ publicKey: Uint8Array.from(weak.key), secretKey: new Uint8Array(32) });
  const own = weak.as === 'static' ? pair() : curve.generateKeyPair();
  const state = new NoiseState('IK', true, own, {
    curve: {
      ...curve,
      generateKeyPair: () => (weak.as === 'ephemeral' ? pair() : curve.generateKeyPair()),
      dh: (publicKey, by) => (sameKey(by.publicKey, weak.key) ? new Uint8Array(32) : curve.dh(publicKey, by)),
    },
  });
  state.initialise(prologue, remote);
  return Uint8Array.from(state.send(NOTHING));
}
