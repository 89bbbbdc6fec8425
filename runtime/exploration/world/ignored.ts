/** What a chart is told and takes no notice of, and why that is right. */
import { phaseOf } from '../../stage.ts';
import type { Automaton } from '../automaton.ts';

/** The phases in which a chart ignores an event, by the event's type. Strangers' events are left out: they must be. */
export function ignoredBy(automaton: Automaton): Readonly<Record<string, readonly string[]>> {
  const { chart, situations, stimuli, eventCount, next, output, change } = automaton;
  const ignored = new Map<string, Set<string>>();
  for (const [situation, { snapshot }] of situations.entries()) {
    if (snapshot.status !== 'active') continue;
    for (let stimulus = 0; stimulus < eventCount; stimulus += 1) {
      const cell = situation * stimuli.length + stimulus;
      const event = chart.events[stimuli[stimulus] ?? ''];
      if (event === undefined || next[cell] !== situation || output[cell] !== 0 || change[cell] !== 0)
        continue;
      const phases = ignored.get(event.type) ?? new Set();
      ignored.set(event.type, phases.add(phaseOf(snapshot)));
    }
  }
  return Object.fromEntries([...ignored].map(([type, phases]) => [type, [...phases].sort()]));
}

/** Transitions that a chart's definition has and no situation takes. */
export function deadTransitionsOf({ changes }: Automaton, all: readonly string[]): readonly string[] {
  const taken = new Set(changes.flat());
  return all.filter((name) => !taken.has(name));
}
