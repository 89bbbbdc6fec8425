/**
 * One remote peer: find it, punch to it, hold the path, and notice when it is gone. The chart serves both sides: who
 * asked for the introduction starts at `requesting`, who was introduced at `punching`. Protocol 1 has no
 * authentication: whoever sends from the peer's IP address counts as the peer, and a path that works in one direction
 * only looks connected to the side that hears. Protocol 2 has other states for what that makes different.
 */
import { ADDRESSES_TRIED_MAX } from './link-alphabet.ts';
import { connected, punching } from './link-greeting.ts';
import { probing, verified } from './link-probing.ts';
import { restoring } from './link-restoring.ts';
import { link } from './link-setup.ts';
import * as timing from './timing.ts';

export * from './link-alphabet.ts';

const seeking = link.createStateConfig({
  initial: 'starting',
  after: { patience: { target: 'failed' } },
  on: {
    disappointed: { target: '.absent', actions: { type: 'blame', params: 'peerUnknown' } },
    introduced: [
      {
        guard: { type: 'isOtherFamily', params: ({ event }) => event.remote },
        target: 'failed',
        actions: { type: 'blame', params: 'otherFamily' },
      },
      {
        guard: 'hasKeys',
        target: 'probing',
        // Who has answered the call has the key that it must have.
        actions: [{ type: 'aimAt', params: ({ event }) => event }, 'trustKey'],
      },
    ],
    keyDistrusted: { target: 'failed', actions: { type: 'blame', params: 'peerKeyChanged' } },
  },
  states: {
    starting: { always: [{ guard: 'lacksKey', target: 'lookingUp' }, { target: 'requesting' }] },
    lookingUp: {
      tags: 'requesting',
      entry: 'sendLookup',
      after: { requestRetry: { target: 'lookingUp', reenter: true, actions: 'climb' } },
      on: { keyFound: { target: 'requesting', actions: ['trustKey', 'startOver'] } },
    },
    requesting: {
      tags: 'requesting',
      entry: 'sendRequest',
      after: { requestRetry: { target: 'requesting', reenter: true, actions: 'climb' } },
    },
    absent: {
      tags: 'absent',
      after: {
        unknownRetry: [
          { guard: 'lacksKey', target: 'lookingUpAgain', actions: 'startOver' },
          { guard: 'hasKeys', target: 'requestingAgain', actions: 'startOver' },
          { target: 'absent', reenter: true, actions: 'sendRequest' },
        ],
      },
      on: { keyFound: { guard: 'lacksKey', target: 'requesting', actions: ['trustKey', 'startOver'] } },
    },
    // One datagram every two seconds would take a lossy network long to carry all that an introduction needs.
    lookingUpAgain: {
      tags: 'absent',
      entry: 'sendLookup',
      after: { requestRetry: { target: 'lookingUpAgain', reenter: true, actions: 'climb' } },
      on: { keyFound: { target: 'requesting', actions: ['trustKey', 'startOver'] } },
    },
    requestingAgain: {
      tags: 'absent',
      entry: 'sendRequest',
      after: { requestRetry: { target: 'requestingAgain', reenter: true, actions: 'climb' } },
    },
  },
});

export const linkMachine = link.createMachine({
  id: 'link',
  context: ({ input: { candidates = [], ...input } }) => ({
    ...input,
    role: input.remote === null ? 'caller' : 'called',
    introduced: input.remote,
    tried: input.remote === null ? [] : [input.remote, ...candidates].slice(0, ADDRESSES_TRIED_MAX),
    obstacle: 'noServer',
    attempt: 0,
    hasKey: input.hasKey ?? false,
    startInMs: timing.START_PATIENCE_MS,
    asks: 0,
    doubt: null,
  }),
  options: { maxIterations: 100 },
  initial: 'starting',
  on: {
    introduced: {
      guard: { type: 'isNewAddress', params: ({ event }) => event.remote },
      target: '.punching',
      actions: { type: 'aimAt', params: ({ event }) => event },
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
        { guard: 'isInvitedWithKeys', target: 'probing' },
        { guard: 'isInvited', target: 'punching' },
        { target: 'seeking' },
      ],
    },
    seeking,
    punching,
    connected,
    probing,
    verified,
    restoring,
    lost: { type: 'final', tags: 'lost' },
    left: { type: 'final', tags: 'left' },
    failed: { type: 'final', tags: 'failed', entry: 'reportFailed' },
    closed: { type: 'final', tags: 'closed' },
  },
});
