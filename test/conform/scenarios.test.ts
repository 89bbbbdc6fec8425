import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode } from '../../machines/wire.ts';
import { Names } from '../../runtime/conformance/cast.ts';
import { datagramScenarios } from '../../runtime/conformance/datagram-scenarios.ts';
import { Model } from '../../runtime/conformance/model.ts';
import { pathScenarios } from '../../runtime/conformance/path-scenarios.ts';
import type { Scenario } from '../../runtime/conformance/scenario.ts';
import { plainSessions, plainTransitions } from '../../runtime/conformance/session-lives.ts';
import { nameOf } from '../../runtime/exploration/anatomy.ts';
import { generatePaths, walk } from '../../runtime/exploration/paths.ts';
import { TTL_MS } from './laboratory.ts';

const { paths } = generatePaths(plainSessions);
const scenarios = pathScenarios(plainSessions, TTL_MS);

describe('the scenarios of the session chart', () => {
  it('are one for each generated path', () => {
    assert.equal(scenarios.length, paths.length);
    for (const [index, { stimuli }] of paths.entries()) {
      assert.equal(scenarios[index]?.title, stimuli.map(({ type }) => type).join(', then '));
    }
  });

  it('make a server take the transitions of their paths, in this order', () => {
    for (const [index, path] of paths.entries()) {
      const taken = transitionsOf(scenarios[index]);
      const wanted = walk(plainSessions, path).flatMap((situation) => situation.taken.map(nameOf));
      const missing = wanted.filter((name) => {
        const at = taken.indexOf(name);
        taken.splice(0, at + 1);
        return at < 0;
      });
      assert.deepEqual(missing, [], scenarios[index]?.title);
    }
  });

  it('take every transition of the chart among them', () => {
    const taken = new Set(scenarios.flatMap(transitionsOf));
    assert.deepEqual([...taken].sort(), [...plainTransitions()].sort());
  });

  it('wait where a session expires, and nowhere else', () => {
    for (const { kind, steps, title } of scenarios) {
      assert.equal(kind === 'slow', /after ttl/.test(title));
      assert.equal(
        steps.some(({ type }) => type === 'wait'),
        kind === 'slow',
      );
    }
  });

  it('ask for a known peer, for an unknown one, and for oneself', () => {
    const asked = scenarios.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.type === 'say' && step.role === 'client' && step.message.type === 'holePunchRequest'
          ? [step.message.name]
          : [],
      ),
    );
    for (const name of ['bob', 'nobody', 'alice'] as const) assert.ok(asked.includes(name), name);
  });
});

describe('the datagrams to be dropped', () => {
  const datagrams = datagramScenarios().map(({ title, steps }) => {
    const sent = steps.flatMap((step) => (step.type === 'send' ? [step] : []));
    return {
      title,
      bytes: sent[0]?.bytes((alias) => new Names('run', 'd1').real(alias)) ?? new Uint8Array(),
    };
  });

  it('have every fault that a datagram can have', () => {
    const faults = datagrams.map(({ bytes }) => decode(bytes)).filter((fault) => typeof fault === 'string');
    assert.deepEqual([...new Set(faults)].sort(), [
      ...['badAddress', 'badName', 'badNumber', 'empty', 'notUtf8', 'tooLong', 'trailingBytes'],
      ...['truncated', 'unknownMessage'],
    ]);
  });

  it('are else messages that servers do not get', () => {
    const types = datagrams.flatMap(({ bytes }) => {
      const message = decode(bytes);
      return typeof message === 'string' ? [] : [message.type];
    });
    assert.deepEqual(types.sort(), [
      ...['holePunchInitiate', 'holePunchResponseUnknown', 'message', 'registerAck'],
    ]);
  });

  it('get no answer of our server', () => {
    for (const { title, bytes } of datagrams)
      assert.deepEqual(
        new Model(TTL_MS).answer(0, { address: '198.51.100.1', port: 5000 }, bytes),
        [],
        title,
      );
  });
});

describe('the names of a scenario', () => {
  const names = new Names('conform-abc', 'p1');

  it('are unlike those of any other scenario and any other run', () => {
    const others = [new Names('conform-abc', 'p2'), new Names('conform-abd', 'p1')];
    for (const other of others) assert.notEqual(names.real('alice'), other.real('alice'));
  });

  it('are shown as parts, and foreign ones in quotes, with what could steer a terminal spelled out', () => {
    assert.equal(names.shown(names.real('alice')), 'alice');
    assert.equal(names.shown('al\u001bice'), '"al\\u001bice"');
  });
});

/** What the sessions of the model do, each transition as often as it is taken. */
function transitionsOf(scenario: Scenario | undefined): string[] {
  const model = new Model(TTL_MS);
  const names = new Names('run', 'p1');
  const ports = { client: 1, elsewhere: 2, peer: 3, witness: 4, stranger: 5 };
  let now = 0;
  for (const step of scenario?.steps ?? []) {
    if (step.type === 'wait') now += step.ms;
    if (step.type !== 'say') continue;
    const address = step.role === 'stranger' ? '198.51.100.2' : '198.51.100.1';
    model.answer(now, { address, port: ports[step.role] }, encode(names.spell(step.message)));
  }
  return [...model.transitions];
}
