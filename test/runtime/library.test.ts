import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import {
  createPeer,
  createRendezvousServer,
  formatEndpoint,
  type Link,
  type Peer,
  type PeerOptions,
  type ServerOptions,
  type Watcher,
} from '../../runtime/index.ts';
import { openUdp } from '../../runtime/udp.ts';
import { requires } from '../support/requirements.ts';

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const ipv6 = requires(
  'IPv6',
  HAS_IPV6 ? undefined : 'this machine has no ::1, enable IPv6 on its loopback interface',
);

describe('a server and two peers on this machine', () => {
  const meetings: [where: string, host: string, address: string, options: { skip?: string }][] = [
    ['over IPv4', '127.0.0.1', '127.0.0.1', {}],
    ['over IPv6', '::1', '::1', ipv6],
    ['over IPv4 at a server on all addresses', '::', '127.0.0.1', ipv6],
    ['over IPv6 at a server on all addresses', '::', '::1', ipv6],
  ];
  for (const [where, host, address, options] of meetings) {
    test(`connect and talk ${where}`, options, async () => {
      await withServer({ host }, async (port) => {
        const server = formatEndpoint({ address, port });
        await withPeers(
          [
            { name: 'alice', server },
            { name: 'bob', server },
          ],
          async ([alice, bob]) => {
            await bob.registered;
            const link = await alice.connect('bob');
            const called = await first(bob.links);
            await called.connected;
            assert.equal(called.peer, 'alice');
            link.send('hello');
            assert.equal(await first(called.messages), 'hello');
            called.send('hello yourself');
            assert.equal(await first(link.messages), 'hello yourself');
          },
        );
      });
    });
  }

  test('tell their states in order', async () => {
    await withServer({ host: '127.0.0.1' }, async (port) => {
      const server = { address: '127.0.0.1', port };
      await withPeers(
        [
          { name: 'alice', server },
          { name: 'bob', server },
        ],
        async ([alice, bob]) => {
          await bob.registered;
          const link = await alice.connect('bob');
          link.close();
          await alice.close();
          const states: string[] = [];
          for await (const { state } of alice.states) states.push(state);
          for await (const { state } of link.states) states.push(state);
          assert.deepEqual(states, [
            'registering',
            'knocking',
            'awaitingAck',
            'registered',
            'stopped',
            'requesting',
            'punching',
            'connected',
            'closed',
          ]);
        },
      );
    });
  });

  test('are found by name as well as by address', async () => {
    await withServer({ host: 'localhost' }, async (port) => {
      await withPeers(
        [
          { name: 'alice', server: `localhost:${port}` },
          { name: 'bob', server: `localhost:${port}` },
        ],
        async ([alice, bob]) => {
          await bob.registered;
          await alice.connect('bob');
        },
      );
    });
  });

  test('are seen in the server’s status', async () => {
    const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, maxClients: 7 });
    const peer = createPeer({ name: 'alice', server: server.endpoint });
    await peer.registered;
    const { clients, maxClients, registrations } = server.status();
    assert.deepEqual({ clients, maxClients, registrations }, { clients: 1, maxClients: 7, registrations: 1 });
    await peer.close();
    await server.close();
  });

  test('show their charts to whoever inspects them', async () => {
    const ids = new Set<string>();
    const inspect: Watcher['inspect'] = ({ actorRef }) =>
      void ids.add(String('id' in actorRef ? actorRef.id : ''));
    const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, inspect });
    const peer = createPeer({ name: 'alice', server: server.endpoint, inspect });
    await peer.registered;
    assert.deepEqual([...ids].sort(), ['alice/client', 'server/alice']);
    await peer.close();
    await server.close();
  });
});

test('a server’s endpoint may be spelled in any way', async (t) => {
  await withServer({ host: '127.0.0.1' }, async (port) => {
    const peer = createPeer({ name: 'alice', server: { address: '::ffff:7f00:1', port }, timeoutMs: 5000 });
    t.after(() => peer.close());
    await peer.registered;
  });
});

test('a peer sends from the local address it is told', async () => {
  const free = await openUdp('127.0.0.1', 0);
  await free.close();
  await withServer({ host: '127.0.0.1' }, async (port) => {
    const server = { address: '127.0.0.1', port };
    const peer = createPeer({ name: 'alice', server, bind: formatEndpoint(free.local) });
    await peer.registered;
    assert.deepEqual(peer.local, free.local);
    await peer.close();
  });
});

async function withServer(options: ServerOptions, run: (port: number) => Promise<void>): Promise<void> {
  const server = await createRendezvousServer({ ...options, port: 0 });
  try {
    await run(server.endpoint.port);
  } finally {
    await server.close();
  }
}

async function withPeers(
  options: readonly [PeerOptions, PeerOptions],
  run: (peers: [Peer, Peer]) => Promise<void>,
): Promise<void> {
  const peers = options.map((each) => createPeer(each)) as [Peer, Peer];
  try {
    await run(peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

async function first<Item extends Link | string>(feed: AsyncIterable<Item>): Promise<Item> {
  for await (const item of feed) return item;
  throw new Error('the feed has ended');
}
