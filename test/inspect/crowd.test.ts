import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TOLD_MAX } from '../../runtime/inspect/cast.ts';
import { GATHERED_MAX } from '../../runtime/inspect/queue.ts';
import { alice, clientOf, inspected, portOf, server, session, view } from './scene.ts';

describe('a process with more actors than anybody can look at', () => {
  it('tells of the first by name, and how many of all are in each state', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    const sessions = Array.from({ length: TOLD_MAX + 300 }, (_, index) =>
      session(inspection, `client-${index}`),
    );
    await viewer.until(() => viewer.records('crowd').at(-1)?.[3] === TOLD_MAX + 300);
    assert.ok(viewer.records('actor').length <= TOLD_MAX);
    const counted = () =>
      (viewer.records('crowd').at(-1)?.[4] ?? []).reduce((sum, [, count]) => sum + count, 0);
    assert.equal(counted(), TOLD_MAX + 300);
    for (const each of sessions.slice(100)) each.stop();
    await viewer.until(() => viewer.records('crowd').at(-1)?.[3] === 100);
    assert.equal(counted(), 100);
  });

  it('finds one of them by a part of its name, and tells of that one when it is looked at', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    const sessions = Array.from({ length: TOLD_MAX + 50 }, (_, index) =>
      session(inspection, `client-${index}`),
    );
    await viewer.until(() => viewer.records('crowd').length > 0);
    const [[source] = [0]] = [...viewer.sources];
    viewer.say({ actors: [], search: 'CLIENT-24' });
    await viewer.until(() => viewer.records('found').length > 0);
    const [, search, total, found] = viewer.records('found').at(-1) ?? [];
    assert.deepEqual([search, total], ['CLIENT-24', 11]);
    const [number] = found?.find(([, , id]) => id === 'client-244') ?? [];
    assert.ok(number !== undefined);
    assert.ok(!viewer.records('actor').some(([, actor]) => actor === number));

    viewer.say({ actors: [[source, number]], search: '' });
    await viewer.until(() => viewer.records('actor').some(([, actor]) => actor === number));
    sessions[244]?.send({ type: 'datagram.register', from: alice });
    await viewer.until(() =>
      viewer.steps().some((step) => step.actor === number && step.event === 'datagram.register'),
    );
    sessions[245]?.send({ type: 'datagram.register', from: alice });
    clientOf(inspection).send({ type: 'transport.opened', server });
    await viewer.until(() => viewer.hasState('joining'));
    assert.ok(
      !viewer.steps().some(({ actor }) => actor === (number ?? 0) + 1),
      'the others are counted only',
    );
  });

  it('sheds steps before anything else when there are too many at once, and tells where everybody is', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    const busy = session(inspection, 'busy');
    for (let index = 0; index < 3 * GATHERED_MAX; index += 1)
      busy.send({ type: 'datagram.register', from: alice });
    busy.send({ type: 'replaced' });
    await viewer.until(() => viewer.steps().some(({ details }) => details.ended === 'done'));
    assert.ok(viewer.steps().length <= GATHERED_MAX + 2);
    const missed = viewer.records('missed').reduce((sum, [, , count]) => sum + count, 0);
    assert.ok(missed >= 2 * GATHERED_MAX - 2, `${missed} missed`);
    assert.ok(viewer.hasState('replaced'));
  });
});
