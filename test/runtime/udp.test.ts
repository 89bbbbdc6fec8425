import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import type { Transport } from '../../runtime/transport.ts';
import { openUdp } from '../../runtime/udp.ts';
import { requires } from '../support/requirements.ts';
import { punchError } from './scene.ts';

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const ipv6 = requires(
  'IPv6',
  HAS_IPV6 ? undefined : 'this machine has no ::1, enable IPv6 on its loopback interface',
);

describe('a UDP socket', () => {
  test('carries datagrams over IPv4, unchanged', () => conversation('127.0.0.1', '127.0.0.1'));
  test('carries datagrams over IPv6, unchanged', ipv6, () => conversation('::1', '::1'));

  test('on all addresses sees IPv4 as IPv4 and can answer it', ipv6, async () => {
    await withSockets(['::', '127.0.0.1'], async ([server, client]) => {
      client.transport.send({ address: '127.0.0.1', port: server.transport.local.port }, Uint8Array.of(1));
      const { from } = await server.next();
      assert.deepEqual(from, client.transport.local);
      server.transport.send(from, Uint8Array.of(2));
      assert.deepEqual((await client.next()).bytes, [2]);
    });
  });

  test('carries a datagram with a limit of hops, and the next one without', async () => {
    await withSockets(['127.0.0.1', '127.0.0.1'], async ([here, there]) => {
      here.transport.send(there.transport.local, Uint8Array.of(1), 1);
      here.transport.send(there.transport.local, Uint8Array.of(2));
      assert.deepEqual((await there.next()).bytes, [1]);
      assert.deepEqual((await there.next()).bytes, [2]);
    });
  });

  test('gets a free port when it asks for none', async () => {
    await withSockets(['127.0.0.1', '127.0.0.1'], async ([here, there]) => {
      assert.ok(here.transport.local.port > 0);
      assert.notEqual(here.transport.local.port, there.transport.local.port);
    });
  });

  const unsendable: [what: string, to: Endpoint, bytes: Uint8Array][] = [
    ['to the other version of IP', { address: '2001:db8::1', port: 9 }, Uint8Array.of(1)],
    ['to port 0', { address: '127.0.0.1', port: 0 }, Uint8Array.of(1)],
    ['of more bytes than UDP carries', { address: '127.0.0.1', port: 9 }, new Uint8Array(70_000)],
    ['to an address that is none', { address: 'nowhere', port: 9 }, Uint8Array.of(1)],
  ];
  for (const [what, to, bytes] of unsendable) {
    test(`says why a datagram ${what} was not sent, and throws nothing`, async () => {
      await withSockets(['127.0.0.1', '127.0.0.1'], async ([here, there]) => {
        here.transport.send(to, bytes);
        const [target, code] = (await here.failure()).split(' ');
        assert.equal(target, formatEndpoint(to));
        assert.match(code ?? '', /^E[A-Z_]+$/);
        here.transport.send(there.transport.local, Uint8Array.of(7));
        assert.deepEqual((await there.next()).bytes, [7]);
      });
    });
  }

  test('lives through the answers of ports where nobody listens', async () => {
    await withSockets(['127.0.0.1', '127.0.0.1'], async ([here, there]) => {
      const gone = await openUdp('127.0.0.1', 0);
      await gone.close();
      for (let time = 0; time < 5; time += 1) here.transport.send(gone.local, Uint8Array.of(1));
      here.transport.send(there.transport.local, Uint8Array.of(7));
      assert.deepEqual((await there.next()).bytes, [7]);
    });
  });

  test('that is closed sends nothing, and can be closed again', async () => {
    await withSockets(['127.0.0.1', '127.0.0.1'], async ([here, there]) => {
      await here.transport.close();
      await here.transport.close();
      here.transport.send(there.transport.local, Uint8Array.of(1));
      const again = await openUdp('127.0.0.1', here.transport.local.port);
      await again.close();
    });
  });
});

describe('an address that cannot be bound', () => {
  test('because the port is in use', async () => {
    await withSockets(['127.0.0.1', '127.0.0.1'], async ([here]) => {
      await assert.rejects(
        openUdp('127.0.0.1', here.transport.local.port),
        punchError('addressInUse', /in use by another program\. Stop it, or choose another port\.$/),
      );
    });
  });

  test('because the machine does not have it', async () => {
    await assert.rejects(
      openUdp('192.0.2.77', 0),
      punchError('addressUnavailable', /192\.0\.2\.77.*Choose one of its own/),
    );
  });

  test('because it is of no version of IP', async () => {
    await assert.rejects(openUdp('nowhere', 0), punchError('addressUnavailable'));
  });
});

async function conversation(here: string, there: string): Promise<void> {
  await withSockets([here, there], async ([one, other]) => {
    for (const bytes of [[], [0], [0xff, 0, 0x80], Array(128).fill(7), Array(1400).fill(9)]) {
      one.transport.send(other.transport.local, Uint8Array.from(bytes));
      const received = await other.next();
      assert.deepEqual(received, { from: one.transport.local, bytes });
    }
  });
}

type End = {
  readonly transport: Transport;
  next(): Promise<{ from: Endpoint; bytes: number[] }>;
  failure(): Promise<string>;
};

/** Sockets on free ports, closed in the end. */
async function withSockets(
  addresses: readonly [string, string],
  run: (ends: [End, End]) => Promise<void>,
): Promise<void> {
  const ends = (await Promise.all(addresses.map(async (address) => endOf(await openUdp(address, 0))))) as [
    End,
    End,
  ];
  try {
    await run(ends);
  } finally {
    await Promise.all(ends.map(({ transport }) => transport.close()));
  }
}

function endOf(transport: Transport): End {
  const received = queue<{ from: Endpoint; bytes: number[] }>();
  const failures = queue<string>();
  transport.listen({
    datagram: (from, bytes) => received.push({ from, bytes: [...bytes] }),
    sendFailed: (to, code) => failures.push(`${formatEndpoint(to)} ${code}`),
  });
  return { transport, next: received.next, failure: failures.next };
}

function queue<Item>() {
  const items: Item[] = [];
  let wake = () => {};
  return {
    push: (item: Item) => {
      items.push(item);
      wake();
    },
    next: async (): Promise<Item> => {
      while (items.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items.shift() as Item;
    },
  };
}
