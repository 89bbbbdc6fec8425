/** The Noise implementation noise-c, compiled to WebAssembly: another one than ours, to test ours against. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export type NoiseC = {
  readonly constants: { readonly NOISE_ROLE_INITIATOR: number; readonly NOISE_ROLE_RESPONDER: number };
  HandshakeState(protocol: string, role: number): HandshakeState;
};

export type HandshakeState = {
  Initialize(prologue: Uint8Array, ownSecret: Uint8Array, remotePublic: Uint8Array | null): void;
  WriteMessage(payload: Uint8Array): Uint8Array;
  ReadMessage(message: Uint8Array, payloadNeeded: true): Uint8Array;
  GetHandshakeHash(): Uint8Array;
  GetRemotePublicKey(): Uint8Array;
  /** What to seal with and what to open with. Ends the handshake. */
  Split(): [CipherState, CipherState];
};

export type CipherState = {
  SetNonce(counter: number): void;
  EncryptWithAd(associated: Uint8Array, plain: Uint8Array): Uint8Array;
  DecryptWithAd(associated: Uint8Array, sealed: Uint8Array): Uint8Array;
};

const require = createRequire(import.meta.url);

export function loadNoiseC(): Promise<NoiseC> {
  const create: (options: object, ready: (noise: NoiseC) => void) => void = require('noise-c.wasm');
  const wasmBinary = readFileSync(require.resolve('noise-c.wasm/src/noise-c.wasm'));
  return new Promise((resolve) => create({ wasmBinary }, resolve));
}
