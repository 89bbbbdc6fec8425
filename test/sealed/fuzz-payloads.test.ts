import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWhereabouts, encodeWhereabouts } from '../../machines/letter-peer.ts';
import {
  decodeAdmittance,
  decodeApplication,
  encodeAdmittance,
  encodeApplication,
} from '../../machines/letter-server.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { ALICE, BOB } from '../runtime/scene.ts';
import { endpoint } from '../support/memory-network.ts';
import { mutate, pick, SEED } from './fuzzing.ts';

const PAYLOADS = 50_000;

const session = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const [alice, bob] = [ALICE, BOB].map(endpoint) as [ReturnType<typeof endpoint>, ReturnType<typeof endpoint>];
const far = endpoint('[2001:db8::7]:7000');

/** What handshakes carry, of which only their holders' keys get any to be read: how it is read, and examples. */
const payloads: Readonly<
  Record<string, readonly [(bytes: Uint8Array) => Uint8Array | string, readonly Uint8Array[]]>
> = {
  'a Register': [
    (bytes) => again(decodeApplication(bytes), encodeApplication),
    ['alice', 'é'.repeat(31), 'x'.repeat(63)].map((name) => encodeApplication({ name })),
  ],
  'a RegisterAck': [
    (bytes) => again(decodeAdmittance(bytes), encodeAdmittance),
    [
      encodeAdmittance({ type: 'admitted', session, observed: alice }),
      encodeAdmittance({ type: 'admitted', session, observed: far }),
      encodeAdmittance({ type: 'refused', reason: 'full' }),
    ],
  ],
  'an offer or answer': [
    (bytes) => again(decodeWhereabouts(bytes), encodeWhereabouts),
    [[], [alice], [alice, bob, far]].map((candidates) => encodeWhereabouts({ candidates })),
  ],
};

for (const [what, [readAndWrite, examples]] of Object.entries(payloads)) {
  test(`${PAYLOADS} payloads of ${what} that were changed are read to the byte, or not at all`, (t) => {
    const random = seededRandom(SEED);
    let read = 0;
    for (let number = 0; number < PAYLOADS; number += 1) {
      const bytes = mutate(random, pick(random, examples), pick(random, examples));
      const written = readAndWrite(bytes);
      if (typeof written === 'string') continue;
      read += 1;
      assert.deepEqual(readAndWrite(written), written);
    }
    t.diagnostic(`seed ${SEED}, ${read} were read`);
    assert.ok(read > 0 && read < PAYLOADS);
  });
}

function again<Payload extends object>(
  decoded: Payload | string,
  encode: (payload: Payload) => Uint8Array,
): Uint8Array | string {
  return typeof decoded === 'string' ? decoded : encode(decoded);
}
