import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generate, type Vectors, vectorsFile } from './vectors.ts';

const vectors: Vectors = JSON.parse(readFileSync(vectorsFile, 'utf8'));

test('the test vectors are what the program says today, byte for byte', async () => {
  const { datagrams, ...rest } = await generate();
  const { datagrams: written, ...others } = vectors;
  assert.deepEqual(rest, others);
  for (const [index, datagram] of written.entries())
    assert.deepEqual(datagrams[index], datagram, `datagram ${index}`);
  assert.equal(datagrams.length, written.length);
});

test('the test vectors have every step from the first knock to the last goodbye', () => {
  const steps = new Set(vectors.datagrams.map(({ envelope, letter }) => letter ?? envelope));
  const expected = [
    'knock',
    'challenge',
    'register',
    'registerAck',
    'keepalive',
    'keepaliveAck',
    'lookup',
    'found',
  ];
  const call = ['holePunchRequest', 'holePunchInitiate', 'holePunchAccept', 'holePunchAnswer', 'start'];
  assert.deepEqual([...steps].sort(), [...expected, ...call, 'probe', 'data', 'bye'].sort());
  const states = vectors.datagrams.map((datagram) => datagram.states);
  for (const state of [
    'knocking',
    'awaitingAck',
    'registered',
    'alice to bob connected',
    'bob to alice connected',
  ]) {
    assert.ok(
      states.some((text) => text.includes(state)),
      state,
    );
  }
});
