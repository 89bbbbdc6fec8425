import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { WebSocket } from 'ws';
import { createActor, createMachine, fromPromise } from 'xstate';
import { clientMachine } from '../machines/client.ts';
import { linkMachine } from '../machines/link.ts';
import { sessionMachine } from '../machines/session.ts';
import { type Clock, pause, realAmbient } from '../runtime/ambient.ts';
import { PunchError } from '../runtime/errors.ts';
import { ACTORS_MAX, Board, STEPS_MAX } from '../runtime/inspect/board.ts';
import { BACKLOG_BYTES_MAX, Follower } from '../runtime/inspect/follower.ts';
import { FRAME_BYTES_MAX, type Frame } from '../runtime/inspect/frames.ts';
import { connectToRelay } from '../runtime/inspect/handshake.ts';
import { Relay } from '../runtime/inspect/relay.ts';
import { newChallenge, Secret, userSecret } from '../runtime/inspect/secret.ts';
import { type Inspection, startInspection } from '../runtime/inspect/stately.ts';
import { enact, type Live } from '../runtime/stage.ts';

const secret = new Secret(newChallenge());
const server = { address: '192.0.2.1', port: 39_738 };
const alice = { address: '198.51.100.7', port: 5_000 };

/** What a test has opened, closed after it in reverse order. */
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

