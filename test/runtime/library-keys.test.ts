import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  createPeer,
  createRendezvousServer,
  formatEndpoint,
  type Link,
  openAcceptRule,
  openKeyFile,
  openKnownKeys,
  type Peer,
  type PeerOptions,
  parseKey,
  type RendezvousServer,
  type ServerOptions,
} from '../../runtime/index.ts';
import { punchError } from './scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'punch-library-'));
after(() => rmSync(folder, { recursive: true }));

const open: (Peer | RendezvousServer)[] = [];
after(() => Promise.all(open.map((one) => one.close())));

describe('a server of the library', () => {
  test('has a key, which peers can demand', async () => {
    const server = await start();
    const place = formatEndpoint(server.endpoint);
    const alice = enter({ server: `${place}#${server.key}`, name: 'alice' });
    await alice.registered;
    const other = await start();
    const bob = enter({ server: `${place}#${other.key}`, name: 'bob' });
    await assert.rejects(bob.registered, punchError('serverKeyChanged', /than you were given/));
  });

  test('keeps its key and its leases in a directory', async () => {
    const data = join(folder, 'data');
    const first = await start({ data });
    const bob = enter({ server: first.endpoint, name: 'bob' });
    await bob.registered;
    await bob.close();
    await first.close();
    const second = await start({ data });
    assert.equal(second.key, first.key);
    const other = enter({ server: second.endpoint, name: 'bob' });
    await assert.rejects(other.registered, punchError('nameTaken', /belongs to another key/));
  });

  test('has none if it speaks protocol 1 alone, and does not answer peers of protocol 2', async () => {
    const server = await start({ protocols: [1] });
    assert.equal(server.key, undefined);
    const old = enter({ server: server.endpoint, name: 'alice', protocol: 1 });
    await old.registered;
    const now = enter({ server: server.endpoint, name: 'bob', timeoutMs: 500 });
    await assert.rejects(now.registered, punchError('noServer', /answers protocol 1 only/));
  });

  test('serves both protocols if told to', async () => {
    const server = await start({ protocols: [1, 2] });
    for (const [protocol, from, to] of [
      [1, 'alice', 'bob'],
      [2, 'carol', 'dave'],
    ] as const) {
      const called = enter({ server: server.endpoint, name: to, protocol });
      await called.registered;
      await enter({ server: server.endpoint, name: from, protocol }).connect(to);
    }
  });
});

describe('a link of the library', () => {
  test('tells what has arrived, and what nobody knows of', async () => {
    const { link, called } = await connected();
    await link.send('hello');
    called.close();
    const sent = link.send('too late');
    await assert.rejects(sent, punchError('undelivered', /Nobody knows whether this has reached bob/));
    assert.equal((await link.ended)?.code, 'left');
  });

  test('carries datagrams beside lines', async () => {
    const { link, called } = await connected();
    link.sendDatagram(Uint8Array.of(1, 2, 3));
    assert.deepEqual([...(await first(called.datagrams))], [1, 2, 3]);
    assert.throws(() => link.sendDatagram(new Uint8Array(1166)), punchError('tooLong'));
    assert.throws(() => link.send('x'.repeat(1001)), punchError('badText', /a line carries 1000/));
  });

  test('has neither without keys', async () => {
    const server = await start({ protocols: [1] });
    const bob = enter({ server: server.endpoint, name: 'bob', protocol: 1 });
    await bob.registered;
    const link = await enter({ server: server.endpoint, name: 'alice', protocol: 1 }).connect('bob');
    assert.throws(() => link.sendDatagram(Uint8Array.of(1)), punchError('unsupported'));
    assert.throws(() => link.send('x'.repeat(127)), punchError('badText'));
  });
});

describe('trust in the library', () => {
  test('is written down where it is told to be, and held to', async () => {
    const server = await start();
    const file = join(folder, 'known');
    const keys = await openKeyFile(join(folder, 'key'), randomBytes);
    const options = { server: server.endpoint, keys, name: 'alice' };
    const bob = enter({ server: server.endpoint, name: 'bob' });
    await bob.registered;
    const alice = enter({ ...options, knownKeys: await openKnownKeys(file) });
    await alice.connect('bob');
    await alice.close();
    await bob.close();
    assert.match(
      readFileSync(file, 'utf8'),
      /^server 127\.0\.0\.1:\d+ \S{43}\npeer bob@127\.0\.0\.1:\d+ \S{43}\n$/,
    );

    const { port } = server.endpoint;
    await server.close();
    const other = await start({ port });
    const again = enter({ server: other.endpoint, name: 'alice', knownKeys: await openKnownKeys(file) });
    await assert.rejects(
      again.registered,
      punchError('keyChanged', /Line 1 of .* remembers .* remove the line/),
    );
  });

  test('can be demanded of a peer by its key', async () => {
    const server = await start();
    const keys = await openKeyFile(join(folder, 'bob'), randomBytes);
    const bob = enter({ server: server.endpoint, name: 'bob', keys });
    await bob.registered;
    const alice = enter({ server: server.endpoint, name: 'alice', timeoutMs: 1500 });
    await alice.connect('bob', { key: keys.publicKey });
    const carol = enter({ server: server.endpoint, name: 'carol', timeoutMs: 1500 });
    const wrong = parseKey(server.key ?? '') ?? new Uint8Array();
    await assert.rejects(
      carol.connect('bob', { key: wrong }),
      punchError('peerUnknown', /does not take calls/),
    );
  });

  test('can be a rule for callers', async () => {
    const server = await start();
    const keys = await openKeyFile(join(folder, 'friend'), randomBytes);
    const accept = { accepts: (key: Uint8Array) => Buffer.compare(key, keys.publicKey) === 0 };
    const bob = enter({ server: server.endpoint, name: 'bob', accept });
    await bob.registered;
    const stranger = enter({ server: server.endpoint, name: 'carol', timeoutMs: 1500 });
    await assert.rejects(stranger.connect('bob'), punchError('peerUnknown'));
    await enter({ server: server.endpoint, name: 'alice', keys }).connect('bob');
    await assert.rejects(
      openAcceptRule('friends', { isKnownPeer: () => false }),
      punchError('badAddress', /any, known or list FILE/),
    );
  });
});

async function start(options: ServerOptions = {}): Promise<RendezvousServer> {
  const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, ...options });
  open.push(server);
  return server;
}

/** A peer that is closed after the tests. */
function enter(options: PeerOptions): Peer {
  const peer = createPeer(options);
  open.unshift(peer);
  return peer;
}

/** Alice's link to bob, and bob's to alice. */
async function connected(): Promise<{ readonly link: Link; readonly called: Link }> {
  const server = await start();
  const bob = enter({ server: server.endpoint, name: 'bob' });
  await bob.registered;
  const link = await enter({ server: server.endpoint, name: 'alice' }).connect('bob');
  const called = await first(bob.links);
  await called.connected;
  return { link, called };
}

async function first<Item>(feed: AsyncIterable<Item>): Promise<Item> {
  for await (const item of feed) return item;
  throw new Error('the feed has ended');
}
