import type { Endpoint } from '../../machines/endpoint.ts';
import { greetingOf, type LinkEvent, linkMachine } from '../../machines/link.ts';
import { PATIENCE_MS, PUNCH_BUDGET_MS } from '../../machines/timing.ts';
import { type Chart, knownTo } from './chart.ts';

const server: Endpoint = { address: '203.0.113.1', port: 39_738 };
const remote: Endpoint = { address: '198.51.100.2', port: 5000 };
const remoteElsewhere: Endpoint = { address: '198.51.100.2', port: 5001 };
const newAddress: Endpoint = { address: '192.0.2.9', port: 7000 };
const otherFamily: Endpoint = { address: '2001:db8::2', port: 5000 };
const stranger: Endpoint = { address: '198.51.100.66', port: 6666 };

const input = { name: 'alice', peer: 'bob', server, patienceMs: PATIENCE_MS, punchBudgetMs: PUNCH_BUDGET_MS };
const inputWithKeys = { ...input, protocol: 2, jitter: 0.25 } as const;

const withoutKeys: Record<string, LinkEvent> = {
  'introduced at another port': { type: 'introduced', remote: remoteElsewhere },
  'introduced at another address': { type: 'introduced', remote: newAddress },
  ...heardFrom('the address', remote),
  ...heardFrom('another port', remoteElsewhere),
  ...heardFrom('another address', newAddress),
};

const withKeys: Record<string, LinkEvent> = {
  'introduced at two addresses': { type: 'introduced', remote, candidates: [remoteElsewhere], startInMs: 40 },
  'the key is found': { type: 'keyFound' },
  'the key is another': { type: 'keyDistrusted' },
  'the server says start': { type: 'start', inMs: 20 },
  ...probedFrom('the address', remote),
  ...probedFrom('another port', remoteElsewhere),
  ...probedFrom('another address', newAddress),
  'Bye from the peer': { type: 'datagram.bye' },
  'the server sees us elsewhere': { type: 'address.changed' },
};

const strangers = heardFrom('a stranger', stranger);

export const linkChart: Chart<typeof linkMachine> = {
  machine: linkMachine,
  beginnings: {
    'the side that asks': { ...input, remote: null },
    'the side that is invited': { ...input, remote },
    'the side that is invited to an address of the other family': { ...input, remote: otherFamily },
    'the side that asks, with keys': { ...inputWithKeys, remote: null, hasKey: true },
    "the side that asks, without the peer's key": { ...inputWithKeys, remote: null },
    'the side that is invited, with keys': { ...inputWithKeys, remote, hasKey: true },
  },
  events: {
    'introduced at the address': { type: 'introduced', remote },
    'introduced at an address of the other family': { type: 'introduced', remote: otherFamily },
    'the server cannot introduce': { type: 'disappointed' },
    ...withoutKeys,
    ...withKeys,
    'the network changes': { type: 'network.changed' },
    'the user says something': { type: 'say', text: 'hello' },
    'the user stops it': { type: 'stop' },
  },
  strangers,
  protocols: { ...knownTo(1, { ...withoutKeys, ...strangers }), ...knownTo(2, withKeys) },
  pacing: ['attempt', 'startInMs', 'asks'],
  resting: [],
};

function heardFrom(where: string, from: Endpoint): Record<string, LinkEvent> {
  return {
    [`greeting from ${where}`]: { type: 'datagram.message', from, text: greetingOf(input.peer) },
    [`speech from ${where}`]: { type: 'datagram.message', from, text: 'good morning' },
  };
}

/** All are authenticated: the host passes nobody else's on. */
function probedFrom(where: string, from: Endpoint): Record<string, LinkEvent> {
  const probe = { type: 'datagram.probe', from } as const;
  return {
    [`Probe from ${where}`]: { ...probe, confirms: false, asks: true },
    [`Probe that confirms and asks from ${where}`]: { ...probe, confirms: true, asks: true },
    [`Probe that confirms from ${where}`]: { ...probe, confirms: true, asks: false },
    [`Probe for nothing from ${where}`]: { ...probe, confirms: false, asks: false },
  };
}