describe('the inspector', () => {
  it('shows the actors of several processes on one page, under ids of their own', async () => {
    const first = await inspected('server');
    const second = await inspected('client alice', portOf(first));
    assert.equal(second.url, first.url);
    const viewer = await view(first.url);
    session(first);
    const client = clientOf(second);
    client.send({ type: 'transport.opened', server });

    const frames = await viewer.until((seen) => seen.some(isState('awaitingAck')));
    const registrations = frames.filter(({ type }) => type === '@xstate.actor');
    const [ofServer, ofClient] = registrations.map(({ sessionId }) => sessionId);
    assert.match(String(ofServer), /^server\/\d+\/x:\d+$/);
    assert.match(String(ofClient), /^client alice\/\d+\/x:\d+$/);
    for (const frame of frames) {
      assert.equal(frame.rootId, frame.sessionId, 'every actor of ours is a root');
      assert.equal(frame.parentId, undefined);
    }
    assert.deepEqual(
      registrations.map(({ name }) => name),
      ['alice', 'client'],
    );
  });

  it('shows each step in order', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(inspection.url);
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    client.send({ type: 'datagram.registerAck', from: server, jitter: 0.5 });
    client.send({ type: 'stop' });
    const frames = await viewer.until((seen) => seen.some(isState('stopped')));
    assert.deepEqual(
      frames.map((frame) => [frame.type, frame.event?.type, stateOf(frame)]),
      [
        ['@xstate.actor', undefined, 'stopped'],
        ['@xstate.event', 'xstate.init', undefined],
        ['@xstate.snapshot', 'xstate.init', 'registering'],
        ['@xstate.event', 'transport.opened', undefined],
        ['@xstate.snapshot', 'transport.opened', 'awaitingAck'],
        ['@xstate.event', 'datagram.registerAck', undefined],
        ['@xstate.snapshot', 'datagram.registerAck', 'registered'],
        ['@xstate.event', 'stop', undefined],
        ['@xstate.snapshot', 'stop', 'stopped'],
      ],
    );
  });

  it('tells a viewer who comes late of every live actor and where it is, and of none that has ended', async () => {
    const inspection = await inspected('server');
    const early = await view(inspection.url);
    const ended = session(inspection, 'ended');
    for (let index = 0; index < 300; index += 1) session(inspection, `client-${index}`);
    const busy = clientOf(inspection);
    // Two steps each: as many as are remembered, so that the others' are forgotten.
    for (let index = 0; index < STEPS_MAX / 2; index += 1)
      busy.send({ type: 'datagram.holePunchResponseUnknown', from: alice });
    busy.send({ type: 'transport.opened', server });
    ended.stop();
    await early.until((seen) => seen.some(isEndOf('stopped')));

    const late = await view(inspection.url);
    const isLive = (frame: Received) => frame.type === '@xstate.actor';
    const frames = await late.until((seen) => seen.length > 602);
    assert.equal(
      frames.findIndex((frame) => !isLive(frame)),
      301,
      'registrations come first',
    );
    assert.ok(!frames.some(({ name }) => name === 'ended'));
    const latest = frames.slice(301, 602);
    assert.equal(new Set(latest.map(({ sessionId }) => sessionId)).size, 301, 'then one snapshot for each');
    assert.deepEqual(new Set(latest.map(stateOf)), new Set(['registered', 'awaitingAck']));
  });

  it('delivers what happened just before its end', async () => {
    const relay = await relayAlone();
    const viewer = await view(relay.url);
    const inspection = await inspected('client alice', relay.port);
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    client.send({ type: 'stop' });
    await inspection.close();
    await viewer.until((seen) => seen.some(isState('stopped')));
    inspection.inspect({} as Parameters<Inspection['inspect']>[0]);
    assert.deepEqual(relay.status().dropped, {});
  });

  it('goes on when the process with the relay ends, by taking over', async () => {
    const first = await inspected('server');
    const second = await inspected('client alice', portOf(first));
    const third = await inspected('client bob', portOf(first));
    const clients = [clientOf(second, 'alice'), clientOf(third, 'bob')];
    await (await view(first.url)).until((seen) => seen.some(isOf('client bob')));
    await first.close();
    clients.forEach((client) => {
      client.send({ type: 'transport.opened', server });
    });
    const viewer = await viewAgain(second.url);
    await viewer.until((seen) =>
      ['client alice', 'client bob'].every((label) =>
        seen.some((frame) => isOf(label)(frame) && isState('awaitingAck')(frame)),
      ),
    );
  });

  it('never sends a context with a definition, and the definition whole', async () => {
    const inspection = await inspected('server');
    const viewer = await view(inspection.url);
    session(inspection);
    clientOf(inspection);
    linkOf(inspection);
    const leaky = createMachine({ id: 'leaky', context: { token: 'open sesame' } });
    createActor(leaky, { inspect: inspection.inspect }).start();
    const frames = await viewer.until(
      (seen) => seen.filter(({ type }) => type === '@xstate.actor').length === 4,
    );
    for (const { definition = '' } of frames) {
      assert.doesNotMatch(definition, /198\.51\.100\.7|192\.0\.2\.1|open sesame|"\[(Object|Array)\]"/);
      if (definition !== '') assert.ok(!('context' in (JSON.parse(definition) as object)));
    }
    const deepest = frames.find(({ name }) => name === 'link:bob')?.definition ?? '';
    assert.match(deepest, /"greetingRetry"/);
  });

  it('does not show what people say to each other', async () => {
    const inspection = await inspected('client alice');
    const viewer = await view(inspection.url);
    linkOf(inspection).send({ type: 'say', text: 'between us' });
    const frames = await viewer.until((seen) => seen.some(({ event }) => event?.type === 'say'));
    assert.doesNotMatch(JSON.stringify(frames), /between us/);
  });

  it('bears actors without a context, and events that JSON cannot say', async () => {
    const inspection = await inspected('server');
    const viewer = await view(inspection.url);
    const { inspect } = inspection;
    createActor(
      fromPromise(async () => 'done'),
      { inspect },
    ).start();
    const odd = createActor(createMachine({ id: 'odd' }), { inspect }).start();
    odd.send({ type: 'odd', size: 1n });
    const client = clientOf(inspection);
    client.send({ type: 'transport.opened', server });
    await viewer.until((seen) => seen.some(isState('awaitingAck')));
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

    const otherUsers = await relayAlone(new Secret(newChallenge()));
    await assert.rejects(startInspection({ label: 'server', port: otherUsers.port, secret }), {
      code: 'addressInUse',
    });
    assert.equal(otherUsers.status().sources, 0);
  });
});

