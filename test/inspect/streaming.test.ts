import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { createActor, createMachine, fromPromise } from 'xstate';
import { PunchError } from '../../runtime/errors.ts';
import { startInspection } from '../../runtime/inspect/inspection.ts';
import { newChallenge, Secret } from '../../runtime/inspect/secret.ts';
import {
  alice,
  clientOf,
  hubAlone,
  inspected,
  linkOf,
  opened,
  portOf,
  secret,
  server,
  session,
  view,
  viewAgain,
} from './scene.ts';

describe('the inspector', () => {
  it('shows the actors of several processes on one page', async () => {
    const first = await inspected('server');
    const second = await inspected('client alice', portOf(first));
    assert.equal(portOf(second), portOf(first));
    assert.deepEqual([first.isServingPage, second.isServingPage], [true, false]);
    const viewer = await view(portOf(first));
    session(first);
    clientOf(second).send({ type: 'transport.opened', server });
    await viewer.until(
      () => viewer.hasState('joining', 'client alice') && viewer.hasState('registered', 'server'),
    );
    assert.deepEqual([...viewer.sources.values()].map(({ label }) => label).sort(), [
      'client alice',
      'server',
    ]);
    assert.deepEqual(
      viewer
        .records('actor')
        .map(([, , , id]) => id)
        .sort(),
      ['alice', 'client'],
    );
    const charts = viewer.records('chart');
    assert.deepEqual(charts.map(([, , name]) => name).sort(), ['client', 'session']);
  });

  it('shows each step in order, with the transitions that were taken, what was asked for, and timers', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(portOf(inspection));
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    client.send({ type: 'datagram.registerAck', from: server, jitter: 0.5 });
    client.send({ type: 'stop' });
    await viewer.until(() => viewer.hasState('stopped'));
    const steps = viewer.steps();
    assert.deepEqual(
      steps.map(({ event, state }) => [event, state.split('.')[0]]),
      [
        ['xstate.init', 'joining'],
        ['transport.opened', 'joining'],
        ['datagram.registerAck', 'joined'],
        ['stop', 'stopped'],
      ],
    );
    const [, joining, joined, stopped] = steps;
    assert.ok(
      joining?.taken.some((id) => id.includes('transport.opened')),
      JSON.stringify(joining),
    );
    assert.deepEqual(joining?.details.emits, ['transmit']);
    assert.ok(Array.isArray(joining?.details.arms) && joining.details.arms.length > 0);
    assert.deepEqual(joined?.details.event, { from: server, jitter: 0.5 });
    assert.equal(stopped?.details.ended, 'done');
  });

  it('tells a viewer who comes late of every actor and where it is, and of those that have ended lately', async () => {
    const inspection = await inspected('server');
    const early = await view(portOf(inspection));
    const ended = session(inspection, 'ended');
    for (let index = 0; index < 100; index += 1) session(inspection, `client-${index}`);
    ended.stop();
    await early.until(() => early.steps().some(({ details }) => details.ended === 'stopped'));
    const late = await view(portOf(inspection));
    await late.until(() => late.records('step').length >= 102);
    assert.equal(late.records('actor').length, 101);
    assert.equal(new Set(late.steps().map(({ actor }) => actor)).size, 101);
    assert.ok(late.steps().every(({ state }) => !state.startsWith('(no word')));
  });

  it('delivers what happened just before its end, and goes on showing it', async () => {
    const hub = await hubAlone();
    const viewer = await view(hub.port);
    const inspection = await inspected('client alice', hub.port);
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    client.send({ type: 'stop' });
    await inspection.close();
    await viewer.until(() => viewer.hasState('stopped') && viewer.gone.size === 1);
    clientOf(inspection);
    assert.deepEqual(hub.status().dropped, {});
    const late = await view(hub.port);
    await late.until(() => late.hasState('stopped') && late.gone.size === 1);
  });

  it('goes on when the process with the hub ends, by taking over', async () => {
    const first = await inspected('server');
    const second = await inspected('client alice', portOf(first));
    const third = await inspected('client bob', portOf(first));
    const clients = [clientOf(second, 'alice'), clientOf(third, 'bob')];
    const early = await view(portOf(first));
    await early.until(() => early.sources.size === 3);
    await first.close();
    for (const client of clients) client.send({ type: 'transport.opened', server });
    const viewer = await viewAgain(portOf(second));
    await viewer.until(() =>
      ['client alice', 'client bob'].every((label) => viewer.hasState('joining', label)),
    );
    const [before, after] = [early, viewer].map(({ sources }) => [...sources.values()].map(({ id }) => id));
    assert.ok(
      after?.every((id) => before?.includes(id)),
      'a page knows them again',
    );
  });

  it('never sends a context with a definition, and the definition whole', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    session(inspection);
    clientOf(inspection);
    linkOf(inspection);
    const leaky = createMachine({ id: 'leaky', context: { token: 'open sesame' } });
    createActor(leaky, { inspect: inspection.inspect }).start();
    await viewer.until(() => viewer.records('chart').length === 4);
    for (const [, , name, definition] of viewer.records('chart')) {
      assert.doesNotMatch(definition, /198\.51\.100\.7|192\.0\.2\.1|open sesame/);
      const { context, id } = JSON.parse(definition) as { context?: unknown; id: string };
      assert.equal(context, undefined);
      assert.equal(id, name);
    }
  });

  it('does not show what people say to each other, but greetings', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(portOf(inspection));
    const link = linkOf(inspection);
    link.send({ type: 'say', text: 'between us' });
    link.send({ type: 'datagram.message', from: alice, text: 'Hello from bob' });
    inspection.sent(server, alice, new Uint8Array([2, 0, 10, ...Buffer.from('between us')]), undefined);
    await viewer.until(() => viewer.records('sent').length === 1 && viewer.steps().length === 3);
    assert.doesNotMatch(viewer.texts.join('\n'), /between us/);
    assert.match(viewer.texts.join('\n'), /Hello from bob/);
  });

  it('bears actors without a chart, and events that JSON cannot say', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    const { inspect } = inspection;
    createActor(
      fromPromise(async () => 'done'),
      { inspect },
    ).start();
    const odd = createActor(createMachine({ id: 'odd' }), { inspect }).start();
    odd.send({ type: 'odd', size: 1n });
    clientOf(inspection).send({ type: 'transport.opened', server });
    await viewer.until(() => viewer.hasState('joining'));
  });

  it('says that a port is taken by somebody else, and shows them nothing', async () => {
    let heard = '';
    const stranger = createServer((socket) => {
      socket.on('data', (data) => {
        heard += data;
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    opened.push(stranger);
    const { port } = stranger.address() as { port: number };
    await assert.rejects(
      startInspection({ label: 'server', port, secret }),
      (error) =>
        error instanceof PunchError && error.code === 'addressInUse' && error.message.includes(`${port}`),
    );
    assert.match(heard, /^GET \/source /);

    const otherUsers = await hubAlone(new Secret(newChallenge()));
    await assert.rejects(startInspection({ label: 'server', port: otherUsers.port, secret }), {
      code: 'addressInUse',
    });
    assert.equal(otherUsers.status().sources, 0);
  });
});
