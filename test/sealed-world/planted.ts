import { type AnyStateMachine, assign, emit } from 'xstate';
import type { Endpoint } from '../../machines/endpoint.ts';
import { type Machines, realMachines } from '../../runtime/exploration/sealed-world/alphabet.ts';
import type { BoundName } from '../../runtime/exploration/sealed-world/bounds.ts';
import type { PropertyName } from '../../runtime/exploration/sealed-world/properties.ts';
import { type Rules, realRules } from '../../runtime/exploration/sealed-world/rules.ts';
import { changed, withoutTimer } from '../world/planted.ts';

export type Planted = {
  readonly fault: string;
  readonly rules?: Rules;
  readonly machines?: Machines;
  readonly scenario: string;
  readonly bounds?: Partial<Record<BoundName, number>>;
  readonly breaks: readonly PropertyName[];
  /** The length of the shortest run that shows it, at the most. */
  readonly within: number;
};

const { client, link, session, introduction } = realMachines;
const once = 'a client registers, and is meddled with once';
const meddled = 'an insider meddles with a call once';

export const plantedFaults: readonly Planted[] = [
  {
    fault: 'a cookie is not checked',
    rules: { ...realRules, cookiesAreChecked: false },
    scenario: once,
    breaks: ['keepsNothing'],
    within: 3,
  },
  {
    fault: 'a session counts before it is proven',
    rules: { ...realRules, sessionsAreProven: false },
    scenario: once,
    bounds: { flight: 1 },
    breaks: ['notDisplaced'],
    within: 12,
  },
  {
    fault: 'a session that began earlier takes the place of a later one',
    rules: { ...realRules, sessionsKeepOrder: false },
    scenario: once,
    breaks: ['notDisplaced'],
    within: 10,
  },
  {
    fault: 'a leased name goes to whoever asks',
    rules: { ...realRules, leasesAreHeld: false },
    scenario: once,
    bounds: { flight: 1 },
    breaks: ['nameHeld'],
    within: 6,
  },
  {
    fault: 'a session moves to where a sealed datagram seems to come from',
    machines: { ...realMachines, session: movingAtOnce(session) },
    scenario: meddled,
    bounds: { flight: 1, forgeries: 2, brisk: 1, losses: 0 },
    breaks: ['keepsNothing', 'noAmplification'],
    within: 4,
  },
  {
    fault: 'the token of a path challenge is not checked',
    rules: { ...realRules, tokensAreChecked: false },
    scenario: meddled,
    bounds: { flight: 1 },
    breaks: ['keepsNothing'],
    within: 3,
  },
  {
    fault: 'the window is not kept',
    rules: { ...realRules, windowIsKept: false },
    scenario: 'one asks',
    bounds: { flight: 1 },
    breaks: ['heededOnce'],
    within: 3,
  },
  {
    fault: 'an echo counts on every path',
    rules: { ...realRules, echoesGoByPath: false },
    scenario: meddled,
    bounds: { flight: 1 },
    breaks: ['connectedProven'],
    within: 20,
  },
  {
    fault: 'a probe connects that brings nothing back',
    machines: { ...realMachines, link: link.provide({ guards: { confirms: () => true } }) },
    scenario: 'a path in one direction',
    breaks: ['noOneWay'],
    within: 14,
  },
  {
    fault: 'nonces count for ever',
    rules: { ...realRules, noncesAge: false },
    scenario: 'probes grow old',
    bounds: { flight: 1 },
    breaks: ['connectedFresh'],
    within: 20,
  },
  {
    fault: 'the key of an offer is not compared with the key that the server names',
    rules: { ...realRules, offersAreCompared: false },
    scenario: 'a server that lies',
    bounds: { forgeries: 1 },
    breaks: ['endToEnd'],
    within: 2,
  },
  {
    fault: 'the key that the server names is not compared with the one that is known',
    rules: { ...realRules, keysAreCompared: false },
    scenario: 'a server that lies',
    bounds: { forgeries: 1 },
    breaks: ['endToEnd'],
    within: 2,
  },
  {
    fault: 'a peer may name anybody’s address',
    rules: { ...realRules, candidatesAreFiltered: false },
    scenario: 'other addresses are named',
    bounds: { flight: 1 },
    breaks: ['sentGiven'],
    within: 8,
  },
  {
    fault: 'who is refused is told so at once',
    machines: { ...realMachines, introduction: decliningAtOnce(introduction) },
    scenario: 'an insider meddles with a call once',
    bounds: { flight: 1 },
    breaks: ['declinedAlike'],
    within: 6,
  },
  {
    fault: 'punching never ends',
    machines: { ...realMachines, link: withoutTimer(link, 'punchBudget') },
    scenario: 'one asks',
    bounds: { flight: 1 },
    breaks: ['boundedSends'],
    within: 6,
  },
  {
    fault: 'silence is not noticed',
    machines: { ...realMachines, link: withoutTimer(link, 'pathPatience') },
    scenario: 'a client leaves',
    breaks: ['agreement'],
    within: 20,
  },
  {
    fault: 'a link does not ask to be introduced anew',
    machines: { ...realMachines, link: askingOnce() },
    scenario: 'a client moves, behind port-restricted NATs',
    bounds: { losses: 0 },
    breaks: ['canReturn'],
    within: 25,
  },
  {
    fault: 'a link sends to where the server says that its peer is now',
    machines: { ...realMachines, link: leavingForTold() },
    scenario: 'a client moves, behind port-restricted NATs',
    bounds: { losses: 0 },
    breaks: ['connectedProven'],
    within: 25,
  },
  {
    fault: 'what is said to be the word of a peer is not opened',
    rules: { ...realRules, wordsAreOpened: false },
    scenario: meddled,
    bounds: { flight: 1 },
    breaks: ['sentGiven'],
    within: 25,
  },
  {
    fault: 'a client that has lost its server does not come back',
    machines: { ...realMachines, client: withoutTimer(client, 'unreachableRetry') },
    scenario: 'the server is restarted',
    bounds: { flight: 1 },
    breaks: ['nobodyWaits'],
    within: 12,
  },
  {
    fault: 'a client that has to register again does not hear that it is',
    machines: { ...realMachines, client: unheeding(client) },
    scenario: 'the server is restarted',
    bounds: { flight: 1 },
    breaks: ['clientsArrive'],
    within: 12,
  },
  {
    fault: 'a wish has no end',
    machines: { ...realMachines, link: withoutTimer(link, 'patience') },
    scenario: 'a client leaves',
    bounds: { flight: 1 },
    breaks: ['linksArrive'],
    within: 6,
  },
  {
    fault: 'a link does not hear probes',
    machines: {
      ...realMachines,
      link: changed(link, (key, value) => (key === 'datagram.probe' ? undefined : value)),
    },
    scenario: 'one asks',
    bounds: { flight: 1 },
    breaks: ['canMeet'],
    within: 0,
  },
];

