/**
 * How a link of protocol 2 punches and holds its path: with probes, which carry back what the other has sent. A side
 * is connected when its own, lately sent, has come back over the path that it will use. The addresses of datagrams are
 * no secret and no proof: what counts is what is sealed in them.
 */
import { link } from './link-setup.ts';

/** Punching, on every path at once. */
export const probing = link.createStateConfig({
  tags: 'punching',
  initial: 'poised',
  entry: [{ type: 'blame', params: 'punchingFailed' }, 'startOver'],
  after: { punchBudget: { target: 'failed' } },
  on: {
    'datagram.probe': [
      {
        guard: { type: 'confirmsAndAsks', params: ({ event }) => event },
        target: 'verified',
        actions: [
          { type: 'settleWithKeysOn', params: ({ event }) => event.from },
          { type: 'answer', params: ({ event }) => event.from },
        ],
      },
      {
        guard: { type: 'confirms', params: ({ event }) => event },
        target: 'verified',
        actions: { type: 'settleWithKeysOn', params: ({ event }) => event.from },
      },
      {
        guard: { type: 'hasRoomFor', params: ({ event }) => event },
        actions: [
          { type: 'addPath', params: ({ event }) => event.from },
          { type: 'askBack', params: ({ event }) => event.from },
        ],
      },
    ],
    'datagram.bye': { target: 'left' },
  },
  states: {
    poised: {
      after: { startIn: { target: 'opening' } },
      on: {
        start: {
          target: 'poised',
          reenter: true,
          actions: { type: 'startIn', params: ({ event }) => event.inMs },
        },
      },
    },
    opening: {
      entry: 'sendOpeners',
      after: { headStart: { target: 'trying' } },
    },
    trying: {
      initial: 'sending',
      after: { probePeriod: { target: 'spent' } },
      states: {
        sending: {
          entry: 'sendProbes',
          after: { probeRetry: { target: 'sending', reenter: true, actions: 'climbProbes' } },
        },
      },
    },
    // Nobody has answered: more would be a flood, but what comes is still answered.
    spent: {},
  },
});

/** Says enough that the peer knows that the path works, and then that it stays open. */
const saying = link.createStateConfig({
  initial: 'confirming',
  on: {
    'network.changed': {
      target: '.confirming',
      actions: { type: 'suspect', params: 'networkChanged' },
    },
  },
  states: {
    // Our own has come back over this path, so nobody is aimed at: what the peer lacks is what we bring back to it.
    confirming: {
      entry: 'startOver',
      initial: 'sending',
      after: { confirmPeriod: { target: 'holding' } },
      states: {
        sending: {
          entry: 'sendProbe',
          after: { probeRetry: { target: 'sending', reenter: true, actions: 'climbProbes' } },
        },
      },
    },
    holding: {
      entry: 'sendProbe',
      after: { hold: { target: 'holding', reenter: true } },
    },
  },
});

/** Notices that the path no longer works both ways. */
const hearing = link.createStateConfig({
  initial: 'heard',
  states: {
    // A state of its own, because a region that re-enters itself re-enters its neighbours too.
    heard: {
      after: {
        pathDoubt: {
          target: '#link.restoring',
          actions: [
            { type: 'suspect', params: 'noAnswer' },
            'keepKnownPaths',
            'startOver',
            'startAsking',
            'sendRequest',
          ],
        },
      },
      on: {
        'datagram.probe': [
          // Among neighbours the way through the router may work too, and is the longer one.
          {
            guard: { type: 'isDetourAndAsks', params: ({ event }) => event },
            actions: { type: 'answer', params: ({ event }) => event.from },
          },
          { guard: { type: 'isDetour', params: ({ event }) => event }, actions: [] },
          {
            guard: { type: 'confirmsAndAsks', params: ({ event }) => event },
            target: 'heard',
            reenter: true,
            actions: [
              { type: 'settleWithKeysOn', params: ({ event }) => event.from },
              { type: 'answer', params: ({ event }) => event.from },
            ],
          },
          {
            guard: { type: 'confirms', params: ({ event }) => event },
            target: 'heard',
            reenter: true,
            actions: { type: 'settleWithKeysOn', params: ({ event }) => event.from },
          },
          {
            guard: { type: 'hasRoomFor', params: ({ event }) => event },
            actions: [
              { type: 'addPath', params: ({ event }) => event.from },
              { type: 'askBack', params: ({ event }) => event.from },
            ],
          },
        ],
      },
    },
  },
});

export const verified = link.createStateConfig({
  type: 'parallel',
  tags: 'connected',
  on: {
    'datagram.bye': { target: 'left' },
    stop: { target: 'closed', actions: 'sendBye' },
    // Where we are the peer's NAT does not know yet, unless we tell the peer.
    'address.changed': {
      target: 'restoring',
      actions: [
        { type: 'suspect', params: 'networkChanged' },
        'keepKnownPaths',
        'startOver',
        'startAsking',
        'sendRequest',
      ],
    },
    // The peer does not hear us on the path in use, or will not for long.
    introduced: [
      {
        guard: { type: 'tellsMore', params: ({ event }) => event },
        target: 'restoring',
        actions: [
          { type: 'suspect', params: 'peerSeeks' },
          { type: 'addTold', params: ({ event }) => event },
          'startOver',
          'restFromAsking',
        ],
      },
      {
        target: 'restoring',
        actions: [{ type: 'suspect', params: 'peerSeeks' }, 'keepKnownPaths', 'startOver', 'restFromAsking'],
      },
    ],
  },
  states: { saying, hearing },
});
