/** A server of protocol 2, and clients that a test leads by the hand. */
import assert from 'node:assert/strict';
import type { ToClient, ToServer } from '../../machines/letter-server.ts';
import { momentaryLeases } from '../../runtime/identity/leases/momentary.ts';
import type { SealedServiceOptions } from '../../runtime/sealed-service.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { type Puppet, Scene, SERVER } from '../runtime/scene.ts';
import { received, type ScriptedClient } from './scripted-client.ts';

export const ALICE = '198.51.100.10:5000';
export const ALICE_ELSEWHERE = '192.0.2.77:7000';
export const BOB = '203.0.113.20:6000';
export const MALLORY = '192.0.2.66:6666';

export type ServiceOptions = {
  readonly allowProtocol1?: boolean;
  readonly maxClients?: number;
  readonly leases?: SealedServiceOptions['leases'];
};

export function openService({ leases = momentaryLeases(), ...options }: ServiceOptions = {}) {
  const entropy = seededEntropy(99);
  const keys = createKeyPair(entropy);
  return { scene: new Scene({ ...options, sealed: { keys, entropy, leases } }), keys };
}

/** What a puppet gets in answer to some bytes. */
export function ask(scene: Scene, puppet: Puppet, bytes: Uint8Array) {
  puppet.send(SERVER, bytes);
  scene.advance(100);
  return received(puppet);
}

export function challengeOf(scene: Scene, puppet: Puppet, client: ScriptedClient) {
  const [challenge] = ask(scene, puppet, client.knock().bytes);
  assert(challenge?.type === 'challenge');
  return challenge;
}

/** Registers, and proves the session with a first keepalive. */
export function join(scene: Scene, client: ScriptedClient, where: string): Puppet {
  const puppet = scene.stranger(where);
  const { bytes, admitted } = client.register(challengeOf(scene, puppet, client));
  assert.equal(admitted(ask(scene, puppet, bytes)[0])?.type, 'admitted');
  tell(scene, puppet, client, { type: 'keepalive' });
  return puppet;
}

/** What a client gets in answer to a letter. */
export function tell(scene: Scene, puppet: Puppet, client: ScriptedClient, letter: ToServer): ToClient[] {
  puppet.send(SERVER, client.seal(letter));
  scene.advance(100);
  return client.letters(puppet);
}

/** A caller's wish to meet another client, for which it has made up a number. */
export function requestFor(callee: Pick<ScriptedClient, 'name' | 'keys'>, number = 1) {
  return {
    type: 'holePunchRequest',
    request: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, number),
    name: callee.name,
    key: callee.keys.publicKey,
    offer: Uint8Array.of(7),
  } as const;
}
