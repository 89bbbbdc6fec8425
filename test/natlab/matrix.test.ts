import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Access, accessKinds } from '../../runtime/simulation/behaviour.ts';
import { protocolOneConnects } from '../../runtime/simulation/oracle.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { simulate } from '../../runtime/simulation/run.ts';
import { requires } from '../support/requirements.ts';
import { CommandLine, commandUnavailable } from './command-line.ts';
import { Laboratory, serverAddresses } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';

/** Any pair that can connect does so in milliseconds; the rest is waited out. */
const timeoutSeconds = 5;

/** Most of those that cannot connect only wait, which costs memory alone: 100 MB a pair. */
const pairsAtOnce = 24;

/** A client takes 200 ms of a processor to start, and more of them would starve those that are connecting. */
const startsAtOnce = 3;

const reason = labUnavailable() ?? commandUnavailable();
const options = {
  ...requires('kernel NATs and a build', reason),
  concurrency: pairsAtOnce,
  timeout: 120_000,
};

describe('the command line behind kernel NATs', options, () => {
  let lab: Laboratory;

  before(async () => {
    const sites = Object.entries<Access>(accessKinds).flatMap(([kind, access]) => [
      { name: `calling ${kind}`, access },
      { name: `answering ${kind}`, access },
    ]);
    lab = await Laboratory.build({ sites });
    const server = new CommandLine(lab, lab.server, ['server', '--host', serverAddresses.ipv4[0], '--json']);
    assert.ok(await server.report(({ type }) => type === 'listening'), server.complaints);
  });
  after(() => lab?.dispose());

  for (const { caller, answerer, fates } of pairsSlowestFirst()) {
    const [one, other] = fates;
    it(`${caller} calls ${answerer}: ${one === other ? `both ${one}` : `${one}, ${other}`}`, async () => {
      const met = await meet(lab, caller, answerer);
      assert.deepEqual(met, fates);
      assert.deepEqual(simulated(caller, answerer), met, 'the simulator has it otherwise');
    });
  }
});

/** `connected` when what each side typed reached the other, else the outcome that the command names. */
type Fate = string;

type Pair = { readonly caller: string; readonly answerer: string; readonly fates: readonly [Fate, Fate] };

async function meet(lab: Laboratory, caller: string, answerer: string): Promise<[Fate, Fate]> {
  const names = [`${caller} to ${answerer}`, `${answerer} for ${caller}`] as const;
  const [callerName, answererName] = names;
  const answering = await start(lab, `answering ${answerer}`, [answererName]);
  const calling = await start(lab, `calling ${caller}`, [callerName, answererName]);
  const callerFate = await fateOf(calling, 'caller');
  const fates: [Fate, Fate] = [callerFate, await Promise.race([fateOf(answering, 'answerer'), uncalled()])];
  if (fates.every((fate) => fate === 'connected')) {
    calling.say('hello');
    answering.say('hello yourself');
    const heard = [hears(answering, 'hello'), hears(calling, 'hello yourself')];
    assert.deepEqual(await Promise.all(heard), [true, true]);
  }
  await Promise.all([calling.interrupt(), answering.interrupt()]);
  assert.equal(calling.complaints + answering.complaints, '');
  return fates;
}

let starting = 0;
const queue: (() => void)[] = [];

/** Resolves when the client has registered, or cannot. */
async function start(lab: Laboratory, site: string, names: readonly string[]): Promise<CommandLine> {
  if (starting >= startsAtOnce) await new Promise<void>((resolve) => queue.push(resolve));
  starting += 1;
  const { ipv4 } = serverAddresses;
  const args = ['client', ipv4[0], ...names, '--json', '--timeout', String(timeoutSeconds)];
  const client = new CommandLine(lab, lab.host(site), args);
  const isRunning = await client.report(({ type }) => type === 'state' || type === 'end');
  starting -= 1;
  queue.shift()?.();
  await client.report(({ type, state }) => state === 'registered' || type === 'end');
  assert.ok(isRunning, client.complaints);
  return client;
}

/** A caller ends with its outcome; an answerer goes on waiting for others, and only its link fails. */
async function fateOf(client: CommandLine, role: 'caller' | 'answerer'): Promise<Fate> {
  const last = await client.report(
    ({ type, of, state }) =>
      type === 'end' ||
      (of === 'link' && (state === 'connected' || (state === 'failed' && role === 'answerer'))),
  );
  if (last?.type === 'end') return String(last.outcome);
  return last?.state === 'failed' ? 'punchingFailed' : String(last?.state);
}

/** An answerer that nobody introduces waits for ever. */
async function uncalled(): Promise<Fate> {
  await setTimeout(timeoutSeconds * 1000 + 1000, undefined, { ref: false });
  return 'uncalled';
}

async function hears(client: CommandLine, text: string): Promise<boolean> {
  return (await client.report((report) => report.type === 'message' && report.text === text)) !== undefined;
}

/** Every unordered pair of kinds, a kind with itself included. */
function pairsSlowestFirst(): Pair[] {
  const kinds = Object.entries<Access>(accessKinds);
  const pairs = kinds.flatMap(([caller, access], index) =>
    kinds.slice(index).map(([answerer, other]) => ({ caller, answerer, fates: expected(access, other) })),
  );
  const isQuick = ({ fates }: Pair) => Number(fates[0] === 'connected');
  return pairs.sort((one, other) => isQuick(one) - isQuick(other));
}

/** What the simulator makes of the same pair. */
function simulated(caller: string, answerer: string): [Fate, Fate] {
  const kinds: Readonly<Record<string, Access>> = accessKinds;
  const [alice, bob] = [kinds[caller], kinds[answerer]];
  assert.ok(alice !== undefined && bob !== undefined);
  const timeoutMs = timeoutSeconds * 1000;
  const run = simulate({ alice, bob, path: smoothPath, seed: 1, timeoutMs, isRecorded: false });
  return [run.alice.ending, run.bob.ending];
}

function expected(caller: Access, answerer: Access): [Fate, Fate] {
  if (protocolOneConnects(caller, answerer)) return ['connected', 'connected'];
  if (answerer.udpBlocked) return [caller.udpBlocked ? 'noServer' : 'peerUnknown', 'noServer'];
  return ['punchingFailed', 'punchingFailed'];
}
