import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { type Machines, realMachines } from '../../runtime/exploration/world/parts.ts';
import type { PropertyName } from '../../runtime/exploration/world/properties.ts';

export type Planted = {
  readonly fault: string;
  readonly machines: Machines;
  readonly scenario: string;
  readonly breaks: PropertyName;
  /** The length of the shortest run that shows it, at the most. */
  readonly within: number;
};

const { client, link, session } = realMachines;

export const plantedFaults: readonly Planted[] = [
  {
    fault: 'punching never ends',
    machines: { ...realMachines, link: withoutTimer(link, 'punchBudget') },
    scenario: 'symmetric NATs',
    breaks: 'linksArrive',
    within: 12,
  },
  {
    fault: 'sends to a silent address are not bounded',
    machines: { ...realMachines, link: withoutTimer(link, 'punchBudget') },
    scenario: 'without NATs',
    breaks: 'boundedSends',
    within: 12,
  },
  {
    fault: 'silence is not noticed',
    machines: { ...realMachines, link: withoutTimer(link, 'silence') },
    scenario: 'a client leaves',
    breaks: 'agreement',
    within: 16,
  },
  {
    fault: 'a client that has lost its server does not come back',
    machines: { ...realMachines, client: withoutTimer(client, 'unreachableRetry') },
    scenario: 'the server is restarted',
    breaks: 'nobodyWaits',
    within: 12,
  },
  {
    fault: 'a name goes to whoever asks for it',
    machines: { ...realMachines, session: session.provide({ guards: { isClientElsewhere: () => true } }) },
    scenario: 'a stranger forges',
    breaks: 'nameHeld',
    within: 6,
  },
  {
    fault: 'a new address makes the tried ones forgotten',
    machines: {
      ...realMachines,
      link: link.provide({
        actions: {
          follow: assign((_: unknown, from: unknown) => ({ remote: from, tried: [from] })) as never,
        },
      }),
    },
    scenario: 'symmetric NATs that let everything in',
    breaks: 'noChase',
    within: 30,
  },
];

/** The chart as its definition would be without the waits of this name. */
export function withoutTimer(machine: AnyStateMachine, delay: string): AnyStateMachine {
  return changed(machine, (key, value) =>
    key === 'after'
      ? Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== delay))
      : value,
  );
}

/** The chart with another definition: `change` gives what stands for a part of it, which is left out if undefined. */
export function changed(
  machine: AnyStateMachine,
  change: (key: string, value: unknown) => unknown,
): AnyStateMachine {
  const rebuild = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rebuild);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, part]) => [key, rebuild(change(key, part))]);
    return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
  };
  return createMachine(rebuild(machine.config) as never, machine.implementations as never) as AnyStateMachine;
}
