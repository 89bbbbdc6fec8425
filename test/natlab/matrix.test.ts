import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Access, accessKinds } from '../../runtime/simulation/behaviour.ts';
import { protocolOneConnects } from '../../runtime/simulation/oracle.ts';
import { smoothPath } from '../../runtime/simulation/path.ts';
import { simulate } from '../../runtime/simulation/run.ts';
import { requires } from '../support/requirements.ts';
import { type CommandLine, commandUnavailable, reaches, startClient, startServer } from './command-line.ts';
import { Laboratory } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';

/** Any pair that can connect does so in milliseconds; the rest is waited out. */
const timeoutSeconds = 5;

/** Most of those that cannot connect only wait, which costs memory alone: 100 MB a pair. */
const pairsAtOnce = 24;

/** A client takes 200 ms of a processor to start, and more of them would starve those that are connecting. */
const startsAtOnce = 3;

const kinds = Object.entries<Access>(accessKinds);

const reason = labUnavailable() ?? commandUnavailable();
const options = {
  ...requires('kernel NATs and a build', reason),
  concurrency: pairsAtOnce,
  timeout: 120_000,
};

describe('the command line behind kernel NATs', options, () => {
  let lab: Laboratory;

  before(async () => {
    const sites = kinds.flatMap(([kind, access]) => [
      { name: `calling ${kind}`, access },
      { name: `answering ${kind}`, access },
    ]);
    lab = await Laboratory.build({ sites });
    await startServer(lab, { allowProtocol1: true });
  });
  after(() => lab?.dispose());

  for (const { protocol, caller, answerer, fates } of pairsSlowestFirst()) {
    const [one, other] = fates;
    const sentence = one === other ? `both ${one}` : `${one}, ${other}`;
    it(`by protocol ${protocol}, ${caller} calls ${answerer}: ${sentence}`, async () => {
      const met = await meet(lab, protocol, caller, answerer);
      assert.deepEqual(met, fates);
      assert.deepEqual(simulated(protocol, caller, answerer), met, 'the simulator has it otherwise');
    });
  }
});

/** `connected` when what each side typed reached the other, else the outcome that the command names. */
type Fate = string;

type Protocol = 1 | 2;

type Pair = {
  readonly protocol: Protocol;
  readonly caller: string;
  readonly answerer: string;
  readonly fates: readonly [Fate, Fate];
};

async function meet(
  lab: Laboratory,
  protocol: Protocol,
  caller: string,
  answerer: string,
): Promise<[Fate, Fate]> {
  const [callerName, answererName] = [
    `${caller} to ${answerer} (${protocol})`,
    `${answerer} for ${caller} (${protocol})`,
  ];
  const answering = await start(lab, `answering ${answerer}`, { protocol, name: answererName });
  const calling = await start(lab, `calling ${caller}`, { protocol, name: callerName, peer: answererName });
  const callerFate = await fateOf(calling, 'caller');
  const fates: [Fate, Fate] = [callerFate, await Promise.race([fateOf(answering, 'answerer'), uncalled()])];
  if (fates.every((fate) => fate === 'connected')) {
    calling.say('hello');
    answering.say('hello yourself');
    const heard = [answering.hears('hello'), calling.hears('hello yourself')];
    assert.deepEqual(await Promise.all(heard), [true, true]);
  }
  await Promise.all([calling.interrupt(), answering.interrupt()]);
  assert.equal(calling.complaints + answering.complaints, '');
  return fates;
}

let starting = 0;
const queue: (() => void)[] = [];

/** Resolves when the client has registered, or cannot. */
async function start(
  lab: Laboratory,
  site: string,
  client: { readonly protocol: Protocol; readonly name: string; readonly peer?: string },
): Promise<CommandLine> {
  if (starting >= startsAtOnce) await new Promise<void>((resolve) => queue.push(resolve));
  starting += 1;
  const command = startClient(lab, lab.host(site), { ...client, timeoutSeconds });
  const isRunning = await command.report(({ type }) => type === 'state' || type === 'end');
  starting -= 1;
  queue.shift()?.();
  await command.report(reaches('client', 'registered'));
  assert.ok(isRunning, command.complaints);
  return command;
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

function pairsSlowestFirst(): Pair[] {
  const pairs = [...pairsOfProtocol2(), ...pairsOfProtocol1()];
  const isQuick = ({ fates }: Pair) => Number(fates[0] === 'connected');
  return pairs.sort((one, other) => isQuick(one) - isQuick(other));
}

/** Every unordered pair of kinds, a kind with itself included. */
function pairsOfProtocol2(): Pair[] {
  return kinds.flatMap(([caller, access], index) =>
    kinds.slice(index).map(([answerer, other]) => {
      return { protocol: 2, caller, answerer, fates: expected(access, other) };
    }),
  );
}

/** Every kind once on each side: they are crossed as by protocol 2, which all pairs are tried with. */
function pairsOfProtocol1(): Pair[] {
  const others = [...kinds.slice(1), ...kinds.slice(0, 1)];
  return others.map(([answerer, other], index) => {
    const [caller, access] = kinds[index] ?? [answerer, other];
    return { protocol: 1, caller, answerer, fates: expected(access, other) };
  });
}

/** What the simulator makes of the same pair. */
function simulated(protocol: Protocol, caller: string, answerer: string): [Fate, Fate] {
  const [alice, bob] = [caller, answerer].map((name) => kinds.find(([kind]) => kind === name)?.[1]);
  assert.ok(alice !== undefined && bob !== undefined);
  const timeoutMs = timeoutSeconds * 1000;
  const run = simulate({ protocol, alice, bob, path: smoothPath, seed: 1, timeoutMs, isRecorded: false });
  return [run.alice.ending, run.bob.ending];
}

function expected(caller: Access, answerer: Access): [Fate, Fate] {
  if (protocolOneConnects(caller, answerer)) return ['connected', 'connected'];
  if (caller.udpBlocked) return ['noServer', answerer.udpBlocked ? 'noServer' : 'uncalled'];
  if (answerer.udpBlocked) return ['peerUnknown', 'noServer'];
  return ['punchingFailed', 'punchingFailed'];
}
