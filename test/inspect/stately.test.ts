import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createActor, createMachine, fromPromise } from 'xstate';
import { type StatelyInspection, startStatelyInspection } from '../../runtime/inspect/stately.ts';
import {
  ask,
  clientOf,
  linkOf,
  opened,
  portOf,
  secret,
  server,
  session,
  type Viewer,
  view,
} from './scene.ts';

describe('the bridge to the Stately Inspector', () => {
  it('tells each step in order, in its words', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(portOf(inspection));
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    client.send({ type: 'stop' });
    await viewer.until(() =>
      toldTo(viewer).some(({ event, snapshot }) => event !== undefined && snapshot?.tags?.[0] === 'stopped'),
    );
    assert.deepEqual(
      toldTo(viewer).map(({ type, event, snapshot }) => [type, event?.type, snapshot?.tags?.[0]]),
      [
        ['@xstate.actor', undefined, 'stopped'],
        ['@xstate.event', 'xstate.init', undefined],
        ['@xstate.snapshot', 'xstate.init', 'registering'],
        ['@xstate.event', 'transport.opened', undefined],
        ['@xstate.snapshot', 'transport.opened', 'awaitingAck'],
        ['@xstate.event', 'stop', undefined],
        ['@xstate.snapshot', 'stop', 'stopped'],
      ],
    );
    for (const { sessionId, rootId } of toldTo(viewer)) {
      assert.match(sessionId, /^client alice\/[0-9a-f]{16}\/x:\d+$/);
      assert.equal(rootId, sessionId, 'every actor of ours is a root');
    }
  });

  it('tells whoever comes late of every actor', async () => {
    const inspection = await inspected('server');
    const early = await view(portOf(inspection));
    for (let index = 0; index < 100; index += 1) session(inspection, `client-${index}`);
    await early.until(() => toldTo(early).length === 300);
    const late = await view(portOf(inspection));
    await late.until(() => toldTo(late).length >= 300);
    assert.equal(toldTo(late).filter(({ type }) => type === '@xstate.actor').length, 100);
  });

  it('never sends a context with a definition, and the definition whole', async () => {
    const inspection = await inspected('server');
    const viewer = await view(portOf(inspection));
    session(inspection);
    linkOf(inspection);
    const leaky = createMachine({ id: 'leaky', context: { token: 'open sesame' } });
    createActor(leaky, { inspect: inspection.inspect }).start();
    const definitions = () => toldTo(viewer).flatMap(({ definition }) => definition ?? []);
    await viewer.until(() => definitions().length === 3);
    for (const definition of definitions()) {
      assert.doesNotMatch(definition, /198\.51\.100\.7|192\.0\.2\.1|open sesame|"\[(Object|Array)\]"/);
      assert.ok(!('context' in (JSON.parse(definition) as object)));
    }
    assert.match(definitions().join(), /"greetingRetry"/);
  });

  it('does not show what people say to each other', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(portOf(inspection));
    linkOf(inspection).send({ type: 'say', text: 'between us' });
    await viewer.until(() => toldTo(viewer).some(({ event }) => event?.type === 'say'));
    assert.doesNotMatch(viewer.texts.join(), /between us/);
  });

  it('bears actors without a context, and events that JSON cannot say', async () => {
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
    await viewer.until(() => toldTo(viewer).some(({ snapshot }) => snapshot?.tags?.[0] === 'awaitingAck'));
  });

  it('is a page of its own, which may embed stately.ai and nothing else', async () => {
    const inspection = await inspected('server');
    const { status, headers, body } = await ask(portOf(inspection), '/stately');
    assert.equal(status, 200);
    assert.match(body, /<iframe id="inspector"/);
    const rules = String(headers['content-security-policy']).split('; ');
    assert.ok(rules.includes('frame-src https://stately.ai'));
    assert.ok(rules.includes("script-src 'self'"));
    assert.match(inspection.url, /\/stately#ticket=/);
  });
});

/** An event of the inspector's protocol. */
type Told = {
  readonly type: string;
  readonly sessionId: string;
  readonly rootId?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly tags?: readonly string[] };
};

function toldTo(viewer: Viewer): readonly Told[] {
  return viewer.records('stately').map(([, , event]) => event as Told);
}

async function inspected(label: string): Promise<StatelyInspection> {
  const inspection = await startStatelyInspection({ label, port: 0, secret });
  opened.push(inspection);
  return inspection;
}
