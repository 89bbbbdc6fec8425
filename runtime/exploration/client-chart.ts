import { type ClientEvent, clientMachine } from '../../machines/client.ts';
import type { Endpoint } from '../../machines/endpoint.ts';
import { PATIENCE_MS } from '../../machines/timing.ts';
import { type Chart, knownTo } from './chart.ts';

const server: Endpoint = { address: '203.0.113.1', port: 39_738 };
const serverElsewhere: Endpoint = { address: '203.0.113.1', port: 40_000 };
const stranger: Endpoint = { address: '198.51.100.66', port: 6666 };
const peer: Endpoint = { address: '198.51.100.2', port: 5000 };

const life = { name: 'alice', patienceMs: PATIENCE_MS };

const withoutKeys = saidFrom('the server', server);
const withKeys = saidWithKeysFrom('the server', server);
const strangersWithoutKeys = {
  ...saidFrom("the server's address, another port", serverElsewhere),
  ...saidFrom('a stranger', stranger),
};
const strangersWithKeys = {
  ...saidWithKeysFrom("the server's address, another port", serverElsewhere),
  ...saidWithKeysFrom('a stranger', stranger),
};

export const clientChart: Chart<typeof clientMachine> = {
  machine: clientMachine,
  beginnings: { 'a client': life, 'a client of protocol 2': { ...life, protocol: 2 } },
  events: {
    'the socket opens': { type: 'transport.opened', server },
    'the socket fails': { type: 'transport.failed' },
    ...acknowledgedFrom('the server', server),
    ...withoutKeys,
    ...withKeys,
    'the network changes': { type: 'network.changed' },
    'the user stops it': { type: 'stop' },
  },
  strangers: {
    ...acknowledgedFrom("the server's address, another port", serverElsewhere),
    ...acknowledgedFrom('a stranger', stranger),
    ...strangersWithoutKeys,
    ...strangersWithKeys,
  },
  protocols: {
    ...knownTo(1, { ...withoutKeys, ...strangersWithoutKeys }),
    ...knownTo(2, { ...withKeys, ...strangersWithKeys }),
  },
  pacing: ['attempt', 'keepaliveMs'],
  resting: ['joined.unregistered'],
};

function acknowledgedFrom(who: string, from: Endpoint): Record<string, ClientEvent> {
  return { [`RegisterAck from ${who}`]: { type: 'datagram.registerAck', from, jitter: 0.25 } };
}

function saidFrom(who: string, from: Endpoint): Record<string, ClientEvent> {
  return {
    [`HolePunchResponseUnknown from ${who}`]: { type: 'datagram.holePunchResponseUnknown', from },
    [`HolePunchInitiate from ${who}`]: {
      type: 'datagram.holePunchInitiate',
      from,
      name: 'bob',
      remote: peer,
    },
  };
}

function saidWithKeysFrom(who: string, from: Endpoint): Record<string, ClientEvent> {
  return {
    [`Challenge from ${who}`]: { type: 'datagram.challenge', from, cookie: 'c1' },
    [`Challenge with another cookie from ${who}`]: { type: 'datagram.challenge', from, cookie: 'c2' },
    [`Challenge under another key from ${who}`]: { type: 'datagram.challenge.distrusted', from },
    [`RegisterAck that says "name taken" from ${who}`]: {
      type: 'datagram.registerRefuse',
      from,
      reason: 'nameTaken',
    },
    [`RegisterAck that says "full" from ${who}`]: { type: 'datagram.registerRefuse', from, reason: 'full' },
    [`KeepaliveAck from ${who}`]: { type: 'datagram.keepaliveAck', from, jitter: 0.25 },
    [`Stale from ${who}`]: { type: 'datagram.stale', from },
    [`PathChallenge from ${who}`]: { type: 'datagram.pathChallenge', from, token: '70' },
  };
}
