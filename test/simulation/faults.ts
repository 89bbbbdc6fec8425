/** What a trial shows that must not be, in sentences. */
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import * as timing from '../../machines/timing.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { SERVER } from '../../runtime/simulation/network.ts';
import type { Run } from '../../runtime/simulation/run.ts';
import type { Trial } from './trials.ts';

/** From one client to the other, at the slowest that a trial has. */
const TRAVEL_MS_MAX = 1_000;

/**
 * How long one side may say that it is connected while the other does not, once packets arrive: who is connected speaks
 * every keepalive, so a peer that is still punching has heard it then, or has given up, and is silent; and silence ends
 * the link. Where NATs let packets through one way only, it is PUNCH_BUDGET_MS in place of the keepalive.
 */
export const DISAGREEMENT_MS_MAX = timing.LINK_KEEPALIVE_MS + timing.LINK_SILENCE_MS + TRAVEL_MS_MAX;

/** What one link sends to an address that never answers: the opener, and a greeting for each rung of the ladder. */
export const SENT_BY_LINK_MAX = 1 + rungsWithin(timing.PUNCH_BUDGET_MS - timing.OPENER_HEAD_START_MS);

/** A caller asks again until it has been patient and has punched; whoever is called begins a link at the last of it. */
export const LINKS_MAX =
  1 + Math.ceil((timing.PATIENCE_MS + timing.PUNCH_BUDGET_MS) / timing.PUNCH_BUDGET_MS);

export function faultsOf(trial: Trial, run: Run): readonly string[] {
  return [
    ...disagreementsIn(run, trial.calmAtMs, DISAGREEMENT_MS_MAX),
    ...['alice', 'bob'].flatMap((who) => sentInVain(run, who)),
    ...givenAway(run),
  ];
}

/** Where one side says for longer than `mostMs` that it is connected while the other does not, once packets arrive. */
export function disagreementsIn(
  { happenings, elapsedMs }: Run,
  calmAtMs: number,
  mostMs: number,
): readonly string[] {
  const connected = new Map<string, boolean>();
  const faults: string[] = [];
  let sinceMs: number | undefined;
  const agree = (atMs: number) => {
    const lastedMs = sinceMs === undefined ? 0 : atMs - Math.max(sinceMs, calmAtMs);
    if (lastedMs > mostMs) faults.push(`only one side is connected for ${lastedMs.toFixed(0)} ms`);
    sinceMs = undefined;
  };
  for (const happening of happenings) {
    if (happening.type !== 'state' || !happening.chart.startsWith('link:')) continue;
    connected.set(happening.who, happening.state === 'connected');
    if (connected.get('alice') === true && connected.get('bob') === true) agree(happening.atMs);
    else if (![...connected.values()].includes(true)) agree(happening.atMs);
    else sinceMs ??= happening.atMs;
  }
  agree(elapsedMs);
  return faults;
}

function sentInVain({ happenings }: Run, who: string): readonly string[] {
  const datagrams = happenings.filter(isDatagram);
  const answering = new Set(datagrams.filter(reaches(who)).map(({ seenFrom }) => formatEndpoint(seenFrom)));
  const all = new Map<string, number>();
  const byLink = new Map<string, number>();
  const faults = new Set<string>();
  for (const happening of happenings) {
    if (happening.type === 'state' && happening.who === who && happening.state === 'punching') byLink.clear();
    if (!isDatagram(happening) || happening.sender !== who || !isSpoken(happening.message)) continue;
    const to = formatEndpoint(happening.to);
    if (answering.has(to) || isCopy(happening.message)) continue;
    if (increase(byLink, to, 1) > SENT_BY_LINK_MAX) faults.add(`a link of ${who} does not leave ${to} alone`);
    if (increase(all, to, 1) > LINKS_MAX * SENT_BY_LINK_MAX) faults.add(`${who} does not leave ${to} alone`);
  }
  return [...faults];
}

/** An address proves nothing in protocol 1: whoever gets more out of the server than goes in can aim it at others. */
function givenAway({ happenings }: Run): readonly string[] {
  const datagrams = happenings.filter(isDatagram);
  const asked = datagrams.filter(reaches(SERVER));
  const answered = datagrams.filter(({ sender, message }) => sender === SERVER && !isCopy(message));
  const answers = answered.filter(({ message }) => !isIntroduction(message));
  const introductions = answered.filter(({ message }) => isIntroduction(message));
  const requests = asked.filter(({ message }) => message.startsWith('HolePunchRequest('));
  const bytesIn = bytesBy(asked, ({ seenFrom }) => seenFrom);
  const registeredAt = (to: Endpoint) =>
    asked.find(({ message, seenFrom }) => message.startsWith('Register(') && isSame(seenFrom, to))?.fate;
  return [
    ...[...bytesBy(answers, ({ to }) => to)]
      .filter(([to, bytes]) => bytes > (bytesIn.get(to) ?? 0))
      .map(([to, bytes]) => `the server answers ${bytes} bytes to ${bytesIn.get(to) ?? 0} from ${to}`),
    ...introductions
      .filter(({ to, atMs }) => {
        const registered = registeredAt(to);
        return registered?.type !== 'delivered' || registered.atMs > atMs;
      })
      .map(({ to }) => `the server introduces somebody to ${formatEndpoint(to)}, which has not registered`),
    ...(introductions.length > 2 * requests.length
      ? [`${introductions.length} introductions for ${requests.length} requests`]
      : []),
  ];
}

type Datagram = Extract<Happening, { type: 'datagram' }>;

function isDatagram(happening: Happening): happening is Datagram {
  return happening.type === 'datagram';
}

function reaches(who: string): (datagram: Datagram) => boolean {
  return ({ receiver, fate }) => receiver === who && fate.type === 'delivered';
}

function isSpoken(message: string): boolean {
  return message.startsWith('Message(');
}

function isIntroduction(message: string): boolean {
  return message.startsWith('HolePunchInitiate(');
}

function isCopy(message: string): boolean {
  return message.endsWith(', doubled');
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return formatEndpoint(one) === formatEndpoint(other);
}

function bytesBy(
  datagrams: readonly Datagram[],
  endpointOf: (datagram: Datagram) => Endpoint,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const datagram of datagrams) increase(sums, formatEndpoint(endpointOf(datagram)), datagram.bytes);
  return sums;
}

function increase(sums: Map<string, number>, key: string, by: number): number {
  const sum = (sums.get(key) ?? 0) + by;
  sums.set(key, sum);
  return sum;
}

/** How many transmissions a wait has room for, the first at its start. */
function rungsWithin(waitMs: number): number {
  let count = 0;
  for (let atMs = 0; atMs < waitMs; atMs += timing.rung(timing.PUNCH_LADDER_MS, count - 1)) count += 1;
  return count;
}
