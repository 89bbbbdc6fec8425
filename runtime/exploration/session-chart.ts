import type { Endpoint } from '../../machines/endpoint.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session.ts';
import { SESSION_TTL_MS } from '../../machines/timing.ts';
import { type Chart, knownTo } from './chart.ts';

const client: Endpoint = { address: '198.51.100.2', port: 5000 };
const clientElsewhere: Endpoint = { address: '198.51.100.2', port: 5001 };
const stranger: Endpoint = { address: '192.0.2.66', port: 6666 };
const peer: Endpoint = { address: '192.0.2.9', port: 7000 };

const life = { name: 'alice', client, ttlMs: SESSION_TTL_MS };

const withoutKeys: Record<string, SessionEvent> = {
  'HolePunchRequest from the client': { type: 'datagram.holePunchRequest', name: 'bob' },
  'the peer is found': { type: 'peer.found', name: 'bob', remote: peer },
  'the peer is missing': { type: 'peer.missing' },
  'a peer calls': { type: 'peer.calls', name: 'carol', remote: peer },
};

const withKeys: Record<string, SessionEvent> = {
  ...sealedFrom('the address', client),
  ...sealedFrom('another port', clientElsewhere),
  'Bye from the client': { type: 'datagram.bye' },
};

export const sessionChart: Chart<typeof sessionMachine> = {
  machine: sessionMachine,
  beginnings: { 'a session': life, 'a session of protocol 2': { ...life, protocol: 2 } },
  events: {
    'Register from the address': { type: 'datagram.register', from: client },
    'Register from another port': { type: 'datagram.register', from: clientElsewhere },
    ...withoutKeys,
    ...withKeys,
    'the client takes another name': { type: 'replaced' },
  },
  strangers: { 'Register from a stranger': { type: 'datagram.register', from: stranger } },
  protocols: { ...knownTo(1, withoutKeys), ...knownTo(2, withKeys) },
  pacing: [],
  resting: [],
};

function sealedFrom(where: string, from: Endpoint): Record<string, SessionEvent> {
  return {
    [`a sealed datagram from ${where}`]: { type: 'datagram.sealed', from },
    [`Keepalive from ${where}`]: { type: 'datagram.keepalive', from },
    [`PathResponse from ${where}`]: { type: 'datagram.pathResponse', from },
  };
}
