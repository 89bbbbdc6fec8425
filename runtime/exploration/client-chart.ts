import { type ClientEvent, clientMachine } from '../../machines/client.ts';
import type { Endpoint } from '../../machines/endpoint.ts';
import { PATIENCE_MS } from '../../machines/timing.ts';
import type { Chart } from './chart.ts';

const server: Endpoint = { address: '203.0.113.1', port: 39_738 };
const serverElsewhere: Endpoint = { address: '203.0.113.1', port: 40_000 };
const stranger: Endpoint = { address: '198.51.100.66', port: 6666 };
const peer: Endpoint = { address: '198.51.100.2', port: 5000 };

export const clientChart: Chart<typeof clientMachine> = {
  machine: clientMachine,
  beginnings: { 'a client': { name: 'alice', patienceMs: PATIENCE_MS } },
  events: {
    'the socket opens': { type: 'transport.opened', server },
    'the socket fails': { type: 'transport.failed' },
    ...saidFrom('the server', server),
    'the user stops it': { type: 'stop' },
  },
  strangers: {
    ...saidFrom("the server's address, another port", serverElsewhere),
    ...saidFrom('a stranger', stranger),
  },
  pacing: ['attempt', 'keepaliveMs'],
  resting: ['joined.rejoining.unregistered'],
};

function saidFrom(who: string, from: Endpoint): Record<string, ClientEvent> {
  return {
    [`RegisterAck from ${who}`]: { type: 'datagram.registerAck', from, jitter: 0.25 },
    [`HolePunchResponseUnknown from ${who}`]: { type: 'datagram.holePunchResponseUnknown', from },
    [`HolePunchInitiate from ${who}`]: {
      type: 'datagram.holePunchInitiate',
      from,
      name: 'bob',
      remote: peer,
    },
  };
}
