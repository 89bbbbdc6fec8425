import type { Endpoint } from '../../machines/endpoint.ts';
import { sessionMachine } from '../../machines/session.ts';
import { SESSION_TTL_MS } from '../../machines/timing.ts';
import type { Chart } from './chart.ts';

const client: Endpoint = { address: '198.51.100.2', port: 5000 };
const clientElsewhere: Endpoint = { address: '198.51.100.2', port: 5001 };
const stranger: Endpoint = { address: '192.0.2.66', port: 6666 };
const peer: Endpoint = { address: '192.0.2.9', port: 7000 };

export const sessionChart: Chart<typeof sessionMachine> = {
  machine: sessionMachine,
  beginnings: { 'a session': { name: 'alice', client, ttlMs: SESSION_TTL_MS } },
  events: {
    'Register from the address': { type: 'datagram.register', from: client },
    'Register from another port': { type: 'datagram.register', from: clientElsewhere },
    'HolePunchRequest from the client': { type: 'datagram.holePunchRequest', name: 'bob' },
    'the peer is found': { type: 'peer.found', name: 'bob', remote: peer },
    'the peer is missing': { type: 'peer.missing' },
    'a peer calls': { type: 'peer.calls', name: 'carol', remote: peer },
    'the client takes another name': { type: 'replaced' },
  },
  strangers: { 'Register from a stranger': { type: 'datagram.register', from: stranger } },
  pacing: [],
  resting: [],
};
