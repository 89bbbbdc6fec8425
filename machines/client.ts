/**
 * A client's life with its server: get registered, stay registered, notice when the server is gone and come back to
 * it. What the server says about peers is passed on, once it is certain that the server said it. The chart ignores
 * every datagram that is not from its server. In protocol 2 a client knocks first, and registers with the cookie that
 * it is given: the proof that it is where it says.
 */
import { joining } from './client-joining.ts';
import { client } from './client-setup.ts';
import * as timing from './timing.ts';

export * from './client-alphabet.ts';

/** The way back to `registered`. */
const rejoining = client.createStateConfig({
  initial: 'refreshing',
  entry: 'startOver',
  after: { refreshPatience: { target: 'unregistered' } },
  on: {
    'datagram.registerAck': [
      {
        guard: { type: 'isServerWithKeys', params: ({ event }) => event.from },
        target: 'rejoining.checking',
        reenter: true,
        actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
      },
      {
        guard: { type: 'isServer', params: ({ event }) => event.from },
        target: 'registered',
        actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
      },
    ],
    'datagram.keepaliveAck': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      target: 'registered',
      actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
    },
  },
  states: {
    refreshing: {
      tags: 'registered',
      entry: 'sendRegister',
      after: { retry: { target: 'refreshing', reenter: true, actions: 'climb' } },
    },
    checking: {
      tags: 'registered',
      entry: 'sendKeepalive',
      after: { retry: { target: 'checking', reenter: true, actions: 'climb' } },
      on: {
        'datagram.stale': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'knocking',
          actions: 'startOver',
        },
      },
    },
    knocking: {
      tags: 'unregistered',
      entry: 'sendKnock',
      after: { retry: { target: 'knocking', reenter: true, actions: 'climb' } },
      on: {
        'datagram.challenge': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'renewing',
          actions: [{ type: 'keepCookie', params: ({ event }) => event.cookie }, 'startOver'],
        },
      },
    },
    renewing: {
      tags: 'unregistered',
      entry: 'sendRegister',
      after: { retry: { target: 'renewing', reenter: true, actions: 'climb' } },
      on: {
        'datagram.challenge': {
          guard: { type: 'isNewsFromServer', params: ({ event }) => event },
          target: 'renewing',
          reenter: true,
          actions: { type: 'keepCookie', params: ({ event }) => event.cookie },
        },
        'datagram.registerRefuse': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: '#client.joined.unregistered',
        },
      },
    },
  },
});

/** The server is gone. Nothing but success ends this, because links live on without a server. */
const unregistered = client.createStateConfig({
  tags: 'unregistered',
  after: {
    unreachableRetry: [
      { guard: 'hasKeys', target: 'unregistered', reenter: true, actions: 'sendKnock' },
      { target: 'unregistered', reenter: true, actions: 'sendRegister' },
    ],
  },
  on: {
    ...rejoining.on,
    'datagram.challenge': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      target: 'rejoining.renewing',
      actions: { type: 'keepCookie', params: ({ event }) => event.cookie },
    },
  },
});

const joined = client.createStateConfig({
  initial: 'registered',
  on: {
    'datagram.holePunchInitiate': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      actions: { type: 'introduce', params: ({ event }) => event },
    },
    'datagram.holePunchResponseUnknown': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      actions: 'disappoint',
    },
    'datagram.pathChallenge': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      actions: { type: 'sendPathResponse', params: ({ event }) => event.token },
    },
    'network.changed': { guard: 'hasKeys', target: '.rejoining.checking' },
  },
  states: {
    registered: {
      tags: 'registered',
      after: {
        keepalive: [{ guard: 'hasKeys', target: 'rejoining.checking' }, { target: 'rejoining' }],
      },
      on: {
        // A server that was restarted has forgotten us too, and this is how it says so.
        'datagram.holePunchResponseUnknown': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'rejoining',
          actions: 'disappoint',
        },
        'datagram.stale': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'rejoining.knocking',
        },
        // We are elsewhere than we knew: the answer to this tells where.
        'datagram.pathChallenge': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'rejoining.checking',
          actions: { type: 'sendPathResponse', params: ({ event }) => event.token },
        },
      },
    },
    rejoining,
    unregistered,
  },
});

export const clientMachine = client.createMachine({
  id: 'client',
  context: ({ input }) => ({
    ...input,
    server: null,
    cookie: null,
    obstacle: 'noTransport',
    attempt: 0,
    keepaliveMs: timing.KEEPALIVE_MAX_MS,
  }),
  options: { maxIterations: 100 },
  initial: 'joining',
  on: { stop: { target: '.stopped' } },
  states: {
    joining,
    joined,
    failed: { type: 'final', tags: 'failed', entry: 'reportFailed' },
    stopped: { type: 'final', tags: 'stopped' },
  },
});
