/** What the chart of a link can do, ask itself and wait for, by name. */
import { assign, emit, setup } from 'xstate';
import { type Endpoint, sameAddress, sameEndpoint, sameFamily } from './endpoint.ts';
import {
  ADDRESSES_TRIED_MAX,
  greetingOf,
  type LinkContext,
  type LinkDoubt,
  type LinkEvent,
  type LinkInput,
  type LinkObstacle,
  type LinkOutput,
  type LinkPhase,
} from './link-alphabet.ts';
import * as timing from './timing.ts';

type Probe = Extract<LinkEvent, { readonly type: 'datagram.probe' }>;
type Introduction = Extract<LinkEvent, { readonly type: 'introduced' }>;

export const link = setup({
  types: {
    input: {} as LinkInput,
    context: {} as LinkContext,
    events: {} as LinkEvent,
    emitted: {} as LinkOutput,
    tags: {} as LinkPhase,
  },
  actions: {
    aimAt: assign({
      remote: (_, { remote }: Introduction) => remote,
      introduced: (_, { remote }: Introduction) => remote,
      tried: (_, { remote, candidates = [] }: Introduction) =>
        [remote, ...candidates].slice(0, ADDRESSES_TRIED_MAX),
      startInMs: (_, { startInMs = 0 }: Introduction) => startInMs,
    }),
    startIn: assign({ startInMs: (_, inMs: number) => inMs }),
    addPath: assign({
      tried: ({ context }, from: Endpoint) =>
        context.tried.some((tried) => sameEndpoint(tried, from)) ? context.tried : [...context.tried, from],
    }),
    // The path in use stays among those tried, and is used until another one is confirmed: the server may be wrong.
    addTold: assign({
      introduced: (_, { remote }: Introduction) => remote,
      tried: ({ context }, { remote, candidates = [] }: Introduction) =>
        distinct([remoteOf(context), remote, ...candidates]).slice(0, ADDRESSES_TRIED_MAX),
    }),
    suspect: assign({ doubt: ({ context }, doubt: LinkDoubt) => context.doubt ?? doubt }),
    startAsking: assign({ asks: 1 }),
    restFromAsking: assign({ asks: 0 }),
    climbAsks: assign({ asks: ({ context }) => timing.climb(timing.ASK_LADDER_MS, context.asks) }),
    trustKey: assign({ hasKey: true }),
    climbProbes: assign({ attempt: ({ context }) => timing.climb(timing.PROBE_LADDER_MS, context.attempt) }),
    follow: assign({
      remote: (_, from: Endpoint) => from,
      tried: ({ context }, from: Endpoint) => [...context.tried, from],
    }),
    // What else was tried is forgotten, or a peer that moves from network to network would use up the room.
    settleWithKeysOn: assign({
      remote: (_, from: Endpoint) => from,
      tried: ({ context }, from: Endpoint) => distinct([from, introducedOf(context)]),
      doubt: null,
    }),
    // A probe may have seemed to come from anywhere: who has fallen silent leaves nobody else to be probed.
    keepKnownPaths: assign({ tried: ({ context }) => knownPathsOf(context) }),
    sendBye: emit(({ context }) => ({ type: 'bye', to: remoteOf(context) })),
    settleOn: assign({ remote: (_, from: Endpoint) => from }),
    blame: assign({ obstacle: (_, obstacle: LinkObstacle) => obstacle }),
    startOver: assign({ attempt: 0 }),
    climb: assign({ attempt: ({ context }) => timing.climb(timing.PUNCH_LADDER_MS, context.attempt) }),
    sendRequest: emit(({ context }) => ({
      type: 'transmit',
      to: context.server,
      message: { type: 'holePunchRequest', name: context.peer },
    })),
    sendLookup: emit(({ context }) => ({
      type: 'transmit',
      to: context.server,
      message: { type: 'lookup', name: context.peer },
    })),
    sendOpeners: emit(({ context }) => ({
      type: 'probe',
      to: context.tried,
      asks: true,
      hops: timing.OPENER_HOPS,
    })),
    sendProbes: emit(({ context }) => ({ type: 'probe', to: context.tried, asks: true })),
    sendProbe: emit(({ context }) => ({ type: 'probe', to: [remoteOf(context)], asks: true })),
    askBack: emit((_, to: Endpoint) => ({ type: 'probe', to: [to], asks: true })),
    answer: emit((_, to: Endpoint) => ({ type: 'probe', to: [to], asks: false })),
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
    hasKeys: ({ context }) => context.protocol === 2,
    lacksKey: ({ context }) => context.protocol === 2 && !context.hasKey,
    isInvitedWithKeys: ({ context }) => context.protocol === 2 && context.remote !== null,
    confirms: (_, { confirms }: Probe) => confirms,
    confirmsAndAsks: (_, { confirms, asks }: Probe) => confirms && asks,
    isDetour: ({ context }, probe: Probe) => isDetour(context, probe),
    isDetourAndAsks: ({ context }, probe: Probe) => isDetour(context, probe) && probe.asks,
    hasRoomFor: ({ context }, { from, asks }: Probe) =>
      asks &&
      (context.tried.length < ADDRESSES_TRIED_MAX ||
        context.tried.some((tried) => sameEndpoint(tried, from))),
    isCaller: ({ context }) => context.role === 'caller',
    isInvited: ({ context }) => context.remote !== null,
    isOtherFamily: ({ context }, remote: Endpoint) => !sameFamily(remote, context.server),
    isInvitedFromOtherFamily: ({ context }) =>
      context.remote !== null && !sameFamily(context.remote, context.server),
    isNewAddress: ({ context }, remote: Endpoint) =>
      context.protocol !== 2 &&
      sameFamily(remote, context.server) &&
      (context.introduced === null || !sameEndpoint(remote, context.introduced)),
    tellsMore: ({ context }, { remote, candidates = [] }: Introduction) =>
      sameFamily(remote, context.server) &&
      [remote, ...candidates].some((told) => !context.tried.some((tried) => sameEndpoint(tried, told))),
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
    startIn: ({ context }) => context.startInMs,
    probeRetry: ({ context }) => timing.rung(timing.PROBE_LADDER_MS, context.attempt),
    probePeriod: timing.PROBE_PERIOD_MS,
    hold: ({ context }) => ownPace(context, timing.HOLD_MS),
    pathDoubt: timing.PATH_DOUBT_MS,
    pathPatience: timing.PATH_SILENCE_MS - timing.PATH_DOUBT_MS,
    askRetry: ({ context }) => ownPace(context, timing.rung(timing.ASK_LADDER_MS, context.asks)),
  },
});

/** Where the peer is. Only states that an introduction leads to ask for it. */
function remoteOf({ remote }: LinkContext): Endpoint {
  if (remote === null) throw new Error('the link chart transmits before an introduction');
  return remote;
}

/** Where the server said that the peer is. Likewise. */
function introducedOf({ introduced }: LinkContext): Endpoint {
  if (introduced === null) throw new Error('the link chart settles before an introduction');
  return introduced;
}

/** Whether it confirms the way that the server has told, while another is in use: that one was found to be open too. */
function isDetour(context: LinkContext, { confirms, from }: Probe): boolean {
  return confirms && sameEndpoint(from, introducedOf(context)) && !sameEndpoint(remoteOf(context), from);
}

/** The path that was used last, and the one that the server has told. */
function knownPathsOf(context: LinkContext): readonly Endpoint[] {
  return distinct([remoteOf(context), introducedOf(context)]);
}

function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.filter(
    (endpoint, index) => endpoints.findIndex((other) => sameEndpoint(other, endpoint)) === index,
  );
}

/** Links do not beat together. */
function ownPace({ jitter = 0 }: LinkContext, ms: number): number {
  return timing.spread(ms, timing.HOLD_SPREAD, jitter);
}
