import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requires } from '../support/requirements.ts';
import type { Outcome, Task } from './party.ts';

/** How a process comes to its sodium. */
type Way = { readonly kind: string; readonly flags: readonly string[]; readonly env: NodeJS.ProcessEnv };

const native: Way = { kind: 'native', flags: [], env: {} };
const asked: Way = { kind: 'portable', flags: [], env: { PUNCH_SODIUM: 'portable' } };

/** There is no build of sodium-native for a VAX, so that loading it throws. */
const unbuilt: Way = {
  kind: 'portable',
  flags: ['--import', 'data:text/javascript,Object.defineProperty(process, "arch", { value: "vax" })'],
  env: {},
};

const outcomes = new Map<string, Outcome>();

const nativeFault =
  party(native, { step: 'initiate' }).sodiumKind === 'native'
    ? undefined
    : 'sodium-native has no build for it';

describe('the portable sodium', () => {
  test('is taken where it is asked for, and where the native one cannot load', () => {
    for (const way of [asked, unbuilt]) assert.equal(party(way, { step: 'initiate' }).sodiumKind, 'portable');
  });

  test('refuses keys of low order, which it would let pass by itself', () => {
    const { refusesWeakKeys, refusesWeakMessages } = party(asked, { step: 'initiate' });
    assert.deepEqual(
      { refusesWeakKeys, refusesWeakMessages },
      { refusesWeakKeys: true, refusesWeakMessages: true },
    );
  });

  test('finishes handshakes among its own', () => {
    judge(asked, unbuilt);
  });
});

describe('the native sodium', requires('the native sodium', nativeFault), () => {
  test('finishes handshakes with the portable one, in both roles', () => {
    judge(native, asked);
    judge(asked, native);
    judge(unbuilt, native);
  });

  test('makes the same bytes as the portable one from the same entropy', () => {
    assert.deepEqual(transcript(asked), transcript(native));
    assert.deepEqual(transcript(unbuilt), transcript(native));
  });
});

/** Lets two processes shake hands, and the one that began open what the other sealed. */
function judge(initiator: Way, responder: Way): void {
  const { started, answered, finished } = handshake(initiator, responder);
  assert.equal(started.sodiumKind, initiator.kind);
  assert.equal(answered.sodiumKind, responder.kind);
  assert.equal(answered.remoteKey, started.alice);
  assert.equal(answered.payload, hex('hello'));
  assert.equal(finished.payload, hex('welcome'));
  assert.equal(finished.forged, true);
  assert.equal(finished.sendKey, answered.receiveKey);
  assert.equal(finished.receiveKey, answered.sendKey);
  assert.equal(finished.hash, answered.hash);
  assert.equal(finished.opened, hex('sealed'));
  assert.equal(finished.again, 'replayed');
  assert.equal(finished.damaged, 'forged');
}

/** All that a handshake makes between two of a kind, but for the name of the kind. */
function transcript(way: Way): readonly Outcome[] {
  return Object.values(handshake(way, way)).map((outcome) => ({ ...outcome, sodiumKind: '' }));
}

function handshake(initiator: Way, responder: Way) {
  const started = party(initiator, { step: 'initiate' });
  const answered = party(responder, { step: 'respond', message: `${started.message}` });
  const task = { step: 'finish', reply: `${answered.reply}`, sealed: `${answered.sealed}` } as const;
  return { started, answered, finished: party(initiator, task) };
}

/** What a process of its own makes of the task. A party does the same every time, so each is asked once. */
function party(way: Way, task: Task): Outcome {
  const input = JSON.stringify(task);
  const question = JSON.stringify([way, input]);
  const outcome = outcomes.get(question) ?? ask(way, input);
  outcomes.set(question, outcome);
  return outcome;
}

function ask({ flags, env }: Way, input: string): Outcome {
  const { PUNCH_SODIUM: _, ...inherited } = process.env;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', ...flags, fileURLToPath(new URL('party.ts', import.meta.url))],
    { input, encoding: 'utf8', env: { ...inherited, ...env } },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
