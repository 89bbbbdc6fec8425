/** The four charts over the alphabet of a sealed world. */
import type { AnyStateMachine } from 'xstate';
import { clientMachine } from '../../../machines/client.ts';
import type { Endpoint } from '../../../machines/endpoint.ts';
import { introductionMachine } from '../../../machines/introduction.ts';
import { linkMachine } from '../../../machines/link.ts';
import { sessionMachine } from '../../../machines/session.ts';
import * as timing from '../../../machines/timing.ts';
import { acceptable } from '../../sealed/candidates.ts';
import type { Chart } from '../chart.ts';
import type { Bounds } from './bounds.ts';
import { BAD_COOKIE, cookieFor } from './packets.ts';
import { ATTACKER, BYSTANDER, endpointAt, NAMES, ownerOf, placeOf, SERVER } from './places.ts';
import type { Rules } from './rules.ts';

/** The charts to explore. Faults are planted by giving others than the real ones. */
export type Machines = {
  readonly client: AnyStateMachine;
  readonly link: AnyStateMachine;
  readonly session: AnyStateMachine;
  readonly introduction: AnyStateMachine;
};

export const realMachines: Machines = {
  client: clientMachine,
  link: linkMachine,
  session: sessionMachine,
  introduction: introductionMachine,
};

const server = endpointAt(SERVER);

export function clientChart(machine: AnyStateMachine, who: number, bounds: Bounds): Chart {
  const from = server;
  const cookies = [...cookiesOf(placesOf(who, bounds), bounds), BAD_COOKIE];
  const tokens = cookiesOf(addressesIn(bounds), bounds);
  return {
    machine,
    beginnings: { life: { name: NAMES[who], patienceMs: timing.PATIENCE_MS, protocol: 2 } },
    events: {
      opened: { type: 'transport.opened', server },
      stop: { type: 'stop' },
      'network changes': { type: 'network.changed' },
      ack: { type: 'datagram.registerAck', from, jitter: 0 },
      taken: { type: 'datagram.registerRefuse', from, reason: 'nameTaken' },
      full: { type: 'datagram.registerRefuse', from, reason: 'full' },
      alive: { type: 'datagram.keepaliveAck', from, jitter: 0 },
      stale: { type: 'datagram.stale', from },
      distrusted: { type: 'datagram.challenge.distrusted', from },
      ...named(cookies, 'challenge', (cookie) => ({ type: 'datagram.challenge', from, cookie: `${cookie}` })),
      ...named(tokens, 'path', (token) => ({ type: 'datagram.pathChallenge', from, token: `${token}` })),
    },
    strangers: {},
    pacing: ['attempt', 'keepaliveMs'],
    resting: [],
  };
}

export function linkChart(machine: AnyStateMachine, who: number, bounds: Bounds, rules: Rules): Chart {
  const life = {
    ...{ name: NAMES[who], peer: NAMES[1 - who], server, protocol: 2, jitter: 0.5 },
    patienceMs: timing.PATIENCE_MS,
    punchBudgetMs: timing.PROBE_BUDGET_MS,
  };
  // Where nobody asks, no link comes to life.
  const far =
    bounds.asking + bounds.evil === 0
      ? [placeOf(1 - who, 0)]
      : addressesIn(bounds).filter((place) => ownerOf(place) !== who);
  const candidatesAt = (remote: number) =>
    bounds.candidates === 0 ? [] : candidatesOf(who, endpointAt(remote), rules);
  const probes = [0, 1, 2, 3].flatMap((bits) => far.map((place) => bits * 8 + place));
  return {
    machine,
    beginnings: {
      'asking, key unknown': { ...life, remote: null },
      'asking, key known': { ...life, remote: null, hasKey: true },
      ...named(far, 'called', (place) => ({
        ...{ ...life, remote: endpointAt(place), hasKey: true },
        candidates: candidatesAt(place),
      })),
    },
    events: {
      stop: { type: 'stop' },
      'network changes': { type: 'network.changed' },
      'address changes': { type: 'address.changed' },
      declined: { type: 'disappointed' },
      'key found': { type: 'keyFound' },
      'key distrusted': { type: 'keyDistrusted' },
      start: { type: 'start', inMs: timing.START_PATIENCE_MS },
      bye: { type: 'datagram.bye' },
      ...named(far, 'introduced', (place) => ({
        ...{ type: 'introduced', remote: endpointAt(place), startInMs: timing.START_PATIENCE_MS },
        candidates: candidatesAt(place),
      })),
      ...named(probes, 'probe', (probe) => ({
        ...{ type: 'datagram.probe', from: endpointAt(probe & 7) },
        ...{ confirms: (probe & 8) !== 0, asks: (probe & 16) !== 0 },
      })),
    },
    strangers: {},
    pacing: ['attempt', 'asks'],
    resting: [],
  };
}

/** A peer names its other port, which is welcome, and a bystander's address, which must not be. */
function candidatesOf(who: number, remote: Endpoint, rules: Rules): readonly Endpoint[] {
  const named = [endpointAt(placeOf(1 - who, 1)), endpointAt(BYSTANDER)];
  if (!rules.candidatesAreFiltered) return named;
  return acceptable(named, { remote, server, observed: endpointAt(placeOf(who, 0)) });
}

export function sessionChart(machine: AnyStateMachine, bounds: Bounds): Chart {
  const everywhere = addressesIn(bounds);
  const life = { name: 'client', ttlMs: timing.SESSION_TTL_MS, protocol: 2 };
  const from = (type: string, word: string) =>
    named(everywhere, word, (place) => ({ type: `datagram.${type}`, from: endpointAt(place) }));
  return {
    machine,
    beginnings: named(everywhere, 'at', (place) => ({ ...life, client: endpointAt(place) })),
    events: {
      replaced: { type: 'replaced' },
      bye: { type: 'datagram.bye' },
      ...from('register', 'register'),
      ...from('sealed', 'sealed'),
      ...from('keepalive', 'keepalive'),
      ...from('pathResponse', 'response'),
    },
    strangers: {},
    pacing: [],
    resting: [],
  };
}

export function introductionChart(machine: AnyStateMachine): Chart {
  return {
    machine,
    beginnings: { there: { isReachable: true }, absent: { isReachable: false } },
    events: {
      repeated: { type: 'repeated' },
      accepted: { type: 'accepted' },
      refused: { type: 'refused' },
    },
    strangers: {},
    pacing: [],
    resting: [],
  };
}

/** Those where somebody may be, or seem to be. */
export function addressesIn(bounds: Bounds): readonly number[] {
  return [
    ...placesOf(0, bounds),
    ...placesOf(1, bounds),
    ...(bounds.forgeries > 0 ? [ATTACKER] : []),
    ...(bounds.forgeries > 0 || bounds.candidates > 0 ? [BYSTANDER] : []),
  ];
}

function placesOf(who: number, bounds: Bounds): readonly number[] {
  const hasOther = bounds.moves > 0 || (who === 1 && bounds.candidates > 0);
  return hasOther ? [placeOf(who, 0), placeOf(who, 1)] : [placeOf(who, 0)];
}

function cookiesOf(places: readonly number[], { outages }: Bounds): readonly number[] {
  const epochs = outages > 0 ? [0, 1] : [0];
  return places.flatMap((place) => epochs.map((epoch) => cookieFor(place, epoch)));
}

function named<Value>(
  numbers: readonly number[],
  word: string,
  value: (number: number) => Value,
): Record<string, Value> {
  return Object.fromEntries(numbers.map((number) => [`${word} ${number}`, value(number)]));
}
