import assert from 'node:assert/strict';
import { type ClientDescription, type CommandLine, reaches, startClient } from './command-line.ts';
import type { Host, Laboratory } from './laboratory.ts';

export type Meeting = Pick<ClientDescription, 'server' | 'timeoutSeconds' | 'protocol'> & {
  /** The caller's, and that of who is called; alice and bob, unless told. */
  readonly names?: readonly [string, string];
};

/** One host calls another, which has registered, or failed to. */
export async function meet(
  lab: Laboratory,
  one: Host,
  other: Host,
  { names: [caller, answerer] = ['alice', 'bob'], ...rest }: Meeting = {},
): Promise<{ alice: CommandLine; bob: CommandLine }> {
  const bob = startClient(lab, other, { ...rest, name: answerer });
  await bob.report(reaches('client', 'registered'));
  const alice = startClient(lab, one, { ...rest, name: caller, peer: answerer });
  return { alice, bob };
}

/** The caller first, because it is the one that gives up. */
export async function assertConnected(alice: CommandLine, bob: CommandLine): Promise<void> {
  for (const side of [alice, bob]) {
    assert.ok(await side.report(reaches('link', 'connected')), 'they are not connected');
  }
}

/** They are, or get, connected, and what each says reaches the other. */
export async function assertTalking(alice: CommandLine, bob: CommandLine): Promise<void> {
  await assertConnected(alice, bob);
  exchanges += 1;
  const [words, reply] = [`hello (${exchanges})`, `hello yourself (${exchanges})`];
  alice.say(words);
  assert.ok(await bob.hears(words));
  bob.say(reply);
  assert.ok(await alice.hears(reply));
}

/** The caller's command ends as it says, and neither side was ever connected. */
export async function assertNeverConnected(
  alice: CommandLine,
  bob: CommandLine,
  ending: { readonly outcome: string; readonly exitCode: number },
): Promise<string> {
  const end = await alice.report(({ type }) => type === 'end');
  assert.deepEqual({ outcome: end?.outcome, exitCode: await alice.exitCode }, ending);
  for (const side of [alice, bob]) assert.deepEqual(side.reports(reaches('link', 'connected')), []);
  return String(end?.reason);
}

/** The address of the peer that a client was connected with last. */
export function remoteOf(client: CommandLine): unknown {
  const connected = client.reports(reaches('link', 'connected')).at(-1);
  return (connected?.remote as { readonly address?: unknown } | undefined)?.address;
}

/** So that no exchange is taken for another. */
let exchanges = 0;
