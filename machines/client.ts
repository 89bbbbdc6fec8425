/**
 * A client's life with its server: get registered, stay registered, notice when the server is gone and come back to
 * it. What the server says about peers is passed on, once it is certain that the server said it. The chart ignores
 * every datagram that is not from its server.
 */
import { assign, emit, setup } from 'xstate';
import { type Endpoint, sameEndpoint } from './endpoint.ts';
import * as timing from './timing.ts';
import type { Message } from './wire.ts';

export type ClientInput = {
  readonly name: string;
  /** How long to try for the first RegisterAck, in ms. */
  readonly patienceMs: number;
};

export type ClientContext = ClientInput & {
  readonly server: Endpoint | null;
  /** What is missing as long as the client is not registered: the reason, should it fail now. */
  readonly obstacle: ClientObstacle;
  readonly attempt: number;
  readonly keepaliveMs: number;
};

export type ClientObstacle = 'noTransport' | 'noServer' | 'refused';

export type ClientEvent =
  /** The socket is bound and the server's name is resolved. */
  | { readonly type: 'transport.opened'; readonly server: Endpoint }
  /** It could not be; there is nothing to try again with. */
  | { readonly type: 'transport.failed' }
  /** `jitter`, from 0 to below 1, spreads the refreshes of many clients. */
  | { readonly type: 'datagram.registerAck'; readonly from: Endpoint; readonly jitter: number }
  | { readonly type: 'datagram.holePunchResponseUnknown'; readonly from: Endpoint }
  | {
      readonly type: 'datagram.holePunchInitiate';
      readonly from: Endpoint;
      readonly name: string;
      readonly remote: Endpoint;
    }
  | { readonly type: 'stop' };

export type ClientOutput =
  | { readonly type: 'transmit'; readonly to: Endpoint; readonly message: Message }
  /** For the link to this peer, which may not exist yet: the server says where the peer is. */
  | { readonly type: 'introduce'; readonly name: string; readonly remote: Endpoint }
  /** For the links that have asked: the server cannot introduce. It does not say whom. */
  | { readonly type: 'disappoint' }
  | { readonly type: 'failed'; readonly reason: ClientObstacle };

/** What a user is told the client is doing; every state has exactly one of these as its tag. */
export type ClientPhase =
  | 'registering'
  | 'awaitingAck'
  | 'refused'
  | 'registered'
  | 'unregistered'
  | 'failed'
  | 'stopped';

const client = setup({
  types: {
    input: {} as ClientInput,
    context: {} as ClientContext,
    events: {} as ClientEvent,
    emitted: {} as ClientOutput,
    tags: {} as ClientPhase,
  },
  actions: {
    meetServer: assign({ server: (_, server: Endpoint) => server, obstacle: 'noServer' }),
    noteRefusal: assign({ obstacle: 'refused' }),
    sendRegister: emit(({ context }) => ({
      type: 'transmit',
      to: serverOf(context),
      message: { type: 'register', name: context.name },
    })),
    climb: assign({ attempt: ({ context }) => timing.climb(timing.REQUEST_LADDER_MS, context.attempt) }),
    startOver: assign({ attempt: 0 }),
    planRefresh: assign({
      keepaliveMs: (_, jitter: number) =>
        timing.KEEPALIVE_MIN_MS + jitter * (timing.KEEPALIVE_MAX_MS - timing.KEEPALIVE_MIN_MS),
    }),
    introduce: emit((_, { name, remote }: { name: string; remote: Endpoint }) => ({
      type: 'introduce',
      name,
      remote,
    })),
    disappoint: emit({ type: 'disappoint' }),
    reportFailed: emit(({ context }) => ({ type: 'failed', reason: context.obstacle })),
  },
  guards: {
    isServer: ({ context }, from: Endpoint) => context.server !== null && sameEndpoint(from, context.server),
  },
  delays: {
    patience: ({ context }) => context.patienceMs,
    retry: ({ context }) => timing.rung(timing.REQUEST_LADDER_MS, context.attempt),
    refusedRetry: timing.UNKNOWN_RETRY_MS,
    keepalive: ({ context }) => context.keepaliveMs,
    refreshPatience: timing.REFRESH_PATIENCE_MS,
    unreachableRetry: timing.UNREACHABLE_RETRY_MS,
  },
});

const joining = client.createStateConfig({
  initial: 'registering',
  after: { patience: { target: 'failed' } },
  on: {
    'datagram.registerAck': {
      guard: { type: 'isServer', params: ({ event }) => event.from },
      target: 'joined',
      actions: { type: 'planRefresh', params: ({ event }) => event.jitter },
    },
  },
  states: {
    registering: {
      tags: 'registering',
      on: {
        'transport.opened': {
          target: 'awaitingAck',
          actions: { type: 'meetServer', params: ({ event }) => event.server },
        },
        'transport.failed': { target: '#client.failed' },
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
          actions: 'noteRefusal',
        },
      },
    },
    refused: {
      tags: 'refused',
      after: { refusedRetry: { target: 'refused', reenter: true, actions: 'sendRegister' } },
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
  },
  states: {
    registered: {
      tags: 'registered',
      after: { keepalive: { target: 'rejoining' } },
      on: {
        // A server that was restarted has forgotten us too, and this is how it says so.
        'datagram.holePunchResponseUnknown': {
          guard: { type: 'isServer', params: ({ event }) => event.from },
          target: 'rejoining',
          actions: 'disappoint',
        },
      },
    },
    rejoining: {
      initial: 'refreshing',
      entry: 'startOver',
      after: { refreshPatience: { target: '.unregistered' } },
      on: {
        'datagram.registerAck': {
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
        unregistered: {
          tags: 'unregistered',
          after: { unreachableRetry: { target: 'unregistered', reenter: true, actions: 'sendRegister' } },
        },
      },
    },
  },
});

export const clientMachine = client.createMachine({
  id: 'client',
  context: ({ input }) => ({
    ...input,
    server: null,
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

/** Where to register. Only states that `transport.opened` leads to ask for it. */
function serverOf({ server }: ClientContext): Endpoint {
  if (server === null) throw new Error('the client chart transmits before transport.opened');
  return server;
}
