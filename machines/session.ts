/**
 * One registered client as the server sees it. A session speaks to its own client only; whom that client wants to
 * meet is found by the host, which brings the answer as an event. Anybody may send from a spoofed address: protocol 1
 * holds a name against other IP addresses, not against forgers. In protocol 2 the host opens what a client has sealed,
 * so that only the client's own datagrams come here; a session counts from the first of them, since a Register can be
 * a replay, and follows its client to another address once the client has answered from there.
 */
import { assign, emit, setup } from 'xstate';
import { type Endpoint, sameAddress, sameEndpoint } from './endpoint.ts';
import * as timing from './timing.ts';
import type { Message } from './wire.ts';

export type SessionInput = {
  readonly name: string;
  /** Default 1, the original's. */
  readonly protocol?: 1 | 2;
  readonly client: Endpoint;
  /** How long the client may be silent, in ms. */
  readonly ttlMs: number;
};

export type SessionContext = SessionInput;

export type SessionEvent =
  | { readonly type: 'datagram.register'; readonly from: Endpoint }
  | { readonly type: 'datagram.holePunchRequest'; readonly name: string }
  /** Something that only the client can have sealed, and that has not come before. */
  | { readonly type: 'datagram.sealed'; readonly from: Endpoint }
  | { readonly type: 'datagram.keepalive'; readonly from: Endpoint }
  /** With the token that was sent to this address, and to no other. */
  | { readonly type: 'datagram.pathResponse'; readonly from: Endpoint }
  | { readonly type: 'datagram.bye' }
  /** The answer to `seek`. */
  | { readonly type: 'peer.found'; readonly name: string; readonly remote: Endpoint }
  | { readonly type: 'peer.missing' }
  /** Another client wants to meet this one. */
  | { readonly type: 'peer.calls'; readonly name: string; readonly remote: Endpoint }
  /** The client has registered another name. */
  | { readonly type: 'replaced' };

export type SessionOutput =
  | { readonly type: 'transmit'; readonly to: Endpoint; readonly message: SessionMessage }
  /** The client has used the keys of this session: whatever session it had before is over. */
  | { readonly type: 'proven' }
  /** Find the client of this name, and let the two meet. */
  | { readonly type: 'seek'; readonly name: string }
  /** The client is at another port now. */
  | { readonly type: 'moved'; readonly from: Endpoint; readonly to: Endpoint }
  /** Somebody at another IP address wants this name. */
  | { readonly type: 'refuse'; readonly to: Endpoint }
  | { readonly type: 'ended' };

/** What the server says to one client. Protocol 2's host seals it. */
export type SessionMessage =
  | Message
  | { readonly type: 'keepaliveAck'; readonly remote: Endpoint }
  /** Are you there? The host adds a token that only who gets it knows. */
  | { readonly type: 'pathChallenge' };

/** Every state has exactly one of these as its tag. */
export type SessionPhase = 'proving' | 'registered' | 'expired' | 'replaced';

const session = setup({
  types: {
    input: {} as SessionInput,
    context: {} as SessionContext,
    events: {} as SessionEvent,
    emitted: {} as SessionOutput,
    tags: {} as SessionPhase,
  },
  actions: {
    acknowledge: emit(({ context }) => ({
      type: 'transmit',
      to: context.client,
      message: { type: 'registerAck' },
    })),
    reportMoved: emit(({ context }, to: Endpoint) => ({ type: 'moved', from: context.client, to })),
    move: assign({ client: (_, to: Endpoint) => to }),
    refuse: emit((_, to: Endpoint) => ({ type: 'refuse', to })),
    seek: emit((_, name: string) => ({ type: 'seek', name })),
    introduce: emit(({ context }, { name, remote }: { name: string; remote: Endpoint }) => ({
      type: 'transmit',
      to: context.client,
      message: { type: 'holePunchInitiate', name, remote },
    })),
    disappoint: emit(({ context }) => ({
      type: 'transmit',
      to: context.client,
      message: { type: 'holePunchResponseUnknown' },
    })),
    sendKeepaliveAck: emit(({ context }) => ({
      type: 'transmit',
      to: context.client,
      message: { type: 'keepaliveAck', remote: context.client },
    })),
    challenge: emit((_, to: Endpoint) => ({ type: 'transmit', to, message: { type: 'pathChallenge' } })),
    reportProven: emit({ type: 'proven' }),
    reportEnded: emit({ type: 'ended' }),
  },
  guards: {
    hasKeys: ({ context }) => context.protocol === 2,
    isClient: ({ context }, from: Endpoint) => sameEndpoint(from, context.client),
    isElsewhere: ({ context }, from: Endpoint) => !sameEndpoint(from, context.client),
    isClientElsewhere: ({ context }, from: Endpoint) => sameAddress(from, context.client),
  },
  delays: { ttl: ({ context }) => context.ttlMs, proof: timing.PROOF_PATIENCE_MS },
});