describe('the relay', () => {
  it('listens at 127.0.0.1 and nowhere else', async () => {
    const relay = await relayAlone();
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ scopeid }) => !scopeid)
      .map(({ address }) => address)
      .filter((address) => address !== '127.0.0.1');
    for (const address of ['127.0.0.2', '::1', ...others]) {
      await assert.rejects(get(relay.port, '/', { address }), `reachable at ${address}`);
    }
    assert.equal((await get(relay.port, '/')).status, 403);
  });

  it('shows the page to whoever has its whole address, under its own names only', async () => {
    const relay = await relayAlone();
    const { pathname, search } = new URL(relay.url);
    const path = pathname + search;
    const statusFor = async (asked: string, host?: string) =>
      (await get(relay.port, asked, host === undefined ? {} : { host })).status;
    assert.equal(await statusFor(path), 200);
    assert.equal(await statusFor(path, `localhost:${relay.port}`), 200);
    assert.equal(await statusFor('/'), 403);
    assert.equal(await statusFor('/?key=0'), 403);
    assert.equal(await statusFor(path, `rebound.example:${relay.port}`), 403);
    assert.equal(await statusFor(path, '127.0.0.1'), 403);
    assert.equal(await statusFor(`/other${search}`), 403);
    assert.equal(await statusFor(`/view${search}`), 403);
    assert.deepEqual(relay.status().refused, { noKey: 2, foreignHost: 2, noPage: 1, foreignOrigin: 1 });
  });

  it('refuses viewers of another origin, host or user', async () => {
    const relay = await relayAlone();
    const origin = `http://127.0.0.1:${relay.port}`;
    const { search } = new URL(relay.url);
    const refusals: [string, Record<string, string>][] = [
      [`/view${search}`, {}],
      [`/view${search}`, { Origin: 'https://stately.ai' }],
      [`/view${search}`, { Origin: 'null' }],
      [`/view${search}`, { Origin: `http://localhost:${relay.port}` }],
      [
        `/view${search}`,
        { Origin: `http://rebound.example:${relay.port}`, Host: `rebound.example:${relay.port}` },
      ],
      ['/view', { Origin: origin }],
      [`/view?key=${secret.prove('source', relay.port)}`, { Origin: origin }],
      [`/${search}`, { Origin: origin }],
      [`/other${search}`, { Origin: origin }],
    ];
    for (const [path, headers] of refusals) {
      await assert.rejects(connect(relay.port, path, headers), /403/, `${path} ${JSON.stringify(headers)}`);
    }
    assert.equal(relay.status().viewers, 0);
    await connect(relay.port, `/view${search}`, { Origin: origin });
    await connect(relay.port, `/view${search}`, {
      Origin: `http://localhost:${relay.port}`,
      Host: `localhost:${relay.port}`,
    });
    assert.equal(relay.status().viewers, 2);
  });

  it('refuses sources that come from a browser or do not know the secret', async () => {
    const relay = await relayAlone();
    const origin = `http://127.0.0.1:${relay.port}`;
    await assert.rejects(connect(relay.port, '/source', { Origin: origin }), /403/);
    const prefix = 'mallory/1/';
    const attempts = [
      frameText(prefix),
      'no JSON',
      'null',
      JSON.stringify({ prefix }),
      JSON.stringify({ prefix, proof: secret.prove('viewer', relay.port) }),
      JSON.stringify({ prefix, proof: secret.prove('source', relay.port, 'another challenge') }),
    ];
    for (const attempt of attempts) {
      const socket = await connect(relay.port, '/source', {});
      const code = new Promise((resolve) => socket.once('close', resolve));
      socket.send(attempt);
      socket.send(frameText(prefix));
      assert.equal(await code, 1008);
    }
    assert.deepEqual(relay.status(), {
      sources: 0,
      viewers: 0,
      actors: 0,
      refused: { foreignOrigin: 1, noProof: attempts.length },
      dropped: {},
    });
  });

  it('does nothing with what a viewer sends', async () => {
    const inspection = await inspected('client alice');
    const client = clientOf(inspection);
    const [viewer, other] = [await view(inspection.url), await view(inspection.url)];
    const [{ sessionId } = {}] = await viewer.until((seen) => seen.length > 0);
    viewer.socket.send(JSON.stringify({ type: '@xstate.event', sessionId, event: { type: 'stop' } }));
    viewer.socket.send(
      JSON.stringify({ type: '@xstate.actor', sessionId, name: 'forged', definition: '{}' }),
    );
    viewer.socket.send(new Uint8Array(100));
    const pong = new Promise((resolve) => viewer.socket.once('pong', resolve));
    viewer.socket.ping();
    await pong;
    client.send({ type: 'transport.opened', server });
    const frames = await other.until((seen) => seen.some(isState('awaitingAck')));
    assert.ok(!frames.some(({ event, name }) => event?.type === 'stop' || name === 'forged'));
    assert.equal(client.snapshot().status, 'active');
  });

  it('drops and counts what no source should send', async () => {
    const relay = await relayAlone();
    const viewer = await view(relay.url);
    const source = await sourceAlone(relay, 'a/1/');
    for (const text of ['{', '[]', '{"type":"@xstate.other"}', frameText('b/1/'), frameText('a/1/')])
      source.send(text);
    await viewer.until((seen) => seen.length > 0);
    assert.deepEqual(relay.status().dropped, { notJson: 1, unknownType: 2, foreignActor: 1 });
    assert.equal(viewer.frames.length, 1);

    const lost = new Promise((resolve) => source.once('close', resolve));
    source.send('x'.repeat(FRAME_BYTES_MAX + 1));
    assert.equal(await lost, 1009);
    assert.equal(relay.status().dropped.tooLong, 1);
    await until(() => relay.status().sources === 0);
    assert.equal(relay.status().actors, 0, 'the actors of a source that is gone are forgotten');
  });
});

