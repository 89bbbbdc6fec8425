/** What a trial of protocol 2 shows that must not be, in sentences. */
import { formatEndpoint } from '../../machines/endpoint.ts';
import * as timing from '../../machines/timing.ts';
import type { Happening } from '../../runtime/simulation/happening.ts';
import { SERVER } from '../../runtime/simulation/network.ts';
import type { Run } from '../../runtime/simulation/run.ts';
import { disagreementsIn } from './faults.ts';
import type { Trial } from './trials.ts';

/** From one client to the other and back, at the slowest that a trial has. */
const TRAVEL_MS_MAX = 2_000;

/** Who is connected hears its own probes come back, or is not connected after this. */
export const DISAGREEMENT_WITH_KEYS_MS_MAX = timing.PATH_SILENCE_MS + TRAVEL_MS_MAX;

/** What an address gets that never answers: the opener and nine probes, and those of a link in doubt about another. */
export const PROBES_MAX =
  10 +
  timing.PROBE_LADDER_MS.length +
  Math.ceil((timing.PATH_SILENCE_MS - timing.PATH_DOUBT_MS) / (timing.PROBE_LADDER_MS.at(-1) ?? 1));

export function faultsWithKeysOf(trial: Trial, run: Run): readonly string[] {
  return [
    ...disagreementsIn(run, trial.calmAtMs, DISAGREEMENT_WITH_KEYS_MS_MAX),
    ...['alice', 'bob'].flatMap((who) => sentInVain(run, who)),
    ...givenAway(run),
  ];
}

type Datagram = Extract<Happening, { type: 'datagram' }>;

function sentInVain({ happenings }: Run, who: string): readonly string[] {
  const answering = new Set(
    happenings
      .filter(isDatagram)
      .filter(reaches(who))
      .map(({ seenFrom }) => formatEndpoint(seenFrom)),
  );
  const sent = new Map<string, number>();
  const faults = new Set<string>();
  for (const happening of happenings) {
    if (happening.type === 'state' && happening.who === who && happening.state === 'punching') sent.clear();
    if (!isDatagram(happening) || happening.sender !== who || !happening.message.startsWith('Probe'))
      continue;
    const to = formatEndpoint(happening.to);
    if (answering.has(to) || isCopy(happening)) continue;
    sent.set(to, (sent.get(to) ?? 0) + 1);
    if ((sent.get(to) ?? 0) > PROBES_MAX) faults.add(`a link of ${who} does not leave ${to} alone`);
  }
  return [...faults];
}

/** What the server says before an address is proved, against what came from there. */
function givenAway({ happenings }: Run): readonly string[] {
  const balance = new Map<string, number>();
  const faults = new Set<string>();
  const datagrams = happenings.filter(isDatagram);
  const add = (address: string, bytes: number) => balance.set(address, (balance.get(address) ?? 0) + bytes);
  const moves = [
    ...datagrams.filter(reaches(SERVER)).map(({ seenFrom, bytes, fate, atMs }) => ({
      at: fate.type === 'delivered' ? fate.atMs : atMs,
      order: 0,
      where: formatEndpoint(seenFrom),
      bytes,
    })),
    ...datagrams
      .filter(({ sender, message }) => sender === SERVER && /^(Challenge|RegisterAck|Stale)/.test(message))
      .filter((datagram) => !isCopy(datagram))
      .map(({ to, bytes, atMs }) => ({ at: atMs, order: 1, where: formatEndpoint(to), bytes: -bytes })),
  ].sort((one, other) => one.at - other.at || one.order - other.order);
  for (const { where, bytes } of moves) {
    add(where, bytes);
    if ((balance.get(where) ?? 0) < 0) faults.add(`the server says more to ${where} than it was told`);
  }
  return [...faults];
}

function isDatagram(happening: Happening): happening is Datagram {
  return happening.type === 'datagram';
}

function isCopy({ message }: Datagram): boolean {
  return message.endsWith(', doubled');
}

function reaches(who: string): (datagram: Datagram) => boolean {
  return ({ receiver, fate }) => receiver === who && fate.type === 'delivered';
}
