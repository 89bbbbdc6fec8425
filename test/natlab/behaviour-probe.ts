import type { NatBehaviour } from '../../runtime/simulation/behaviour.ts';
import type { Host, Laboratory } from './laboratory.ts';
import { programArguments } from './program.ts';
import type { Family } from './reflection.ts';

/** What a prober found, in the words of {@link NatBehaviour}. */
export type MeasuredBehaviour = Pick<NatBehaviour, 'mapping' | 'filtering' | 'hairpinning'> & {
  readonly allocation: 'preserving' | 'sequential' | 'other';
  /** Whether a packet that came from a peer too early makes our port to that peer another one. */
  readonly poisonable: boolean;
};

/** Starts the public machines that probers ask; they end with the lab. */
export async function startReflectors(lab: Laboratory): Promise<void> {
  const reflector = lab.spawn(lab.server, process.execPath, programArguments('reflector'));
  for await (const line of reflector.lines()) {
    if (line === 'ready') return;
  }
  throw new Error('the reflectors did not start');
}

/** What a host's way to the internet does to its packets, or `undefined` when none come back. */
export async function probe(
  lab: Laboratory,
  host: Host,
  family: Family = 4,
): Promise<MeasuredBehaviour | undefined> {
  const printed = await lab.run(host, [process.execPath, ...programArguments('prober'), String(family)]);
  return (JSON.parse(printed) as MeasuredBehaviour | null) ?? undefined;
}
