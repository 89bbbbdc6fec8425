import type { Endpoint } from '../../machines/endpoint.ts';
import { greetingOf, type LinkEvent, linkMachine } from '../../machines/link.ts';
import { PATIENCE_MS, PUNCH_BUDGET_MS } from '../../machines/timing.ts';
import type { Chart } from './chart.ts';

const server: Endpoint = { address: '203.0.113.1', port: 39_738 };
const remote: Endpoint = { address: '198.51.100.2', port: 5000 };
const remoteElsewhere: Endpoint = { address: '198.51.100.2', port: 5001 };
const newAddress: Endpoint = { address: '192.0.2.9', port: 7000 };
const otherFamily: Endpoint = { address: '2001:db8::2', port: 5000 };
const stranger: Endpoint = { address: '198.51.100.66', port: 6666 };

const input = { name: 'alice', peer: 'bob', server, patienceMs: PATIENCE_MS, punchBudgetMs: PUNCH_BUDGET_MS };

export const linkChart: Chart<typeof linkMachine> = {
  machine: linkMachine,
  beginnings: {
    'the side that asks': { ...input, remote: null },
    'the side that is invited': { ...input, remote },
    'the side that is invited to an address of the other family': { ...input, remote: otherFamily },
  },
  events: {
    'introduced at the address': { type: 'introduced', remote },
    'introduced at another port': { type: 'introduced', remote: remoteElsewhere },
    'introduced at another address': { type: 'introduced', remote: newAddress },
    'introduced at an address of the other family': { type: 'introduced', remote: otherFamily },
    'the server cannot introduce': { type: 'disappointed' },
    ...heardFrom('the address', remote),
    ...heardFrom('another port', remoteElsewhere),
    ...heardFrom('another address', newAddress),
    'the user says something': { type: 'say', text: 'hello' },
    'the user stops it': { type: 'stop' },
  },
  strangers: heardFrom('a stranger', stranger),
  pacing: ['attempt'],
  resting: [],
};

function heardFrom(where: string, from: Endpoint): Record<string, LinkEvent> {
  return {
    [`greeting from ${where}`]: { type: 'datagram.message', from, text: greetingOf(input.peer) },
    [`speech from ${where}`]: { type: 'datagram.message', from, text: 'good morning' },
  };
}
