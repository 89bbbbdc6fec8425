/** What the chart of a client can do, ask itself and wait for, by name. */
import { assign, emit, setup } from 'xstate';
import type {
  ClientContext,
  ClientEvent,
  ClientInput,
  ClientObstacle,
  ClientOutput,
  ClientPhase,
} from './client-alphabet.ts';
import { type Endpoint, sameEndpoint } from './endpoint.ts';
import * as timing from './timing.ts';

export const client = setup({
  types: {
    input: {} as ClientInput,
    context: {} as ClientContext,
    events: {} as ClientEvent,
    emitted: {} as ClientOutput,
    tags: {} as ClientPhase,
  },
  actions: {
    meetServer: assign({ server: (_, server: Endpoint) => server, obstacle: 'noServer' }),
    blame: assign({ obstacle: (_, obstacle: ClientObstacle) => obstacle }),
    keepCookie: assign({ cookie: (_, cookie: string) => cookie }),
    sendKnock: emit(({ context }) => ({
      type: 'transmit',
      to: serverOf(context),
      message: { type: 'knock' },
    })),
    sendRegister: emit(({ context }) => ({
      type: 'transmit',
      to: serverOf(context),
      message:
        context.cookie === null
          ? { type: 'register', name: context.name }
          : { type: 'registerWithCookie', name: context.name, cookie: context.cookie },
    })),
    sendKeepalive: emit(({ context }) => ({
      type: 'transmit',
      to: serverOf(context),
      message: { type: 'keepalive' },
    })),
    sendPathResponse: emit(({ context }, token: string) => ({
      type: 'transmit',
      to: serverOf(context),
      message: { type: 'pathResponse', token },
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
    hasKeys: ({ context }) => context.protocol === 2,
    isServer: ({ context }, from: Endpoint) => context.server !== null && sameEndpoint(from, context.server),
    isServerWithKeys: ({ context }, from: Endpoint) =>
      context.protocol === 2 && context.server !== null && sameEndpoint(from, context.server),
    isNewsFromServer: ({ context }, { from, cookie }: { from: Endpoint; cookie: string }) =>
      context.server !== null && sameEndpoint(from, context.server) && cookie !== context.cookie,
    isTakenSaysServer: ({ context }, { from, reason }: { from: Endpoint; reason: string }) =>
      context.server !== null && sameEndpoint(from, context.server) && reason === 'nameTaken',
  },
  delays: {
    patience: ({ context }) => context.patienceMs,
    retry: ({ context }) => timing.rung(timing.REQUEST_LADDER_MS, context.attempt),
    refusedRetry: timing.UNKNOWN_RETRY_MS,
    keepalive: ({ context }) => context.keepaliveMs,
    refreshPatience: timing.REFRESH_PATIENCE_MS,
    unreachableRetry: ({ context }) =>
      timing.spread(timing.UNREACHABLE_RETRY_MS, timing.UNREACHABLE_SPREAD, context.jitter ?? HALFWAY),
    distrustPatience: timing.DISTRUST_PATIENCE_MS,
  },
});

/** The middle of a spread, for a client that has no part of its own in it. */
const HALFWAY = 0.5;

/** Where to register. Only states that `transport.opened` leads to ask for it. */
function serverOf({ server }: ClientContext): Endpoint {
  if (server === null) throw new Error('the client chart transmits before transport.opened');
  return server;
}