describe('the memory of the relay', () => {
  it('forgets the actors that were idle longest when there are too many, and the oldest steps', () => {
    const board = new Board();
    for (let index = 0; index < ACTORS_MAX; index += 1) board.record(frameOf('registration', `${index}`));
    board.record(frameOf('snapshot', '0'));
    board.record(frameOf('registration', 'one more'));
    board.record(frameOf('snapshot', '1'));
    assert.equal(board.size, ACTORS_MAX);
    const kept = new Set([...board.essentials()].map(({ actor }) => actor));
    assert.deepEqual([kept.has('0'), kept.has('1'), kept.has('one more')], [true, false, true]);
    for (let index = 0; index < 2 * STEPS_MAX; index += 1) board.record(frameOf('event', '0'));
    const steps = [...board.everything()].length - [...board.essentials()].length;
    assert.equal(steps, STEPS_MAX);
  });

  it('lets a slow viewer miss steps, and then tells it again who has ended and where the others are', () => {
    const board = new Board();
    const outlet = new SlowOutlet();
    const follower = new Follower(outlet, board);
    const tell = (frame: Frame) => {
      board.record(frame);
      follower.follow(frame);
    };
    const step = { ...frameOf('snapshot', 'live'), text: 'x'.repeat(50_000) };
    const end = { ...frameOf('snapshot', 'ended'), isLast: true };
    tell(frameOf('registration', 'ended'));
    tell(frameOf('registration', 'live'));
    for (let index = 0; index < 1_000; index += 1) tell(step);
    tell(end);
    assert.ok(outlet.bufferedAmount <= BACKLOG_BYTES_MAX + step.text.length);
    assert.ok(follower.missed > 900);
    const sent = outlet.texts.length;
    outlet.drain();
    const caughtUp = [end.text, 'registration of live', step.text];
    assert.deepEqual(outlet.texts.slice(sent), caughtUp);
    tell(step);
    assert.equal(outlet.texts.length, sent + caughtUp.length + 1);
  });
});

describe('the secret of a user', () => {
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'punch-secret-'));
  });
  after(() => rm(base, { recursive: true }));

  it('is the same for all processes that ask at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => userSecret(base)));
    assert.equal(new Set(secrets.map((each) => each.prove('viewer'))).size, 1);
  });

  it('is refused when others could have read it', { skip: process.getuid === undefined }, async () => {
    const directory = join(base, `udp-hole-punch-${process.getuid?.()}`);
    await chmod(join(directory, 'inspector-key'), 0o644);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /open to other users/ });
    await chmod(directory, 0o755);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /Remove that directory/ });
    await rm(directory, { recursive: true });
    await symlink(tmpdir(), directory);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /is no directory/ });
  });
});

