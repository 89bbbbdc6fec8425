import { sodium } from '../secrecy/sodium.ts';
import { hex } from './hex.ts';

/**
 * What a chart calls a cookie or a token: it tells them apart, and need not know them. What charts know is recorded and
 * shown, and leads back to nothing.
 */
export function nicknameOf(secret: Uint8Array): string {
  const hash = new Uint8Array(16);
  sodium.crypto_generichash(hash, secret);
  return hex(hash);
}
