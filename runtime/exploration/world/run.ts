/** One run of a world, told step by step: for people, as a sequence of happenings, and as a trace to replay. */
import type { AnyMachineSnapshot } from 'xstate';
import { begin, step } from '../../../machines/step.ts';
import type { Fate, Happening } from '../../simulation/happening.ts';
import type { Lifeline } from '../../simulation/lifelines.ts';
import { createTraceWriter, type Happening as Recorded } from '../../trace/writer.ts';
import { placeOf } from '../anatomy.ts';
import { CLIENT, FLIGHT, LINK, SESSION } from './fields.ts';
import { argumentOf, kindOf, type Move } from './moves.ts';
import { describeMove, labelOfPacket, lifeLineOf } from './narration.ts';
import { NAMES } from './places.ts';
import type { Role } from './setting.ts';
import { movesTo, type Walk } from './walk.ts';

export type Run = {
  /** What happens, one line a move. */
  readonly steps: readonly string[];
  /** Times are the numbers of the moves: what is known is the order. */
  readonly happenings: readonly Happening[];
  readonly trace: readonly Recorded[];
};

/** The shortest run to a state, and one move further, if there is one. */
export function runTo(walk: Walk, state: number, move?: Move): Run {
  const { setting, moves } = walk;
  const { packets, places } = setting;
  const { hosts } = moves;
  const steps: string[] = [];
  const happenings: Happening[] = [];
  const trace: Recorded[] = [];
  const snapshots = new Map<number, AnyMachineSnapshot>();
  const inFlight = new Map<number, number>();
  let at = 0;
  let news: number[] = [];

  const roleAt = (
    field: number,
  ): { role: Role; first: number; actor: string; who: string; chart: string } => {
    if (field >= SESSION) {
      const name = NAMES[field - SESSION] ?? '';
      return {
        role: setting.session,
        first: 1,
        actor: `server/${name}`,
        who: 'server',
        chart: `session:${name}`,
      };
    }
    const who = field >= LINK ? field - LINK : field - CLIENT;
    const name = NAMES[who] ?? '';
    const chart = field >= LINK ? `link:${NAMES[1 - who]}` : 'client';
    const role = (field >= LINK ? setting.links : setting.clients)[who] as Role;
    return { role, first: field >= LINK ? 1 : 0, actor: `${name}/${chart}`, who: name, chart };
  };
  const valueAt = (field: number) => {
    const { role, first } = roleAt(field);
    return role.part.automaton.situations[(hosts.row[field] as number) - first]?.snapshot.value ?? {};
  };
  const tell = (number: number, sentAt: number, fate: Fate) => {
    const packet = packets.list[number - 1];
    const [from, to] = [places.endpoints[packet?.from ?? 0], places.endpoints[packet?.to ?? 0]];
    if (packet === undefined || from === undefined || to === undefined) return;
    const [sender, receiver] = [lifeLineOf(places, packet.from), lifeLineOf(places, packet.to)];
    const message = labelOfPacket(places, packet);
    happenings.push({
      type: 'datagram',
      atMs: sentAt,
      sender,
      receiver,
      from,
      to,
      seenFrom: from,
      message,
      fate,
    });
  };

  hosts.witness = {
    began: (field, beginning) => {
      const { role, actor, who, chart } = roleAt(field);
      const input = role.part.automaton.chart.beginnings[beginning];
      const [snapshot, effects] = begin(role.part.automaton.chart.machine, input);
      snapshots.set(field, snapshot);
      trace.push({
        at,
        actor,
        begin: chart.split(':', 1)[0] ?? chart,
        input,
        state: snapshot.value,
        effects,
      });
      happenings.push({ type: 'state', atMs: at, who, chart, state: placeOf(valueAt(field)) });
    },
    happened: (field, stimulus) => {
      const { role, actor, who, chart } = roleAt(field);
      const { eventCount, timers, stimuli, chart: alphabet } = role.part.automaton;
      const name = stimuli[stimulus] ?? '';
      const event = { ...alphabet.events, ...alphabet.strangers }[name] ?? {
        type: timers[stimulus - eventCount] ?? '',
      };
      const [snapshot, effects] = step(alphabet.machine, snapshots.get(field) as AnyMachineSnapshot, event);
      snapshots.set(field, snapshot);
      trace.push({ at, actor, event, state: snapshot.value, effects });
      const state = placeOf(valueAt(field));
      const last = happenings.findLast(
        (one) => one.type === 'state' && one.who === who && one.chart === chart,
      );
      if (last?.type !== 'state' || last.state !== state)
        happenings.push({ type: 'state', atMs: at, who, chart, state });
    },
    sent: (number) => news.push(number),
    opened: (who, to) => {
      const text = `opens a hole towards ${places.labels[to]}`;
      happenings.push({ type: 'note', atMs: at, who: NAMES[who] ?? '', text });
    },
  };

  const settle = () => {
    const flying = new Set([...hosts.row.subarray(FLIGHT)].filter((number) => number !== 0));
    for (const number of news) {
      if (flying.has(number)) inFlight.set(number, inFlight.get(number) ?? at);
      else tell(number, at, { type: 'lost' });
    }
    news = [];
  };

  moves.begin();
  settle();
  for (const next of [...movesTo(walk, state), ...(move === undefined ? [] : [move])]) {
    at += 1;
    steps.push(describeMove(setting, next));
    const [kind, argument] = [kindOf(next), argumentOf(next)];
    const sentAt = inFlight.get(argument) ?? at;
    if (kind === 'deliver' || kind === 'keep') tell(argument, sentAt, { type: 'delivered', atMs: at });
    else if (kind === 'lose') tell(argument, sentAt, { type: 'lost' });
    else if (kind === 'forge') {
      happenings.push({ type: 'note', atMs: at, who: 'stranger', text: describeMove(setting, next) });
      tell(argument, at, { type: 'delivered', atMs: at });
    } else if (!kind.endsWith('timer'))
      happenings.push({ type: 'note', atMs: at, who: 'server', text: describeMove(setting, next) });
    if (kind === 'deliver' || kind === 'lose') inFlight.delete(argument);
    moves.make(Int32Array.from(hosts.row), next);
    settle();
  }
  hosts.witness = undefined;
  for (const [number, sentAt] of inFlight)
    tell(number, sentAt, { type: 'dropped', by: 'the end', why: 'on its way when the run ends' });
  return { steps, happenings: happenings.sort((a, b) => a.atMs - b.atMs), trace };
}

/** The run as a trace that `punch replay` takes. */
export function traceText({ trace }: Run): string {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line) > 0 };
  const writer = createTraceWriter(sink, { label: 'explorer' });
  for (const recorded of trace) writer.record(recorded);
  writer.end();
  return lines.join('');
}

/** Life lines for a diagram of a run. */
export const lifelines: readonly Lifeline[] = ['alice', 'server', 'bob', 'stranger'].map((name) => ({
  name,
  isOnTheWay: false,
}));
