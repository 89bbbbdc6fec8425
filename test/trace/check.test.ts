import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AnyStateMachine, createMachine } from 'xstate';
import { linkMachine } from '../../machines/link.ts';
import { sessionMachine } from '../../machines/session.ts';
import { protocolCharts } from '../../runtime/trace/replay.ts';
import { Walk } from '../../runtime/trace/walk.ts';
import { RecordedRun, replayed, stepsIn } from './run.ts';

describe('a replay by a version that behaves differently', () => {
  test('shows where another state is reached', async () => {
    const first = await firstDifference({
      link: changed(linkMachine, `${OPENING}.after.headStart.target`, 'opening'),
    });
    assert.equal(first?.difference, 'state');
    assert.equal(first?.event.type, 'xstate.after.headStart.link.punching.opening');
    assert.deepEqual(first?.recorded.state, { punching: 'probing' });
    assert.deepEqual(first?.after, { punching: 'opening' });
  });

  test('shows where a timer is no longer armed', async () => {
    const first = await firstDifference({ link: changed(linkMachine, `${OPENING}.after`, undefined) });
    assert.equal(first?.difference, 'effects');
    assert.deepEqual(first?.after, { punching: 'opening' });
  });

  test('shows where something is no longer sent', async () => {
    const first = await firstDifference({
      link: changed(linkMachine, `${OPENING}.entry`, undefined),
    });
    assert.equal(first?.difference, 'emits');
    assert.deepEqual(first?.recorded.emits, ['transmit']);
  });

  test('shows where a timer runs for longer', async () => {
    const slower = sessionMachine.provide({ delays: { ttl: 120_000 } });
    const first = await firstDifference({ session: slower });
    assert.equal(first?.difference, 'effects');
    assert.equal(first?.event.type, 'xstate.init');
  });

  test('shows where a chart throws that did not', async () => {
    const broken = linkMachine.provide({
      guards: {
        isTried: () => {
          throw new Error('broken glass');
        },
      },
    });
    const first = await firstDifference({ link: broken });
    assert.equal(first?.difference, 'error');
    assert.match(first?.error ?? '', /broken glass/);
  });

  test('shows nothing when it is only written in another way', async () => {
    const sameAgain = Object.fromEntries(
      Object.entries(protocolCharts).map(([name, chart]) => [name, chart.provide({})]),
    );
    assert.equal(await firstDifference(sameAgain), undefined);
  });
});

describe('a walk over a replay', () => {
  test('shows the same states forward and back', async () => {
    const { trace } = await new RecordedRun({ loss: 0.2, seed: 3 }).play();
    const walk = new Walk(stepsIn(await replayed(trace)));
    const seen: string[] = [];
    const look = () => JSON.stringify([walk.position, walk.step?.index, [...walk.standings].sort()]);
    for (let position = 0; position <= walk.steps.length; position += 1) {
      walk.moveTo(position);
      seen.push(look());
    }
    assert.equal(new Set(seen).size, walk.steps.length + 1);
    for (let position = walk.steps.length; position >= 0; position -= 1) {
      walk.moveTo(position);
      assert.equal(look(), seen[position]);
    }
    for (const position of [17, 3, 90, -5, 1000]) {
      walk.moveTo(position);
      assert.equal(look(), seen[Math.min(Math.max(position, 0), walk.steps.length)]);
    }
  });

  test('does not move where there is nothing', () => {
    const walk = new Walk([]);
    walk.moveTo(5);
    assert.equal(walk.position, 0);
    assert.equal(walk.step, undefined);
  });
});

async function firstDifference(charts: Readonly<Record<string, AnyStateMachine>>) {
  const { trace } = await new RecordedRun().play();
  const steps = stepsIn(await replayed(trace, { ...protocolCharts, ...charts }));
  return steps.find(({ difference }) => difference !== undefined);
}

const OPENING = 'states.punching.states.opening';

/** The chart with one part of its definition replaced, or taken out. */
function changed(machine: AnyStateMachine, path: string, value: unknown): AnyStateMachine {
  const replace = (config: unknown, [name = '', ...rest]: readonly string[]): object => {
    const { [name]: part, ...others } = config as Record<string, unknown>;
    if (rest.length > 0) return { ...others, [name]: replace(part, rest) };
    return value === undefined ? others : { ...others, [name]: value };
  };
  return createMachine(replace(machine.config, path.split('.'))).provide(machine.implementations as never);
}
