import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COOKIE_BYTES, type Envelope, encodeEnvelope, ID_BYTES, KEY_BYTES } from '../../machines/envelope.ts';
import {
  encodeAdmittance,
  encodeApplication,
  encodeToClient,
  encodeToServer,
  TOKEN_BYTES,
} from '../../machines/letter-server.ts';
import { INITIATION_OVERHEAD, RESPONSE_OVERHEAD } from '../../runtime/secrecy/noise.ts';
import { SEAL_OVERHEAD } from '../../runtime/secrecy/seal.ts';

const id = new Uint8Array(ID_BYTES);
const cookie = new Uint8Array(COOKIE_BYTES);
/** The longest that there is. */
const observed = { address: Array(8).fill('2001').join(':'), port: 65_535 };

const knock: Envelope = { type: 'knock', nonce: id };
const challenge: Envelope = {
  type: 'challenge',
  ...{ nonce: id, cookie, serverKey: new Uint8Array(KEY_BYTES), observed },
};
/** The server drops every Register whose handshake has another length, before it looks at the cookie. */
const register: Envelope = {
  type: 'register',
  ...{
    cookie,
    nonce: id,
    handshake: new Uint8Array(INITIATION_OVERHEAD + encodeApplication({ name: 'a' }).length),
  },
};
const admittance = encodeAdmittance({ type: 'admitted', session: id, observed });
const registerAck: Envelope = {
  type: 'registerAck',
  ...{ nonce: id, handshake: new Uint8Array(RESPONSE_OVERHEAD + admittance.length) },
};
const empty: Envelope = { type: 'sealed', session: id, counter: 0, sealed: new Uint8Array() };
const keepalive = sealed(encodeToServer({ type: 'keepalive' }));
const pathChallenge = sealed(encodeToClient({ type: 'pathChallenge', token: new Uint8Array(TOKEN_BYTES) }));

/** Everything that the server answers before the sender has proved where it is: the shortest of it, and the longest answer. */
const rows: readonly (readonly [sent: string, Envelope, answer: string, Envelope])[] = [
  ['Knock', knock, 'Challenge', challenge],
  ['Register with a bad cookie', register, 'Challenge', challenge],
  ['Register with a good cookie', register, 'RegisterAck', registerAck],
  ['Sealed of an unknown session', empty, 'Stale', { type: 'stale', session: id }],
  ['Sealed from another address', keepalive, 'Sealed PathChallenge', pathChallenge],
];

test('nobody is sent more bytes than were sent in the name of their address', (t) => {
  t.diagnostic('what is sent                  bytes  answer                bytes  amplification');
  for (const [sent, envelope, answer, answered] of rows) {
    const [before, after] = [encodeEnvelope(envelope).length, encodeEnvelope(answered).length];
    const ratio = after / before;
    t.diagnostic(
      `${sent.padEnd(30)}${String(before).padStart(5)}  ${answer.padEnd(20)}  ${String(after).padStart(5)}  ${ratio.toFixed(2)}`,
    );
    assert(ratio <= 1, `${sent} of ${before} bytes is answered by ${answer} of ${after}`);
  }
});

function sealed(letter: Uint8Array): Envelope {
  return { type: 'sealed', session: id, counter: 0, sealed: new Uint8Array(letter.length + SEAL_OVERHEAD) };
}
