/**
 * One registered client as the server sees it. A session speaks to its own client only; whom that client wants to
 * meet is found by the host, which brings the answer as an event. Anybody may send from a spoofed address: protocol 1
 * holds a name against other IP addresses, not against forgers.
 */
import { assign, emit, setup } from 'xstate';
import { type Endpoint, sameAddress, sameEndpoint } from './endpoint.ts';
import type { Message } from './wire.ts';

export type SessionInput = {
  readonly name: string;
  readonly client: Endpoint;
  /** How long the client may be silent, in ms. */
  readonly ttlMs: number;
};

export type SessionContext = SessionInput;

export type SessionEvent =
  | { readonly type: 'datagram.register'; readonly from: Endpoint }
  | { readonly type: 'datagram.holePunchRequest'; readonly name: string }
  /** The answer to `seek`. */
  | { readonly type: 'peer.found'; readonly name: string; readonly remote: Endpoint }
  | { readonly type: 'peer.missing' }
  /** Another client wants to meet this one. */
  | { readonly type: 'peer.calls'; readonly name: string; readonly remote: Endpoint }
  /** The client has registered another name. */
  | { readonly type: 'replaced' };

export type SessionOutput =
  | { readonly type: 'transmit'; readonly to: Endpoint; readonly message: Message }
  /** Find the client of this name, and let the two meet. */
  | { readonly type: 'seek'; readonly name: string }
  /** The client is at another port now. */
  | { readonly type: 'moved'; readonly from: Endpoint; readonly to: Endpoint }
  /** Somebody at another IP address wants this name. */
  | { readonly type: 'refuse'; readonly to: Endpoint }
  | { readonly type: 'ended' };

/** Every state has exactly one of these as its tag. */
export type SessionPhase = 'registered' | 'expired' | 'replaced';

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
    reportEnded: emit({ type: 'ended' }),
  },
  guards: {
    isClient: ({ context }, from: Endpoint) => sameEndpoint(from, context.client),
    isClientElsewhere: ({ context }, from: Endpoint) => sameAddress(from, context.client),
  },
  delays: { ttl: ({ context }) => context.ttlMs },
});

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

export const sessionMachine = session.createMachine({
  id: 'session',
  context: ({ input }) => input,
  options: { maxIterations: 100 },
  initial: 'registered',
  states: {
    registered,
    expired: { type: 'final', tags: 'expired', entry: 'reportEnded' },
    replaced: { type: 'final', tags: 'replaced', entry: 'reportEnded' },
  },
});