/** A Register has come, with a cookie for this address, but it may be an old one. */
const proving = session.createStateConfig({
  tags: 'proving',
  after: { proof: { target: 'expired' } },
  on: {
    // The same once more: the acknowledgement was lost.
    'datagram.register': {
      guard: { type: 'isClient', params: ({ event }) => event.from },
      actions: 'acknowledge',
    },
    'datagram.sealed': {
      guard: { type: 'isClient', params: ({ event }) => event.from },
      target: 'proven',
      actions: 'reportProven',
    },
    replaced: { target: 'replaced' },
  },
});

/** The client of protocol 1. */
const registered = session.createStateConfig({
  tags: 'registered',
  after: { ttl: { target: 'expired' } },
  on: {
    'datagram.register': [
      {
        guard: { type: 'isClient', params: ({ event }) => event.from },
        target: 'registered',
        reenter: true,
        actions: 'acknowledge',
      },
      {
        guard: { type: 'isClientElsewhere', params: ({ event }) => event.from },
        target: 'registered',
        reenter: true,
        actions: [
          { type: 'reportMoved', params: ({ event }) => event.from },
          { type: 'move', params: ({ event }) => event.from },
          'acknowledge',
        ],
      },
      { actions: { type: 'refuse', params: ({ event }) => event.from } },
    ],
    'datagram.holePunchRequest': {
      target: 'registered',
      reenter: true,
      actions: { type: 'seek', params: ({ event }) => event.name },
    },
    'peer.found': { actions: { type: 'introduce', params: ({ event }) => event } },
    'peer.calls': { actions: { type: 'introduce', params: ({ event }) => event } },
    'peer.missing': { actions: 'disappoint' },
    replaced: { target: 'replaced' },
  },
});

/** The client of protocol 2. */
const proven = session.createStateConfig({
  tags: 'registered',
  after: { ttl: { target: 'expired' } },
  on: {
    'datagram.keepalive': {
      guard: { type: 'isClient', params: ({ event }) => event.from },
      actions: 'sendKeepaliveAck',
    },
    'datagram.sealed': [
      {
        guard: { type: 'isClient', params: ({ event }) => event.from },
        target: 'proven',
        reenter: true,
      },
      { actions: { type: 'challenge', params: ({ event }) => event.from } },
    ],
    'datagram.pathResponse': {
      guard: { type: 'isElsewhere', params: ({ event }) => event.from },
      target: 'proven',
      reenter: true,
      actions: [
        { type: 'reportMoved', params: ({ event }) => event.from },
        { type: 'move', params: ({ event }) => event.from },
        'sendKeepaliveAck',
      ],
    },
    'datagram.bye': { target: 'expired' },
    replaced: { target: 'replaced' },
  },
});

export const sessionMachine = session.createMachine({
  id: 'session',
  context: ({ input }) => input,
  options: { maxIterations: 100 },
  initial: 'starting',
  states: {
    starting: { always: [{ guard: 'hasKeys', target: 'proving' }, { target: 'registered' }] },
    proving,
    registered,
    proven,
    expired: { type: 'final', tags: 'expired', entry: 'reportEnded' },
    replaced: { type: 'final', tags: 'replaced', entry: 'reportEnded' },
  },
});
