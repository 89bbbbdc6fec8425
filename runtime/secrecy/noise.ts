/**
 * The handshake Noise_IK_25519_ChaChaPoly_BLAKE2b (Noise, revision 34): the initiator knows the responder's static key,
 * both prove theirs, and one message each way agrees on keys. No bytes from the network make anything here throw.
 */
import type { Entropy } from '../ambient.ts';
import { createKeyPair, isUsableKey, KEY_BYTES, type KeyPair } from './keys.ts';
import { curveWith, NoiseState } from './noise-handshake.ts';
import { sodium } from './sodium.ts';

/** How much longer than its payload the first message is: an ephemeral key, a static key, two authenticators. */
export const INITIATION_OVERHEAD = 96;

/** How much longer than its payload the second message is: an ephemeral key and an authenticator. */
export const RESPONSE_OVERHEAD = 48;

/** What a handshake agrees on: a key for each direction (32 bytes), and a hash (64 bytes) that no other handshake has. */
export type Channel = {
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  readonly hash: Uint8Array;
};

export type Initiation = {
  /** The first message, for every attempt to deliver it. */
  readonly message: Uint8Array;
  /**
   * Reads the second message. Undefined for one that is not the responder's answer to this first one, after which the
   * true one is still taken; and undefined for any after the true one: keys are given once, so that no counter is
   * used with them twice.
   */
  finish(reply: Uint8Array): { readonly payload: Uint8Array; readonly channel: Channel } | undefined;
};

export type Response = {
  /** The initiator's static key, proved. Whether this message is fresh, and not replayed, is not. */
  readonly remoteKey: Uint8Array;
  readonly payload: Uint8Array;
  /** Makes the second message. Throws if called twice. */
  accept(payload: Uint8Array): { readonly message: Uint8Array; readonly channel: Channel };
};

/**
 * Begins a handshake with the holder of `remote`. Both sides must give the same `prologue`. The payload is read by that
 * holder only, but can be replayed; it may have 65439 bytes.
 *
 * `remote` may have come from the network: with a key that nobody can hold (see {@link isUsableKey}) the handshake is
 * one that no reply finishes.
 */
export function initiate(
  entropy: Entropy,
  own: KeyPair,
  remote: Uint8Array,
  prologue: Uint8Array,
  payload: Uint8Array,
): Initiation {
  const ephemeral = entropy(KEY_BYTES);
  const target = isUsableKey(remote) ? Uint8Array.from(remote) : createKeyPair(entropy).publicKey;
  const given = { prologue: Uint8Array.from(prologue), payload: Uint8Array.from(payload) };
  const begin = () => {
    const state = new NoiseState('IK', true, own, { curve: curveWith(() => Uint8Array.from(ephemeral)) });
    state.initialise(given.prologue, target);
    return { state, message: Uint8Array.from(state.send(given.payload)) };
  };
  const { state, message } = begin();
  let waiting: NoiseState | undefined = state;
  let finished = false;
  return {
    message,
    finish: (reply) => {
      if (finished || reply.length < RESPONSE_OVERHEAD) return undefined;
      // A reply that is refused spoils the state, and the same ephemeral key makes the same state again.
      const current = waiting ?? begin().state;
      waiting = undefined;
      const answer = receive(current, reply);
      if (answer === undefined) return undefined;
      finished = true;
      sodium.sodium_memzero(ephemeral);
      return { payload: answer, channel: channelOf(current) };
    },
  };
}

/** Reads a first message made for `own` with the same prologue; undefined for anything else. */
export function respond(
  entropy: Entropy,
  own: KeyPair,
  prologue: Uint8Array,
  message: Uint8Array,
): Response | undefined {
  if (message.length < INITIATION_OVERHEAD) return undefined;
  const state = new NoiseState('IK', false, own, { curve: curveWith(() => entropy(KEY_BYTES)) });
  state.initialise(prologue);
  const payload = receive(state, message);
  if (payload === undefined || state.rs === null) return undefined;
  return {
    remoteKey: Uint8Array.from(state.rs),
    payload,
    accept: (answer) => {
      if (state.complete) throw new Error('this handshake has been accepted');
      const reply = Uint8Array.from(state.send(answer));
      return { message: reply, channel: channelOf(state) };
    },
  };
}

/** The message is copied: noise-handshake zeroes the ephemeral key in it. */
function receive(state: NoiseState, message: Uint8Array): Uint8Array | undefined {
  try {
    return Uint8Array.from(state.recv(Uint8Array.from(message)));
  } catch {
    return undefined;
  }
}

function channelOf({ tx, rx, hash }: NoiseState): Channel {
  if (tx === null || rx === null || hash === null) throw new Error('the handshake is not complete');
  return {
    sendKey: Uint8Array.from(tx),
    receiveKey: Uint8Array.from(rx),
    hash: Uint8Array.from(hash),
  };
}
