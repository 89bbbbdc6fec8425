/**
 * One caller's wish to meet another client, as a server of protocol 2 sees it: carry the caller's offer to the one who
 * is called, carry the answer back, and let both begin together. The same request is answered the same way, however
 * often it comes. Who is not there and who does not want to be called are told alike, and after the same time.
 */
import { emit, setup } from 'xstate';
import * as timing from './timing.ts';

export type IntroductionInput = {
  /** Whether the one who is called is registered. */
  readonly isReachable: boolean;
};

export type IntroductionEvent =
  /** The caller asks once more, because it has heard nothing yet. */
  { readonly type: 'repeated' } | { readonly type: 'accepted' } | { readonly type: 'refused' };

/** Requests to the host, which knows who the two are and what they say to each other. */
export type IntroductionOutput =
  /** Tell the one who is called where the caller is, and what it offers. */
  | { readonly type: 'offer' }
  /** Tell the caller where the other is, and what it answers. */
  | { readonly type: 'answer' }
  /** Tell the one who is called that the caller knows. */
  | { readonly type: 'start' }
  /** Tell the caller that there will be no introduction. */
  | { readonly type: 'decline' }
  | { readonly type: 'ended' };

/** Every state has exactly one of these as its tag. */
export type IntroductionPhase = 'offering' | 'withheld' | 'declined' | 'answered' | 'forgotten';

const introduction = setup({
  types: {
    input: {} as IntroductionInput,
    context: {} as IntroductionInput,
    events: {} as IntroductionEvent,
    emitted: {} as IntroductionOutput,
    tags: {} as IntroductionPhase,
  },
  actions: {
    offer: emit({ type: 'offer' }),
    answer: emit({ type: 'answer' }),
    start: emit({ type: 'start' }),
    decline: emit({ type: 'decline' }),
    reportEnded: emit({ type: 'ended' }),
  },
  guards: { isReachable: ({ context }) => context.isReachable },
  delays: { declineTime: timing.DECLINE_MS, memory: timing.INTRODUCTION_MS },
});

/** Not answered yet. Nothing that happens in here makes the refusal come sooner or later. */
const open = introduction.createStateConfig({
  initial: 'routing',
  after: { declineTime: { target: 'declined' } },
  states: {
    routing: { always: [{ guard: 'isReachable', target: 'offering' }, { target: 'withheld' }] },
    offering: {
      tags: 'offering',
      entry: 'offer',
      on: {
        repeated: { target: 'offering', reenter: true },
        accepted: { target: '#introduction.answered' },
        refused: { target: 'withheld' },
      },
    },
    withheld: { tags: 'withheld' },
  },
});

export const introductionMachine = introduction.createMachine({
  id: 'introduction',
  context: ({ input }) => input,
  options: { maxIterations: 100 },
  initial: 'open',
  states: {
    open,
    declined: {
      tags: 'declined',
      entry: 'decline',
      after: { memory: { target: 'forgotten' } },
      on: {
        repeated: { actions: 'decline' },
        // The way to the other and back is long, but it does want to be called.
        accepted: { target: 'answered' },
      },
    },
    answered: {
      tags: 'answered',
      entry: ['answer', 'start'],
      after: { memory: { target: 'forgotten' } },
      on: { repeated: { actions: 'answer' }, accepted: { actions: 'start' } },
    },
    forgotten: { type: 'final', tags: 'forgotten', entry: 'reportEnded' },
  },
});
