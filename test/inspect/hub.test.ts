import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { realAmbient } from '../../runtime/ambient.ts';
import { newTicket, viewerKey } from '../../runtime/inspect/gate.ts';
import { connectToHub } from '../../runtime/inspect/handshake.ts';
import type { Hub } from '../../runtime/inspect/hub.ts';
import { LINE_LENGTH_MAX } from '../../runtime/inspect/lines.ts';
import type { SourceIdentity } from '../../runtime/inspect/records.ts';
import {
  ask,
  clientOf,
  connect,
  hubAlone,
  inspected,
  opened,
  portOf,
  secret,
  server,
  ticketIn,
  until,
  view,
  viewAgain,
} from './scene.ts';

const mallory: SourceIdentity = {
  id: 'mallory',
  label: 'server',
  pid: 1,
  startedAt: 0,
  times: 'real',
  isRecorded: false,
};

describe('the hub', () => {
  it('listens at 127.0.0.1 and nowhere else', async () => {
    const hub = await hubAlone();
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ scopeid }) => !scopeid)
      .map(({ address }) => address)
      .filter((address) => address !== '127.0.0.1');
    for (const address of ['127.0.0.2', '::1', ...others]) {
      await assert.rejects(ask(hub.port, '/', { address }), `reachable at ${address}`);
    }
    assert.equal((await ask(hub.port, '/')).status, 200);
  });

  it('serves a page that can reach nothing but its hub, and no file besides', async () => {
    const hub = await hubAlone();
    const { status, headers, body } = await ask(hub.port, '/');
    assert.equal(status, 200);
    assert.doesNotMatch(body, /https?:\/\/|<script>|style=/);
    const rules = String(headers['content-security-policy']).split('; ');
    const expected = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${hub.port}`,
      "frame-src 'none'",
      "frame-ancestors 'none'",
    ];
    for (const rule of expected) assert.ok(rules.includes(rule), rule);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    for (const path of ['/hub.js', '/page/../secret.ts', '/page/..%2fsecret.ts', '/page/', '/other']) {
      assert.equal((await ask(hub.port, path)).status, 404, path);
    }
  });

  it('opens the page once for each address, under its own names and to its own page only', async () => {
    const hub = await hubAlone();
    const origin = `http://127.0.0.1:${hub.port}`;
    const exchange = (
      ticket: string,
      asked: { readonly origin?: string; readonly host?: string } = { origin },
    ) => ask(hub.port, '/key', { method: 'POST', body: ticket, ...asked });
    const ticket = newTicket(hub.port, secret);
    assert.equal((await exchange(ticket, {})).status, 403);
    assert.equal((await exchange(ticket, { origin: 'https://evil.example' })).status, 403);
    const rebound = `rebound.example:${hub.port}`;
    assert.equal((await exchange(ticket, { host: rebound, origin: `http://${rebound}` })).status, 403);
    const { status, body } = await exchange(ticket);
    assert.equal(status, 200);
    assert.equal(body, viewerKey(hub.port, secret));
    assert.equal((await exchange(ticket)).status, 403, 'a second time');
    for (const wrong of ['', '.', 'x.y', `${ticket}0`, newTicket(hub.port + 1, secret)]) {
      assert.equal((await exchange(wrong)).status, 403, wrong);
    }
    assert.deepEqual(hub.status().refused, { foreignOrigin: 2, foreignHost: 1, noKey: 6 });
  });

  it('knows a ticket that was used at the hub before it', async () => {
    const first = await inspected('server');
    const port = portOf(first);
    const second = await inspected('client alice', port);
    const ticket = ticketIn(second);
    const exchange = () =>
      ask(port, '/key', { method: 'POST', body: ticket, origin: `http://127.0.0.1:${port}` });
    assert.equal((await exchange()).status, 200);
    // What the hub has told of it comes to the other process in order with everything else.
    const client = clientOf(second);
    const viewer = await view(port);
    client.send({ type: 'transport.opened', server });
    await viewer.until(() => viewer.hasState('joining'));
    await first.close();
    await viewAgain(port);
    assert.equal((await exchange()).status, 403);
  });

  it('refuses viewers of another origin, host or user', async () => {
    const hub = await hubAlone();
    const origin = `http://127.0.0.1:${hub.port}`;
    const search = `?key=${viewerKey(hub.port, secret)}`;
    const rebound = `rebound.example:${hub.port}`;
    const refusals: [string, Record<string, string>][] = [
      [`/view${search}`, {}],
      [`/view${search}`, { Origin: 'https://stately.ai' }],
      [`/view${search}`, { Origin: 'null' }],
      [`/view${search}`, { Origin: `http://localhost:${hub.port}` }],
      [`/view${search}`, { Origin: `http://${rebound}`, Host: rebound }],
      ['/view', { Origin: origin }],
      [`/view?key=${newTicket(hub.port, secret)}`, { Origin: origin }],
      [`/view?key=${secret.prove('source', hub.port)}`, { Origin: origin }],
      [`/${search}`, { Origin: origin }],
      [`/other${search}`, { Origin: origin }],
    ];
    for (const [path, headers] of refusals) {
      await assert.rejects(connect(hub.port, path, headers), /403/, `${path} ${JSON.stringify(headers)}`);
    }
    assert.equal(hub.status().viewers, 0);
    await connect(hub.port, `/view${search}`, { Origin: origin });
    const localhost = `localhost:${hub.port}`;
    await connect(hub.port, `/view${search}`, { Origin: `http://${localhost}`, Host: localhost });
    assert.equal(hub.status().viewers, 2);
  });

  it('draws charts that its sources have told of, for viewers only', async () => {
    const inspection = await inspected('client alice');
    const port = portOf(inspection);
    const viewer = await view(port);
    clientOf(inspection);
    await viewer.until(() => viewer.records('chart').length === 1);
    const search = `?key=${viewerKey(port, secret)}`;
    const { status, body } = await ask(port, `/drawing/1/0${search}`);
    assert.equal(status, 200);
    const { svg } = JSON.parse(body) as { svg: string };
    assert.match(svg, /^<svg [\s\S]*data-state="client\.joining"/);
    assert.equal((await ask(port, '/drawing/1/0')).status, 403);
    assert.equal((await ask(port, `/drawing/1/0${search}`, { origin: 'https://evil.example' })).status, 403);
    for (const nobody of ['/drawing/1/9', '/drawing/9/0']) {
      assert.equal((await ask(port, nobody + search)).status, 404);
    }
  });

  it('refuses sources that come from a browser or do not know the secret', async () => {
    const hub = await hubAlone();
    const origin = `http://127.0.0.1:${hub.port}`;
    await assert.rejects(connect(hub.port, '/source', { Origin: origin }), /403/);
    const attempts = [
      '["word",0,"x"]',
      'no JSON',
      'null',
      JSON.stringify({ source: mallory }),
      JSON.stringify({ source: mallory, proof: secret.prove('viewer', hub.port) }),
      JSON.stringify({ source: mallory, proof: secret.prove('source', hub.port, 'another challenge') }),
    ];
    for (const attempt of attempts) {
      const socket = await connect(hub.port, '/source', {});
      const code = new Promise((resolve) => socket.once('close', resolve));
      socket.send(attempt);
      socket.send('["word",0,"x"]');
      assert.equal(await code, 1008);
    }
    assert.deepEqual(hub.status(), {
      sources: 0,
      viewers: 0,
      actors: 0,
      refused: { foreignOrigin: 1, noProof: attempts.length },
      dropped: {},
    });
  });

  it('hears from viewers what they look at, and nothing else', async () => {
    const inspection = await inspected('client alice');
    const client = clientOf(inspection);
    const [viewer, other] = [await view(portOf(inspection)), await view(portOf(inspection))];
    await viewer.until(() => viewer.steps().length === 1);
    viewer.say(['step', 1, 0, 0, 0, []]);
    viewer.say(['actor', 1, 0, 'forged', 0]);
    viewer.say({ actors: [[1, 1]], search: '', event: { type: 'stop' } });
    viewer.say({ actors: [['x', 1]], search: '' });
    viewer.say({ actors: [], search: 'x'.repeat(65) });
    viewer.say(null);
    viewer.socket.send(new Uint8Array(100));
    const pong = new Promise((resolve) => viewer.socket.once('pong', resolve));
    viewer.socket.ping();
    await pong;
    client.send({ type: 'transport.opened', server });
    await other.until(() => other.hasState('joining'));
    assert.doesNotMatch(other.texts.join('\n'), /forged|"stop"/);
    assert.equal(client.snapshot().status, 'active');
  });

  it('drops and counts what no source should send', async () => {
    const hub = await hubAlone();
    const viewer = await view(hub.port);
    const source = await sourceAlone(hub);
    source.send(['{', '[]', '["other",1]', '["step"]', '{"type":"step"}', '["word",0,"fine"]'].join('\n'));
    await viewer.until(() => viewer.records('word').length > 0);
    assert.deepEqual(hub.status().dropped, { notJson: 1, unknownKind: 4 });
    assert.equal(viewer.told.length, 1);

    source.send(JSON.stringify(['word', 1, 'x'.repeat(LINE_LENGTH_MAX)]));
    const lost = new Promise((resolve) => source.once('close', resolve));
    source.send('x'.repeat(8 * LINE_LENGTH_MAX));
    assert.equal(await lost, 1009);
    await until(() => hub.status().sources === 0);
    assert.equal(hub.status().dropped.tooLong, 2);
    assert.equal(hub.status().actors, 0, 'the actors of a source that is gone are not alive');
  });
});

async function sourceAlone(hub: Hub): Promise<WebSocket> {
  const socket = await connectToHub(hub.port, secret, mallory, realAmbient.clock);
  assert.ok(socket instanceof WebSocket);
  opened.push({ close: () => socket.terminate() });
  return socket;
}