describe('the bridge page', () => {
  it('embeds the Stately Inspector and allows nothing else', async () => {
    const { body, headers, script, port } = await page();
    assert.match(body, /<iframe [^>]*src="https:\/\/stately\.ai\/inspect"/);
    const hash = createHash('sha256').update(script).digest('base64');
    const policy = String(headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      `script-src 'sha256-${hash}'`,
      'frame-src https://stately.ai',
      `connect-src ws://127.0.0.1:${port}`,
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.split('; ').includes(rule), rule);
    }
    assert.equal(headers['referrer-policy'], 'no-referrer');
  });

  it('forwards frames to the inspector alone, from when it listens', async () => {
    const browser = fakeBrowser((await page()).script);
    const connected = { type: '@statelyai.connected' };
    browser.message({ source: {}, origin: 'https://stately.ai', data: connected });
    browser.message({ source: browser.inspector, origin: 'https://evil.example', data: connected });
    browser.message({ source: browser.inspector, origin: 'https://stately.ai', data: { type: 'other' } });
    assert.equal(browser.streams.length, 0);
    browser.message({ source: browser.inspector, origin: 'https://stately.ai', data: connected });
    assert.deepEqual(
      browser.streams.map(({ url }) => url),
      ['ws://127.0.0.1:39739/view?key=k'],
    );
    browser.streams[0]?.onmessage?.({ data: '{"type":"@xstate.actor"}' });
    assert.deepEqual(browser.posted, [['{"type":"@xstate.actor"}', 'https://stately.ai']]);
  });

  it('starts the inspector afresh when another process has taken over', async () => {
    const browser = fakeBrowser((await page()).script);
    browser.message({
      source: browser.inspector,
      origin: 'https://stately.ai',
      data: { type: '@statelyai.connected' },
    });
    browser.streams[0]?.onclose?.();
    browser.runTimers();
    browser.streams[1]?.onclose?.();
    browser.runTimers();
    assert.equal(browser.loads, 0);
    browser.streams[2]?.onopen?.();
    assert.equal(browser.loads, 1);
    browser.runTimers();
    assert.equal(browser.streams.length, 3);
  });
});

/** An event as a viewer gets it. */
type Received = {
  readonly type: string;
  readonly sessionId: string;
  readonly rootId?: string;
  readonly parentId?: string;
  readonly name?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string; readonly tags?: readonly string[] };
};

class Viewer {
  readonly socket: WebSocket;
  readonly frames: Received[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Received));
  }

  async until(isEnough: (frames: readonly Received[]) => boolean): Promise<readonly Received[]> {
    while (!isEnough(this.frames)) await new Promise((resolve) => this.socket.once('message', resolve));
    return [...this.frames];
  }
}

class SlowOutlet {
  readonly texts: string[] = [];
  bufferedAmount = 0;
  readonly #waiting: (() => void)[] = [];

  send(text: string, sent: () => void): void {
    this.texts.push(text);
    this.bufferedAmount += text.length;
    this.#waiting.push(sent);
  }

  drain(): void {
    this.bufferedAmount = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }
}

async function inspected(label: string, port = 0): Promise<Inspection> {
  const inspection = await startInspection({ label, port, secret });
  opened.push(inspection);
  return inspection;
}

async function relayAlone(itsSecret = secret): Promise<Relay> {
  const relay = await Relay.open({ port: 0, secret: itsSecret, clock: realAmbient.clock });
  opened.push(relay);
  return relay;
}

async function sourceAlone(relay: Relay, prefix: string): Promise<WebSocket> {
  const socket = await connectToRelay(relay.port, secret, prefix, realAmbient.clock);
  assert.ok(socket instanceof WebSocket);
  opened.push({ close: () => socket.terminate() });
  return socket;
}

async function view(url: string): Promise<Viewer> {
  const { origin, port, search } = new URL(url);
  const socket = dial(Number(port), `/view${search}`, { Origin: origin });
  // Listens from the start: the first frames may come together with the answer to the request.
  const viewer = new Viewer(socket);
  await whenOpen(socket);
  return viewer;
}

/** As the page does when its relay has ended. */
async function viewAgain(url: string): Promise<Viewer> {
  for (;;) {
    try {
      return await view(url);
    } catch {
      await pause(realAmbient.clock, 5);
    }
  }
}

function connect(port: number, path: string, headers: Record<string, string>): Promise<WebSocket> {
  return whenOpen(dial(port, path, headers));
}

