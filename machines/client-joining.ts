/** How a client gets registered for the first time. There is a limit to how long it tries. */
import { client } from './client-setup.ts';

export const joining = client.createStateConfig({
  initial: 'registering',
  after: { patience: { target: 'failed' } },
  on: {
    'datagram.registerAck': [
      {
        guard: { type: 'isServerWithKeys', params: ({ event }) => event.from },
        target: '.confirming',
        actions: [{ type: 'blame', params: 'noServer' }, 'startOver'],
      },
      {
        guard: { type: 'isServer', params: ({ event }) => event.from },
        target: 'joined',
        actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
      },
    ],
  },
  states: {
    registering: {
      tags: 'registering',
      on: {
        'transport.opened': [
          {
            guard: 'hasKeys',
            target: 'knocking',
            actions: { type: 'meetServer', params: ({ event }) => event.server },
          },
          {
            target: 'awaitingAck',
            actions: { type: 'meetServer', params: ({ event }) => event.server },
          },
        ],
        'transport.failed': { target: '#client.failed' },
      },
    },
    knocking: {
      tags: 'knocking',
      initial: 'asking',
      entry: 'startOver',
      on: {
        'datagram.challenge': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'awaitingAck',
          actions: [
            { type: 'keepCookie', params: ({ event }) => event.cookie },
            // Whoever sent a challenge under another key, the server has been heard.
            { type: 'blame', params: 'noServer' },
            'startOver',
          ],
        },
      },
      states: {
        asking: {
          entry: 'sendKnock',
          after: { retry: { target: 'asking', reenter: true, actions: 'climb' } },
          on: {
            'datagram.challenge.distrusted': {
              guard: { type: 'isServer', params: ({ event }) => event.from },
              target: 'distrusting',
              actions: { type: 'blame', params: 'serverKeyChanged' },
            },
          },
        },
        // A forger can send such a challenge too: the server itself gets a chance to be heard.
        distrusting: {
          initial: 'asking',
          after: { distrustPatience: { target: '#client.failed' } },
          states: {
            asking: {
              entry: 'sendKnock',
              after: { retry: { target: 'asking', reenter: true, actions: 'climb' } },
            },
          },
        },
      },
    },
    awaitingAck: {
      tags: 'awaitingAck',
      entry: 'sendRegister',
      after: { retry: { target: 'awaitingAck', reenter: true, actions: 'climb' } },
      on: {
        'datagram.holePunchResponseUnknown': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'refused',
          actions: { type: 'blame', params: 'refused' },
        },
        // The cookie was too old, and this is a new one.
        'datagram.challenge': {
          guard: { type: 'isNewsFromServer', params: ({ event }) => event },
          target: 'awaitingAck',
          reenter: true,
          actions: { type: 'keepCookie', params: ({ event }) => event.cookie },
        },
        'datagram.registerRefuse': [
          {
            guard: { type: 'isTakenSaysServer', params: ({ event }) => event },
            target: '#client.failed',
            actions: { type: 'blame', params: 'nameTaken' },
          },
          {
            guard: { type: 'isServer', params: ({ event }) => event.from },
            target: 'refused',
            actions: { type: 'blame', params: ({ event }) => event.reason },
          },
        ],
      },
    },
    // The server counts us from our first sealed datagram on, which may be lost: it is said until it is answered.
    confirming: {
      tags: 'awaitingAck',
      entry: 'sendKeepalive',
      after: { retry: { target: 'confirming', reenter: true, actions: 'climb' } },
      on: {
        'datagram.keepaliveAck': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: '#client.joined',
          actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
        },
        'datagram.stale': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'knocking',
        },
        'datagram.pathChallenge': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          actions: { type: 'sendPathResponse', params: ({ event }) => event.token },
        },
        // A session that does not count yet follows nobody to another address.
        'network.changed': { target: 'knocking' },
      },
    },
    refused: {
      tags: 'refused',
      after: {
        refusedRetry: [
          { guard: 'hasKeys', target: 'knocking' },
          { target: 'refused', reenter: true, actions: 'sendRegister' },
        ],
      },
    },
  },
});
