/** How a link of protocol 1 punches and holds its path: with greetings, which prove nothing of who sent them. */
import { link } from './link-setup.ts';

export const punching = link.createStateConfig({
  tags: 'punching',
  initial: 'opening',
  entry: [{ type: 'blame', params: 'punchingFailed' }, 'startOver'],
  after: { punchBudget: { target: 'failed' } },
  on: {
    'datagram.message': [
      {
        guard: { type: 'isTried', params: ({ event }) => event.from },
        target: 'connected',
        actions: [
          { type: 'settleOn', params: ({ event }) => event.from },
          { type: 'passOn', params: ({ event }) => event.text },
        ],
      },
      {
        guard: { type: 'isPeerElsewhere', params: ({ event }) => event },
        target: '.probing',
        actions: [{ type: 'follow', params: ({ event }) => event.from }, 'startOver'],
      },
    ],
  },
  states: {
    opening: {
      entry: 'sendOpener',
      after: { headStart: { target: 'probing' } },
    },
    probing: {
      entry: 'sendGreeting',
      after: {
        greetingRetry: [
          // The peer's introduction may have been lost: it comes again with ours.
          { guard: 'isCaller', target: 'probing', reenter: true, actions: ['climb', 'sendRequest'] },
          { target: 'probing', reenter: true, actions: 'climb' },
        ],
      },
    },
  },
});

/** Says enough that the peer connects too, then enough that the path stays open. */
const saying = link.createStateConfig({
  initial: 'confirming',
  states: {
    confirming: {
      entry: 'startOver',
      initial: 'greeting',
      after: { confirmPeriod: { target: 'holding' } },
      states: {
        greeting: {
          entry: 'sendGreeting',
          after: { greetingRetry: { target: 'greeting', reenter: true, actions: 'climb' } },
        },
      },
    },
    holding: {
      entry: 'sendGreeting',
      initial: 'resting',
      after: { keepalive: { target: 'holding', reenter: true } },
      states: {
        resting: { after: { answerPause: { target: 'listening' } } },
        // A peer that is still punching has missed what we said, and needs to hear it again.
        listening: {
          on: {
            'datagram.message': {
              guard: { type: 'isTried', params: ({ event }) => event.from },
              target: 'resting',
              actions: 'sendGreeting',
            },
          },
        },
      },
    },
  },
});

/** Notices silence: first asks for a sign of life, then gives up. */
const hearing = link.createStateConfig({
  initial: 'heard',
  states: {
    // A state of its own, because a region that re-enters itself re-enters its neighbours too.
    heard: {
      initial: 'lately',
      after: { silence: { target: '#link.lost' } },
      on: {
        'datagram.message': {
          guard: { type: 'isTried', params: ({ event }) => event.from },
          target: 'heard',
          reenter: true,
          actions: { type: 'passOn', params: ({ event }) => event.text },
        },
      },
      states: {
        lately: { after: { doubt: { target: 'longAgo' } } },
        longAgo: {
          entry: 'sendGreeting',
          after: { doubtRetry: { target: 'longAgo', reenter: true } },
        },
      },
    },
  },
});

export const connected = link.createStateConfig({
  type: 'parallel',
  tags: 'connected',
  on: { say: { actions: { type: 'send', params: ({ event }) => event.text } } },
  states: { saying, hearing },
});
