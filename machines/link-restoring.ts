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
      target: '.opening',
      actions: [{ type: 'addTold', params: ({ event }) => event }, 'startOver'],
    },
    // Perhaps there was none at all in between.
    'network.changed': { target: '.sending', actions: 'startOver' },
  },
  states: {
    opening: {
      entry: 'sendOpeners',
      after: { headStart: { target: 'sending' } },
    },
    sending: {
      entry: 'sendProbes',
      after: { probeRetry: { target: 'sending', reenter: true, actions: 'climbProbes' } },
    },
  },
});

/** Both may ask at the same time: whoever is introduced first has what it wanted. */
const asking = link.createStateConfig({
  initial: 'resting',
  on: {
    introduced: { target: '.resting' },
    disappointed: { target: '.resting' },
    'address.changed': { target: '.asking', actions: 'startAsking' },
  },
  states: {
    resting: { after: { askPause: { target: 'asking', actions: 'startAsking' } } },
    asking: {
      entry: 'sendRequest',
      after: { askRetry: { target: 'asking', reenter: true, actions: 'climbAsks' } },
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
