import { formatEndpoint } from '../../machines/endpoint.ts';
import type { Happening } from '../simulation/happening.ts';
import { type Scenario, simulate } from '../simulation/run.ts';
import { createVirtualClock } from '../simulation/virtual-clock.ts';
import { type Line, lineOf } from './lines.ts';
import type { SourceRecord } from './records.ts';
import { Tap } from './tap.ts';

/** Runs a scenario once more, which comes out the same, and tells all of it. */
export function showSimulation(scenario: Omit<Scenario, 'clock' | 'inspect'>): readonly Line[] {
  const lines: Line[] = [];
  const clock = createVirtualClock();
  const tap = new Tap({
    clock,
    startedAt: 0,
    label: '',
    isPatient: true,
    publish: (told) => lines.push(...told),
  });
  const inspect: Tap['inspect'] = (event) => tap.inspect(event);
  const { happenings, lifelines } = simulate({ ...scenario, clock, inspect, isRecorded: true });
  tap.queue.flush();
  const names = lifelines.map(({ name }) => name);
  return [
    lineOf(['lifelines', names]),
    ...lines,
    ...happenings.flatMap((happening) => recordsOf(happening).map(lineOf)),
  ];
}

/** States are told by the charts themselves. */
function recordsOf(happening: Happening): readonly SourceRecord[] {
  if (happening.type === 'note') return [['note', happening.atMs, happening.who, happening.text]];
  if (happening.type !== 'datagram') return [];
  const { atMs, sender, receiver, from, to, seenFrom, message, bytes, fate } = happening;
  const [sentFrom, sentTo, seen] = [from, to, seenFrom].map(formatEndpoint);
  const end = fate.type === 'delivered' ? ({ type: 'delivered', at: fate.atMs } as const) : fate;
  return [['passage', atMs, sender, receiver, sentFrom ?? '', sentTo ?? '', seen ?? '', message, bytes, end]];
}
