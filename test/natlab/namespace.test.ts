import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { requires } from '../support/requirements.ts';
import { labUnavailable, PrivateRoot } from './namespace.ts';
import { programArguments } from './program.ts';

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

describe('a private root', requires('namespaces', labUnavailable()), () => {
  it('runs commands in namespaces of its own', async () => {
    const root = await PrivateRoot.open();
    await root.run(['ip', 'netns', 'add', 'inside']);
    const printed = await root.run(['ip', '-o', 'link', 'show'], { namespace: 'inside' });
    assert.match(printed, /^1: lo: /);
    assert.equal(printed.trim().split('\n').length, 1);
    await root.dispose();
  });

  it('says what a failing command was, where, and what it complained about', async () => {
    const root = await PrivateRoot.open();
    await root.run(['ip', 'netns', 'add', 'inside']);
    const failing = root.run(['sh', '-c', 'echo no such luck >&2; exit 3'], { namespace: 'inside' });
    await assert.rejects(failing, /^Error: sh -c .* in inside ended with 3: no such luck$/);
    await root.dispose();
  });

  it('signals the program itself', async () => {
    const root = await PrivateRoot.open();
    await root.run(['ip', 'netns', 'add', 'inside']);
    const sleeping = root.spawn('inside', 'sh', [
      '-c',
      'trap "exit 7" INT; echo ready; while :; do sleep 0.01; done',
    ]);
    await once(sleeping.stdout, 'data');
    sleeping.signal('SIGINT');
    assert.equal((await sleeping.ended).code, 7);
    await root.dispose();
  });

  it('leaves nothing behind when disposed of', async () => {
    const root = await PrivateRoot.open();
    await root.run(['ip', 'netns', 'add', 'inside']);
    const sleeping = root.spawn('inside', 'sleep', ['1000']);
    const namespace = (await root.run(['readlink', '/proc/self/ns/pid'])).trim();
    assert.ok(processesIn(namespace).length > 0);
    await root.dispose();
    assert.deepEqual(processesIn(namespace), []);
    assert.notEqual((await sleeping.ended).code, 0);
  });

  it('leaves nothing behind when we are killed', async () => {
    await assertGoneAfterKill([process.execPath]);
  });

  it('needs no root', { skip: reasonAgainstNobody() }, async (context) => {
    const reason = await assertGoneAfterKill([...asNobody, process.execPath]);
    if (reason !== undefined) context.skip(reason);
  });
});

function reasonAgainstNobody(): string | false {
  if (process.geteuid?.() !== 0) return 'we are not root anyway';
  const [program = '', ...args] = asNobody;
  const file = programArguments('namespace-holder').at(-1) ?? '';
  const { status } = spawnSync(program, [...args, 'test', '-r', file]);
  return status === 0 ? false : `nobody else may read ${file}: check out where every user may read`;
}

/** Returns a reason when the holder of the lab could not make one. */
async function assertGoneAfterKill([program = '', ...args]: readonly string[]): Promise<string | undefined> {
  const holder = spawn(program, [...args, ...programArguments('namespace-holder')], {
    env: { ...process.env, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(holder, 'close');
  const [printed] = await Promise.race([
    once(holder.stdout.setEncoding('utf8'), 'data'),
    closed.then((ending) => assert.fail(`the holder said nothing, and ended with ${ending}`)),
  ]);
  const { reason, namespace } = JSON.parse(String(printed)) as Holding;
  if (namespace === undefined) return reason ?? 'no reason given';
  const held = processesIn(namespace);
  assert.ok(held.length >= 2, `only ${held.length} processes in ${namespace}`);
  holder.kill('SIGKILL');
  await closed;
  for (let waited = 0; processesIn(namespace).length > 0 && waited < 2000; waited += 10) await setTimeout(10);
  assert.deepEqual(processesIn(namespace), []);
  return undefined;
}

type Holding = { readonly reason?: string; readonly namespace?: string };

function processesIn(namespace: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/ns/pid`) === namespace;
    } catch {
      return false;
    }
  });
}
