/** Letters of each kind, about things that there are, for tests that go on to spoil them. */
import type { Endpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope } from '../../machines/envelope.ts';
import type { ToPeer } from '../../machines/letter-peer.ts';
import type { ToClient, ToServer } from '../../machines/letter-server.ts';
import type { Random } from '../../runtime/ambient.ts';
import { encodeFrame } from '../../runtime/sealed/frames.ts';
import { createKeyPair, sameKey } from '../../runtime/secrecy/keys.ts';
import { initiate } from '../../runtime/secrecy/noise.ts';
import { callPrologue } from '../../runtime/secrecy/prologue.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { ALICE, BOB } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { mutate, pick } from './fuzzing.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import type { ScriptedSession } from './scripted-server.ts';
import { larger, smaller } from './sealed-scene.ts';

/** Whoever means ill. */
export const mallorys = createKeyPair(seededEntropy(66));

/** What an honest client writes, now and then with other contents. */
export function lettersToServer(random: Random): () => ToServer {
  const entropy = seededEntropy(random() * 1e9);
  const requests = Array.from({ length: 20 }, () => entropy(8));
  const offers = Array.from(
    { length: 5 },
    () => initiate(entropy, mallorys, larger.publicKey, callPrologue, Uint8Array.of(0, 0)).message,
  );
  const request = () => pick(random, requests);
  const name = () => pick(random, ['alice', 'bob', 'mallory', 'nobody']);
  const templates: (() => ToServer)[] = [
    () => ({ type: 'keepalive' }),
    () => ({ type: 'lookup', request: request(), name: name() }),
    () => {
      const key = pick(random, [larger, smaller, mallorys]).publicKey;
      return { type: 'holePunchRequest', request: request(), name: name(), key, offer: pick(random, offers) };
    },
    () => ({ type: 'holePunchAccept', request: request(), answer: entropy(50) }),
    () => ({ type: 'holePunchRefuse', request: request() }),
    () => ({ type: 'pathResponse', token: entropy(16) }),
  ];
  return () => (random() < 0.001 ? { type: 'bye' } : pick(random, templates)());
}

/** What an honest server writes, about what the client has asked for. */
export function lettersToClient(
  random: Random,
  session: ScriptedSession,
  peer: ScriptedPeer,
): () => ToClient {
  const entropy = seededEntropy(random() * 1e9);
  const requests = Array.from({ length: 4 }, () => entropy(8));
  const offers = Array.from({ length: 5 }, () => peer.offer(smaller.publicKey));
  let answer = entropy(60);
  const request = () => {
    for (const letter of session.letters()) {
      if ('request' in letter) requests.push(letter.request);
      if (letter.type === 'holePunchRequest' && sameKey(letter.key, mallorys.publicKey))
        answer = isWord(letter.offer) ? letter.offer : peer.accept(letter.offer);
    }
    return pick(random, requests.slice(-4));
  };
  const remote = (): Endpoint => endpoint(pick(random, [BOB, ALICE, '192.0.2.9:99', '[2001:db8::9]:9999']));
  const name = () =>
    pick(random, ['alice', 'bob', 'carol', 'mallory', `somebody ${Math.floor(random() * 1000)}`]);
  const startInMs = 0;
  const templates: (() => ToClient)[] = [
    () => ({ type: 'keepaliveAck', observed: remote() }),
    () => ({ type: 'found', request: request(), key: mallorys.publicKey }),
    () => {
      const called = { name: name(), key: pick(random, [larger, mallorys]).publicKey, remote: remote() };
      return { type: 'holePunchInitiate', request: request(), ...called, offer: pick(random, offers) };
    },
    () => ({ type: 'holePunchAnswer', request: request(), remote: remote(), answer, startInMs }),
    () => ({ type: 'start', request: request(), startInMs }),
    () => ({ type: 'holePunchResponseUnknown', request: request() }),
    () => ({ type: 'pathChallenge', token: entropy(16) }),
  ];
  return () => pick(random, templates)();
}

/** What an honest peer says on a link, with lines that come again, ahead and out of order. */
export function lettersToPeer(random: Random, peer: ScriptedPeer): () => ToPeer {
  const entropy = seededEntropy(random() * 1e9);
  let echo = entropy(8);
  const number = () => Math.floor(random() * 40);
  const frames = [
    () => encodeFrame({ type: 'datagram', bytes: entropy(9) }),
    () => encodeFrame({ type: 'line', number: number(), text: 'nonsense 🦊' }),
    () => encodeFrame({ type: 'acknowledgement', next: number() }),
  ];
  const templates: (() => ToPeer)[] = [
    () => {
      echo = peer.heard().findLast((letter) => letter.type === 'probe')?.nonce ?? echo;
      return peer.probe(pick(random, [echo, echo, null, entropy(8)]), random() < 0.5);
    },
    () => ({ type: 'whereabouts', candidates: [endpoint(BOB)] }),
    () => ({ type: 'data', bytes: mutate(random, pick(random, frames)(), pick(random, frames)()) }),
  ];
  return () => (random() < 0.001 ? { type: 'bye' } : pick(random, templates)());
}

/** Whether an offer is for a peer that has keys already: then there is nothing to agree on. */
function isWord(offer: Uint8Array): boolean {
  const envelope = decodeEnvelope(offer);
  return typeof envelope !== 'string' && envelope.type === 'pair';
}
