import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createKeyPair, keyPairFrom } from '../../runtime/secrecy/keys.ts';
import { type Channel, initiate, respond } from '../../runtime/secrecy/noise.ts';
import { createOpener, createSealer } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { defined, fromHex, NOTHING, toHex, utf8 } from './bytes.ts';
import { type CipherState, type HandshakeState, loadNoiseC, type NoiseC } from './noise-c.ts';

describe('the published vector', () => {
  const vector: Vector = JSON.parse(readFileSync(new URL('noise-ik-vector.json', import.meta.url), 'utf8'));
  const initiator = keyPairFrom(fromHex(vector.initiatorStatic));
  const responder = keyPairFrom(fromHex(vector.responderStatic));
  const prologue = fromHex(vector.prologue);

  const initiation = initiate(
    () => fromHex(vector.initiatorEphemeral),
    initiator,
    fromHex(vector.responderPublic),
    prologue,
    fromHex(vector.initiation.payload),
  );
  const response = defined(
    respond(() => fromHex(vector.responderEphemeral), responder, prologue, initiation.message),
  );
  const accepted = response.accept(fromHex(vector.response.payload));
  const finished = defined(initiation.finish(accepted.message));

  test('has our messages', () => {
    assert.equal(toHex(responder.publicKey), vector.responderPublic);
    assert.equal(toHex(initiation.message), vector.initiation.message);
    assert.equal(toHex(accepted.message), vector.response.message);
  });

  test('has the payloads that we read', () => {
    assert.deepEqual(response.remoteKey, initiator.publicKey);
    assert.equal(toHex(response.payload), vector.initiation.payload);
    assert.equal(toHex(finished.payload), vector.response.payload);
  });

  test('has our hash', () => {
    assert.equal(toHex(accepted.channel.hash), vector.hash);
    assert.equal(toHex(finished.channel.hash), vector.hash);
  });

  test('has our sealed datagrams, in both directions', () => {
    judge(finished.channel, accepted.channel, vector.fromInitiator);
    judge(accepted.channel, finished.channel, vector.fromResponder);
  });

  function judge(from: Channel, to: Channel, datagrams: readonly Exchanged[]): void {
    const sealer = createSealer(from.sendKey);
    const opener = createOpener(to.receiveKey);
    for (const { payload, message } of datagrams) {
      const counter = sealer.next();
      assert.equal(toHex(sealer.seal(counter, NOTHING, fromHex(payload))), message);
      assert.deepEqual(opener.open(counter, NOTHING, fromHex(message)), fromHex(payload));
    }
  }
});

describe('noise-c', async () => {
  const noise = await loadNoiseC();
  const entropy = seededEntropy(1);
  const ours = createKeyPair(entropy);
  const theirs = createKeyPair(entropy);
  const prologue = utf8('punch 2');

  for (const length of [0, 1, 300, 1000]) {
    const payload = entropy(length);
    const answer = entropy(length + 1);

    test(`answers us, with payloads of ${length} bytes`, () => {
      const { message, finish } = initiate(entropy, ours, theirs.publicKey, prologue, payload);
      const state = begin(noise, noise.constants.NOISE_ROLE_RESPONDER, null);
      assert.deepEqual(plain(state.ReadMessage(message, true)), payload);
      assert.deepEqual(plain(state.GetRemotePublicKey()), ours.publicKey);
      const finished = defined(finish(plain(state.WriteMessage(answer))));
      assert.deepEqual(finished.payload, answer);
      exchange(finished.channel, state);
    });

    test(`is answered by us, with payloads of ${length} bytes`, () => {
      const state = begin(noise, noise.constants.NOISE_ROLE_INITIATOR, ours.publicKey);
      const response = defined(respond(entropy, ours, prologue, plain(state.WriteMessage(payload))));
      assert.deepEqual(response.payload, payload);
      assert.deepEqual(response.remoteKey, theirs.publicKey);
      const { message, channel } = response.accept(answer);
      assert.deepEqual(plain(state.ReadMessage(message, true)), answer);
      exchange(channel, state);
    });
  }

  function begin({ HandshakeState }: NoiseC, role: number, remote: Uint8Array | null): HandshakeState {
    const state = HandshakeState('Noise_IK_25519_ChaChaPoly_BLAKE2b', role);
    state.Initialize(prologue, theirs.secretKey, remote);
    return state;
  }

  /** Datagrams in both directions under the keys that both have, at counters near and far. */
  function exchange(channel: Channel, state: HandshakeState): void {
    assert.deepEqual(plain(state.GetHandshakeHash()), channel.hash);
    const [theirSealer, theirOpener] = state.Split();
    const sealer = createSealer(channel.sendKey);
    const opener = createOpener(channel.receiveKey);
    const associated = utf8('header');
    const content = utf8('content');
    for (const wanted of [0, 1, 255, 256, 70_000]) {
      let counter = sealer.next();
      while (counter < wanted) counter = sealer.next();
      const sealed = sealer.seal(counter, associated, content);
      assert.deepEqual(plain(at(theirOpener, counter).DecryptWithAd(associated, sealed)), content);
      const received = plain(at(theirSealer, counter).EncryptWithAd(associated, content));
      assert.deepEqual(opener.open(counter, associated, received), content);
    }
  }

  function at(cipher: CipherState, counter: number): CipherState {
    cipher.SetNonce(counter);
    return cipher;
  }
});

/** A copy outside the memory of noise-c, which it uses again. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

type Exchanged = { readonly payload: string; readonly message: string };

type Vector = {
  readonly prologue: string;
  readonly initiatorStatic: string;
  readonly initiatorEphemeral: string;
  readonly responderPublic: string;
  readonly responderStatic: string;
  readonly responderEphemeral: string;
  readonly initiation: Exchanged;
  readonly response: Exchanged;
  readonly fromInitiator: readonly Exchanged[];
  readonly fromResponder: readonly Exchanged[];
  readonly hash: string;
};
