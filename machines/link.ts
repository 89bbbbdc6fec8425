/**
 * One remote peer: find it, punch to it, hold the path, and notice when it is gone. The chart serves both sides: who
 * asked for the introduction starts at `requesting`, who was introduced at `punching`. Protocol 1 has no
 * authentication: whoever sends from the peer's IP address counts as the peer, and a path that works in one direction
 * only looks connected to the side that hears.
 */
import { assign, emit, setup } from 'xstate';
import { type Endpoint, sameAddress, sameEndpoint, sameFamily } from './endpoint.ts';
import {
  ADDRESSES_TRIED_MAX,
  greetingOf,
  type LinkContext,
  type LinkEvent,
  type LinkInput,
  type LinkObstacle,
  type LinkOutput,
  type LinkPhase,
} from './link-alphabet.ts';
import * as timing from './timing.ts';

export * from './link-alphabet.ts';

const link = setup({
  types: {
    input: {} as LinkInput,
    context: {} as LinkContext,
    events: {} as LinkEvent,
    emitted: {} as LinkOutput,
    tags: {} as LinkPhase,
  },
  actions: {
    aimAt: assign({
      remote: (_, remote: Endpoint) => remote,
      introduced: (_, remote: Endpoint) => remote,
      tried: (_, remote: Endpoint) => [remote],
    }),
    follow: assign({
      remote: (_, from: Endpoint) => from,
      tried: ({ context }, from: Endpoint) => [...context.tried, from],
    }),
    settleOn: assign({ remote: (_, from: Endpoint) => from }),
    blame: assign({ obstacle: (_, obstacle: LinkObstacle) => obstacle }),
    startOver: assign({ attempt: 0 }),
    climb: assign({ attempt: ({ context }) => timing.climb(timing.PUNCH_LADDER_MS, context.attempt) }),
    sendRequest: emit(({ context }) => ({
      type: 'transmit',
      to: context.server,
      message: { type: 'holePunchRequest', name: context.peer },
    })),
    sendOpener: emit(({ context }) => ({
      type: 'transmit',
      to: remoteOf(context),
      message: { type: 'message', text: greetingOf(context.name) },
      hops: timing.OPENER_HOPS,
    })),
    sendGreeting: emit(({ context }) => ({
      type: 'transmit',
      to: remoteOf(context),
      message: { type: 'message', text: greetingOf(context.name) },
    })),
    send: emit(({ context }, text: string) => ({
      type: 'transmit',
      to: remoteOf(context),
      message: { type: 'message', text },
    })),
    passOn: emit((_, text: string) => ({ type: 'heard', text })),
    reportFailed: emit(({ context }) => ({ type: 'failed', reason: context.obstacle })),
  },
  guards: {
    isCaller: ({ context }) => context.role === 'caller',
    isInvited: ({ context }) => context.remote !== null,
    isOtherFamily: ({ context }, remote: Endpoint) => !sameFamily(remote, context.server),
    isInvitedFromOtherFamily: ({ context }) =>
      context.remote !== null && !sameFamily(context.remote, context.server),
    isNewAddress: ({ context }, remote: Endpoint) =>
      sameFamily(remote, context.server) &&
      (context.introduced === null || !sameEndpoint(remote, context.introduced)),
    isTried: ({ context }, from: Endpoint) => context.tried.some((tried) => sameEndpoint(tried, from)),
    // Another host behind the peer's NAT has the peer's address too, but not its name.
    isPeerElsewhere: ({ context }, { from, text }: { from: Endpoint; text: string }) =>
      sameAddress(from, remoteOf(context)) &&
      text === greetingOf(context.peer) &&
      context.tried.length < ADDRESSES_TRIED_MAX,
  },
  delays: {
    patience: ({ context }) => context.patienceMs,
    requestRetry: ({ context }) => timing.rung(timing.REQUEST_LADDER_MS, context.attempt),
    unknownRetry: timing.UNKNOWN_RETRY_MS,
    punchBudget: ({ context }) => context.punchBudgetMs,
    headStart: timing.OPENER_HEAD_START_MS,
    greetingRetry: ({ context }) => timing.rung(timing.PUNCH_LADDER_MS, context.attempt),
    confirmPeriod: timing.CONFIRM_PERIOD_MS,
    keepalive: timing.LINK_KEEPALIVE_MS,
    answerPause: timing.ANSWER_PAUSE_MS,
    doubt: timing.LINK_DOUBT_MS,
    doubtRetry: timing.DOUBT_RETRY_MS,
    silence: timing.LINK_SILENCE_MS,
  },
});

const seeking = link.createStateConfig({
  initial: 'requesting',
  after: { patience: { target: 'failed' } },
  on: {
    disappointed: { target: '.absent', actions: { type: 'blame', params: 'peerUnknown' } },
    introduced: {
      guard: { type: 'isOtherFamily', params: ({ event }) => event.remote },
      target: 'failed',
      actions: { type: 'blame', params: 'otherFamily' },
    },
  },
  states: {
    requesting: {
      tags: 'requesting',
      entry: 'sendRequest',
      after: { requestRetry: { target: 'requesting', reenter: true, actions: 'climb' } },
    },
    absent: {
      tags: 'absent',
      after: { unknownRetry: { target: 'absent', reenter: true, actions: 'sendRequest' } },
    },
  },
});

const punching = link.createStateConfig({
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

const connected = link.createStateConfig({
  type: 'parallel',
  tags: 'connected',
  on: { say: { actions: { type: 'send', params: ({ event }) => event.text } } },
  states: { saying, hearing },
});

export const linkMachine = link.createMachine({
  id: 'link',
  context: ({ input }) => ({
    ...input,
    role: input.remote === null ? 'caller' : 'called',
    introduced: input.remote,
    tried: input.remote === null ? [] : [input.remote],
    obstacle: 'noServer',
    attempt: 0,
  }),
  options: { maxIterations: 100 },
  initial: 'starting',
  on: {
    introduced: {
      guard: { type: 'isNewAddress', params: ({ event }) => event.remote },
      target: '.punching',
      actions: { type: 'aimAt', params: ({ event }) => event.remote },
    },
    stop: { target: '.closed' },
  },
  states: {
    starting: {
      always: [
        {
          guard: 'isInvitedFromOtherFamily',
          target: 'failed',
          actions: { type: 'blame', params: 'otherFamily' },
        },
        { guard: 'isInvited', target: 'punching' },
        { target: 'seeking' },
      ],
    },
    seeking,
    punching,
    connected,
    lost: { type: 'final', tags: 'lost' },
    failed: { type: 'final', tags: 'failed', entry: 'reportFailed' },
    closed: { type: 'final', tags: 'closed' },
  },
});

/** Where the peer is. Only states that an introduction leads to ask for it. */
function remoteOf({ remote }: LinkContext): Endpoint {
  if (remote === null) throw new Error('the link chart transmits before an introduction');
  return remote;
}
