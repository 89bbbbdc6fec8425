import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Endpoint, formatEndpoint } from '../../../machines/endpoint.ts';
import { type Io, openTransport } from '../../../runtime/open-transport.ts';
import { requires } from '../../support/requirements.ts';
import { punchError } from '../scene.ts';
import { endOf, HAS_IPV6, loopback, withEnds } from './world.ts';

const ipv6 = requires('IPv6', HAS_IPV6 ? undefined : 'this machine has no ::1, enable IPv6 on its loopback');

const hasDescriptors = requires(
  'descriptors',
  process.platform === 'linux' ? undefined : 'only Linux lists the descriptors of a process in /proc',
);

const isRoot = requires(
  'another user',
  process.getuid?.() === 0 ? undefined : 'only root becomes another user: run the tests as root',
);

const hasNamespaces = requires(
  'a network namespace',
  spawnSync('unshare', ['-n', 'ip', 'link']).status === 0
    ? undefined
    : 'unshare and ip make one, as root on Linux: run the tests there as root',
);

const program = promisify(execFile);

/** What is true of a socket of this machine, whichever way its datagrams go to the kernel. */
export function socketConformance(io: Exclude<Io, 'auto'>): void {
  const world = loopback((address, port) => openTransport(address, port, io));
  const withPair = (run: Parameters<typeof withEnds>[2]) => withEnds(world, world.addresses.ipv4, run);

  describe(`a socket, ${io}`, () => {
    test('on all addresses sees IPv4 as IPv4 and can answer it, with a limit of hops too', ipv6, () =>
      withEnds(world, ['::', '127.0.0.1'], async ([server, client]) => {
        client.transport.send({ address: '127.0.0.1', port: server.transport.local.port }, Uint8Array.of(1));
        const { from } = await server.next();
        assert.deepEqual(from, client.transport.local);
        server.transport.send(from, Uint8Array.of(2));
        server.transport.send(from, Uint8Array.of(3), 3);
        assert.deepEqual((await client.next()).bytes, [2]);
        assert.deepEqual((await client.next()).bytes, [3]);
      }),
    );

    test('gets a free port when it asks for none', () =>
      withPair(async ([here, there]) => {
        assert.ok(here.transport.local.port > 0);
        assert.notEqual(here.transport.local.port, there.transport.local.port);
      }));

    const unsendable: [what: string, to: Endpoint, size: number, hops?: number][] = [
      ['to the other version of IP', { address: '2001:db8::1', port: 9 }, 1],
      ['to port 0', { address: '127.0.0.1', port: 0 }, 1],
      ['of more bytes than UDP carries', { address: '127.0.0.1', port: 9 }, 65_508],
      ['of many more bytes than UDP carries', { address: '127.0.0.1', port: 9 }, 70_000],
      ['to an address that is none', { address: 'nowhere', port: 9 }, 1],
      ['over more hops than there can be', { address: '127.0.0.1', port: 9 }, 1, 256],
    ];
    for (const [what, to, size, hops] of unsendable) {
      test(`says why a datagram ${what} was not sent, and throws nothing`, () =>
        withPair(async ([here, there]) => {
          here.transport.send(to, new Uint8Array(size), hops);
          const [target, code] = await here.failure();
          assert.equal(target, formatEndpoint(to));
          assert.match(code, /^E[A-Z_]+$/);
          here.transport.send(there.transport.local, Uint8Array.of(7));
          assert.deepEqual((await there.next()).bytes, [7]);
        }));
    }

    test('calls too long what is too long', () =>
      withPair(async ([here]) => {
        here.transport.send({ address: '127.0.0.1', port: 9 }, new Uint8Array(65_508));
        assert.deepEqual(await here.failure(), ['127.0.0.1:9', 'EMSGSIZE']);
      }));

    test('leaves no descriptor behind', hasDescriptors, async () => {
      const descriptors = () => readdirSync('/proc/self/fd').length;
      await withPair(async () => {});
      const before = descriptors();
      for (let time = 0; time < 20; time += 1) await withPair(async () => {});
      await assert.rejects(openTransport('192.0.2.77', 0, io));
      assert.equal(descriptors(), before);
    });

    test('goes on after a receiver that throws, which loses its own datagram only', async () => {
      const { stdout } = await program(process.execPath, [...process.execArgv, THROWING, io]);
      assert.equal(stdout, 'thrown\n2\n3\n');
    });

    test('sends in fragments what is longer than the way is wide', hasNamespaces, async () => {
      const narrow = `ip link set lo mtu 1300 up && exec "$@"`;
      const echo = [process.execPath, ...process.execArgv, SCRIPT, io];
      for (const [address, size] of [
        ['127.0.0.1', '1400'],
        ['127.0.0.1', '5000'],
        ['::', '1400'],
      ] as const) {
        const { stdout } = await program('unshare', [
          '-n',
          'sh',
          '-c',
          narrow,
          'sh',
          ...echo,
          address,
          '0',
          size,
        ]);
        assert.equal(stdout, 'echoed\n');
      }
    });

    test('lets the process end once it is closed', async () => {
      const { stdout } = await program(process.execPath, [...process.execArgv, SCRIPT, io, '127.0.0.1', '0']);
      assert.equal(stdout, 'echoed\n');
    });
  });

  describe(`an address that cannot be bound, ${io}`, () => {
    test('because the port is in use', () =>
      withPair(async ([here]) => {
        await assert.rejects(
          openTransport('127.0.0.1', here.transport.local.port, io),
          punchError('addressInUse', /in use by another program\. Stop it, or choose another port\.$/),
        );
      }));

    test('because the machine does not have it', () =>
      assert.rejects(
        openTransport('192.0.2.77', 0, io),
        punchError('addressUnavailable', /192\.0\.2\.77.*Choose one of its own/),
      ));

    test('because it is of no version of IP', () =>
      assert.rejects(openTransport('nowhere', 0, io), punchError('addressUnavailable')));

    test('because it takes a privilege', isRoot, async () => {
      const args = [...process.execArgv, SCRIPT, io, '127.0.0.1', '7'];
      const { stdout } = await program(process.execPath, args, { uid: NOBODY, gid: NOBODY });
      assert.equal(stdout, 'permissionDenied\n');
    });
  });

  test(`a socket, ${io}, keeps what it hears apart under collection of garbage`, () =>
    withPair(async ([here, there]) => {
      const echo = endOf(there.transport, world);
      for (let turn = 0; turn < 50; turn += 1) {
        for (let number = 0; number < 100; number += 1) {
          here.transport.send(there.transport.local, new Uint8Array(100).fill(number));
        }
        collectGarbage();
        for (let number = 0; number < 100; number += 1) {
          const { bytes } = await echo.next();
          assert.ok(bytes.length === 100 && bytes.every((byte) => byte === number));
        }
      }
    }));
}

/** All the garbage there is, at once. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

const SCRIPT = fileURLToPath(new URL('./lonely-echo.ts', import.meta.url));
const THROWING = fileURLToPath(new URL('./throwing-receiver.ts', import.meta.url));
const NOBODY = 65_534;
