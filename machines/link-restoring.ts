/**
 * A path again for a link of protocol 2 that had one: under the same keys, so that it is the same link. What is known is
 * probed, and the server is asked to introduce both peers anew: a NAT that lets in only whom its own side has sent to
 * keeps a peer out that has moved, until somebody tells that side where to send.
 */
import { probing } from './link-probing.ts';
import { link } from './link-setup.ts';

/** Until when the path that was in use may count as there. */
const path = link.createStateConfig({
  initial: 'doubted',
  states: {
    doubted: { tags: 'connected', after: { pathPatience: { target: 'givenUp' } } },
    givenUp: { tags: 'punching', after: { punchBudget: { target: '#link.lost' } } },
  },
});

/** The addresses have answered before, or the peer has named them: there is no stranger to spare. */
const trying = link.createStateConfig({
  initial: 'sending',
  on: {
    introduced: {
      guard: { type: 'tellsMore', params: ({ event }) => event },
      target: '.sending',
      actions: [{ type: 'addTold', params: ({ event }) => event }, 'startOver'],
    },
    // Perhaps there was none at all in between.
    'network.changed': { target: '.sending', actions: 'startOver' },
  },
  states: {
    sending: {
      entry: 'sendProbes',
      after: { probeRetry: { target: 'sending', reenter: true, actions: 'climbProbes' } },
    },
  },
});

/** Both may ask at the same time: whoever is introduced first has what it wanted, for now. */
const asking = link.createStateConfig({
  initial: 'waiting',
  on: {
    introduced: { target: '.waiting', actions: 'restFromAsking' },
    disappointed: { target: '.waiting', actions: 'restFromAsking' },
    'address.changed': { target: '.waiting', actions: ['startAsking', 'sendRequest'] },
  },
  states: {
    waiting: {
      after: { askRetry: { target: 'waiting', reenter: true, actions: ['climbAsks', 'sendRequest'] } },
    },
  },
});

export const restoring = link.createStateConfig({
  type: 'parallel',
  on: {
    ...probing.on,
    stop: { target: 'closed', actions: 'sendBye' },
  },
  states: { path, trying, asking },
});
