/** How long the datagrams are that the server gets and sends, by the real encoders, at the longest: with IPv6. */
import { type Envelope, encodeEnvelope } from '../../../machines/envelope.ts';
import {
  encodeAdmittance,
  encodeApplication,
  encodeToClient,
  encodeToServer,
  type ToClient,
  type ToServer,
} from '../../../machines/letter-server.ts';
import { INITIATION_OVERHEAD, RESPONSE_OVERHEAD } from '../../secrecy/noise.ts';
import { SEAL_OVERHEAD } from '../../secrecy/seal.ts';
import { type Kind, kindOf, kinds } from './packets.ts';

/** The length of a packet of the server's, or for it. */
export function bytesOf(term: number): number {
  return sizes[kindOf(term)] as number;
}

const id = new Uint8Array(8);
const key = new Uint8Array(32);
const cookie = new Uint8Array(16);
const observed = { address: '2001:db8::1', port: 5000 };
const name = 'x'.repeat(63);
const offer = new Uint8Array(INITIATION_OVERHEAD + 2);
const answer = new Uint8Array(RESPONSE_OVERHEAD + 2);

const up = (letter: ToServer) => sealed(encodeToServer(letter));
const down = (letter: ToClient) => sealed(encodeToClient(letter));

const lengths: Partial<Record<Kind, number>> = {
  knock: plain({ type: 'knock', nonce: id }),
  challenge: plain({ type: 'challenge', nonce: id, cookie, serverKey: key, observed }),
  register: plain({
    ...{ type: 'register', cookie, nonce: id },
    handshake: new Uint8Array(INITIATION_OVERHEAD + encodeApplication({ name }).length),
  }),
  ack: plain({
    ...{ type: 'registerAck', nonce: id },
    handshake: new Uint8Array(
      RESPONSE_OVERHEAD + encodeAdmittance({ type: 'refused', reason: 'full' }).length,
    ),
  }),
  stale: plain({ type: 'stale', session: id }),
  keepalive: up({ type: 'keepalive' }),
  lookup: up({ type: 'lookup', request: id, name }),
  request: up({ type: 'holePunchRequest', request: id, name, key, offer }),
  accept: up({ type: 'holePunchAccept', request: id, answer }),
  refuse: up({ type: 'holePunchRefuse', request: id }),
  pathResponse: up({ type: 'pathResponse', token: cookie }),
  bye: up({ type: 'bye' }),
  keepaliveAck: down({ type: 'keepaliveAck', observed }),
  found: down({ type: 'found', request: id, key }),
  initiate: down({ type: 'holePunchInitiate', request: id, name, key, remote: observed, offer }),
  answer: down({ type: 'holePunchAnswer', request: id, remote: observed, answer, startInMs: 0 }),
  start: down({ type: 'start', request: id, startInMs: 0 }),
  unknown: down({ type: 'holePunchResponseUnknown', request: id }),
  pathChallenge: down({ type: 'pathChallenge', token: cookie }),
};

const sizes = kinds.map((kind) => lengths[kind] ?? 0);

function plain(envelope: Envelope): number {
  return encodeEnvelope(envelope).length;
}

function sealed(letter: Uint8Array): number {
  const content = new Uint8Array(letter.length + SEAL_OVERHEAD);
  return plain({ type: 'sealed', session: id, counter: 0, sealed: content });
}