function dial(port: number, path: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  opened.push({ close: () => socket.terminate() });
  return socket;
}

function whenOpen(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(realAmbient.clock, 1);
}

/** Time that stands still: no chart moves unless it is told to. */
const stillClock: Clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} };

function stageOf({ inspect }: Inspection) {
  return { clock: stillClock, random: () => 0, inspect };
}

function session(inspection: Inspection, name = 'alice'): Live<typeof sessionMachine> {
  return enact(
    stageOf(inspection),
    sessionMachine,
    name,
    { name, client: alice, ttlMs: 90_000 },
    { perform() {} },
  );
}

function clientOf(inspection: Inspection, name = 'alice'): Live<typeof clientMachine> {
  return enact(stageOf(inspection), clientMachine, 'client', { name, patienceMs: 60_000 }, { perform() {} });
}

function linkOf(inspection: Inspection): Live<typeof linkMachine> {
  const input = {
    name: 'alice',
    peer: 'bob',
    server,
    remote: null,
    patienceMs: 60_000,
    punchBudgetMs: 30_000,
  };
  return enact(stageOf(inspection), linkMachine, 'link:bob', input, { perform() {} });
}

function portOf({ url }: Inspection): number {
  return Number(new URL(url).port);
}

function stateOf({ snapshot }: Received): string | undefined {
  return snapshot?.tags?.[0];
}

function isState(state: string): (frame: Received) => boolean {
  return (frame) => frame.type === '@xstate.snapshot' && stateOf(frame) === state;
}

function isEndOf(status: string): (frame: Received) => boolean {
  return (frame) => frame.type === '@xstate.snapshot' && frame.snapshot?.status === status;
}

function isOf(label: string): (frame: Received) => boolean {
  return ({ sessionId }) => sessionId.startsWith(`${label}/`);
}

function frameOf(kind: Frame['kind'], actor: string): Frame {
  return { kind, actor, isLast: false, text: `${kind} of ${actor}` };
}

function frameText(prefix: string): string {
  return JSON.stringify({ type: '@xstate.actor', sessionId: `${prefix}x:0` });
}

function get(port: number, path: string, { host = `127.0.0.1:${port}`, address = '127.0.0.1' } = {}) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const asked = request({ host: address, port, path, headers: { host }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

async function page() {
  const { port, url } = await relayAlone();
  const { headers, body } = await get(port, `/${new URL(url).search}`);
  const script = /<script>([\s\S]*)<\/script>/.exec(body)?.[1] ?? '';
  return { port, headers, body, script };
}

type FakeStream = {
  readonly url: string;
  onmessage?: (event: { data: string }) => void;
  onopen?: () => void;
  onclose?: (() => void) | null;
};

/** As much of a browser as the page's script uses. */
function fakeBrowser(script: string) {
  const streams: FakeStream[] = [];
  const posted: [string, string][] = [];
  const timers: (() => void)[] = [];
  const listeners: ((event: object) => void)[] = [];
  const inspector = {
    postMessage: (data: unknown, origin: string) => posted.push([JSON.stringify(data), origin]),
  };
  let loads = 0;
  const iframe = {
    contentWindow: inspector,
    get src() {
      return 'https://stately.ai/inspect';
    },
    set src(_url) {
      loads += 1;
    },
  };
  class FakeWebSocket implements FakeStream {
    readonly url: string;
    constructor(url: string) {
      this.url = url;
      streams.push(this);
    }
    close() {}
  }
  const notice = { hidden: false, textContent: '' };
  const globals = createContext({
    document: { getElementById: (id: string) => (id === 'inspector' ? iframe : notice) },
    location: { host: '127.0.0.1:39739', search: '?key=k' },
    WebSocket: FakeWebSocket,
    URL,
    setTimeout: (run: () => void) => timers.push(run),
    window: {
      addEventListener: (_: 'message', listener: (event: object) => void) => listeners.push(listener),
    },
  });
  runInContext(script, globals);
  return {
    inspector,
    streams,
    posted,
    get loads() {
      return loads;
    },
    message: (event: object) => listeners.forEach((listener) => void listener(event)),
    runTimers: () => timers.splice(0).forEach((run) => void run()),
  };
}
