import type { TestContext } from 'node:test';
import { type AccessKind, accessKinds } from '../../runtime/simulation/behaviour.ts';
import { type CommandLine, startClient } from './command-line.ts';
import { Laboratory } from './laboratory.ts';
import { assertConnected, meet } from './meeting.ts';

/** A lab with a home for each name, which ends with the test. */
export async function build(
  context: TestContext,
  homes: Readonly<Record<string, AccessKind>>,
): Promise<Laboratory> {
  const sites = Object.entries(homes).map(([name, kind]) => ({ name, access: accessKinds[kind] }));
  const lab = await Laboratory.build({ sites });
  context.after(() => lab.dispose());
  return lab;
}

/** Starts a client in the home of its name. */
export function join(
  lab: Laboratory,
  name: string,
  { peer, timeoutSeconds = 60 }: { readonly peer?: string; readonly timeoutSeconds?: number } = {},
): CommandLine {
  return startClient(lab, lab.host(name), { name, timeoutSeconds, ...(peer === undefined ? {} : { peer }) });
}

export async function connect(
  lab: Laboratory,
  { protocol = 2 }: { readonly protocol?: 1 | 2 } = {},
): Promise<{ alice: CommandLine; bob: CommandLine }> {
  const { alice, bob } = await meet(lab, lab.host('alice'), lab.host('bob'), {
    protocol,
    timeoutSeconds: 60,
  });
  await assertConnected(alice, bob);
  return { alice, bob };
}