/** The link's chart, which asks to be introduced as long as it has not been, and then probes nobody instead. */
function askingOnce(): AnyStateMachine {
  return link.provide({
    actions: {
      sendRequest: emit(({ context }) =>
        context.introduced === null
          ? {
              type: 'transmit',
              to: context.server,
              message: { type: 'holePunchRequest', name: context.peer },
            }
          : { type: 'probe', to: [], asks: false },
      ),
    },
  });
}

/** Likewise, which takes the server's word for a proof. */
function leavingForTold(): AnyStateMachine {
  return link.provide({
    actions: {
      addTold: assign((_, { remote }: { readonly remote: Endpoint }) => ({
        ...{ remote, introduced: remote, tried: [remote] },
      })),
    },
  });
}

/** The session's chart, which follows its client without asking whether it is there. */
function movingAtOnce(machine: AnyStateMachine): AnyStateMachine {
  return changed(machine, (key, value) => {
    if (key !== 'proven') return value;
    const state = value as { on: Record<string, unknown> };
    const [home] = state.on['datagram.sealed'] as unknown[];
    return { ...state, on: { ...state.on, 'datagram.sealed': [home, state.on['datagram.pathResponse']] } };
  });
}

/** Likewise the introduction's, which does not wait before it tells of a refusal. */
function decliningAtOnce(machine: AnyStateMachine): AnyStateMachine {
  return changed(machine, (key, value) => (key === 'refused' ? { target: '#introduction.declined' } : value));
}

/** Likewise the client's, deaf to the acknowledgement of all registrations but the first. */
function unheeding(machine: AnyStateMachine): AnyStateMachine {
  return changed(machine, (key, value) => {
    if (key !== 'rejoining' && key !== 'unregistered') return value;
    const state = value as { on: Record<string, unknown> };
    return { ...state, on: { ...state.on, 'datagram.registerAck': undefined } };
  });
}
