import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realEntropy } from '../../runtime/ambient.ts';
import { type KnownKeys, openKnownKeys, peerLabel } from '../../runtime/identity/known-keys.ts';
import { keysKnownHere, trustOnFirstUse } from '../../runtime/identity/trust.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { freshPath, someKey } from './folder.ts';

const server = 'punch.example.net:39738';
const [key, otherKey] = [someKey(), someKey()];

function trusting(known: KnownKeys, more: Partial<Parameters<typeof trustOnFirstUse>[0]> = {}) {
  return trustOnFirstUse({ keys: createKeyPair(realEntropy), entropy: realEntropy, server, known, ...more });
}

for (const [where, open] of [
  ['a file', () => openKnownKeys(freshPath())],
  ['memory', async () => keysKnownHere()],
] as const) {
  describe(`whom we have met, remembered in ${where}`, () => {
    test('is trusted under any key the first time, and under that key from when it was proved', async () => {
      const known = await open();
      const { trustServer, trustPeer, serverProved, peerProved } = trusting(known);
      for (const one of [key, otherKey])
        assert.deepEqual([trustServer(one), trustPeer('bob', one)], ['trusted', 'trusted']);
      serverProved?.(key);
      peerProved?.('bob', key);
      await known.remember('peer', peerLabel('bob', server), key);
      assert.deepEqual([trustServer(key), trustPeer('bob', key)], ['trusted', 'trusted']);
      assert.deepEqual([trustServer(otherKey), trustPeer('bob', otherKey)], ['distrusted', 'distrusted']);
      assert.equal(trustPeer('carol', otherKey), 'trusted');
    });

    test('is not remembered for having been asked about', async () => {
      const known = await open();
      const { trustServer, trustPeer } = trusting(known);
      trustServer(key);
      trustPeer('bob', key);
      assert.equal(known.check('server', server, otherKey), 'new');
      assert.equal(known.check('peer', peerLabel('bob', server), otherKey), 'new');
    });
  });
}

test('a changed key is explained by the line that remembers the old one, where there is one', async () => {
  const [filed, here] = [await openKnownKeys(freshPath()), keysKnownHere()];
  for (const known of [filed, here]) await known.remember('peer', peerLabel('bob', server), key);
  const error = trusting(filed).changed?.('peer', otherKey, 'bob');
  assert.equal(error?.code, 'keyChanged');
  assert.match(error.message, /^The key of the peer bob@punch\.example\.net:39738 is not the one remembered/);
  assert.equal(trusting(filed).changed?.('peer', otherKey, 'carol'), undefined);
  assert.equal(trusting(here).changed?.('peer', otherKey, 'bob'), undefined);
});

test('a peer of the same name at another server is another peer', async () => {
  const known = keysKnownHere();
  await known.remember('peer', peerLabel('bob', 'elsewhere:39738'), key);
  assert.equal(trusting(known).trustPeer('bob', otherKey), 'trusted');
});

test('whoever calls is accepted, unless there is a rule', () => {
  const known = keysKnownHere();
  assert(trusting(known).accepts(key, 'bob'));
  const { accepts } = trusting(known, { accept: { accepts: (one) => one === key } });
  assert(accepts(key, 'bob') && !accepts(otherKey, 'bob'));
});

test('what cannot be remembered is told', async () => {
  const fault = new Error('the disk is full');
  const known = { ...keysKnownHere(), remember: () => Promise.reject(fault) };
  const told = new Promise((failed) => trusting(known, { failed }).serverProved?.(key));
  assert.equal(await told, fault);
});
