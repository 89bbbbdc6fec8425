import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { Socket } from 'node:dgram';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Libc, openLibc } from '../../../runtime/batched/libc.ts';
import { openBatchedUdp } from '../../../runtime/batched/open.ts';
import { openTransport } from '../../../runtime/open-transport.ts';
import type { Transport } from '../../../runtime/transport.ts';
import { punchError } from '../scene.ts';
import { needsBatched } from './needs-batched.ts';
import { type End, endOf, loopback, until } from './world.ts';

const world = loopback(openBatchedUdp);

describe('a kernel that does not do what it is asked for', needsBatched, () => {
  test('takes later what it does not take at once, in order', () =>
    withFaults(async (faults, here, there) => {
      const failures = failuresOf(here);
      faults.sendmmsg = ['EAGAIN', 'EINTR', 'EAGAIN', 'ENOBUFS'];
      for (let number = 0; number < 200; number += 1) here.send(there.transport.local, Uint8Array.of(number));
      for (let number = 0; number < 200; number += 1) {
        assert.deepEqual((await there.next()).bytes, [number]);
      }
      assert.deepEqual(failures, []);
      assert.deepEqual(faults.sendmmsg, []);
    }));

  test('loses what the queue does not hold, and it is said', () =>
    withFaults(async (faults, here, there) => {
      const failures = failuresOf(here);
      faults.sendmmsg = Array(100).fill('EAGAIN');
      for (let number = 0; number < 1500; number += 1) here.send(there.transport.local, Uint8Array.of(1));
      assert.ok(failures.length > 0 && failures.length < 1500);
      assert.ok(failures.every((code) => code === 'ENOBUFS'));
      let heard = 0;
      there.transport.listen({ datagram: () => (heard += 1) });
      await until(world, () => heard === 1500 - failures.length);
    }));

  test('that has no buffers although it could be written to loses a datagram at a time', () =>
    withFaults(async (faults, here, there) => {
      const failures = failuresOf(here);
      faults.sendmmsg = Array(6).fill('ENOBUFS');
      for (let number = 0; number < 5; number += 1) here.send(there.transport.local, Uint8Array.of(number));
      assert.deepEqual((await there.next()).bytes, [3]);
      assert.deepEqual((await there.next()).bytes, [4]);
      assert.deepEqual(failures, ['ENOBUFS', 'ENOBUFS', 'ENOBUFS']);
    }));

  test('refuses one datagram of many, and the others arrive', () =>
    withFaults(async (faults, here, there) => {
      const failures: string[] = [];
      here.listen({ datagram: () => {}, sendFailed: (to, code) => failures.push(`${to.port} ${code}`) });
      faults.sendmmsg = ['EPERM'];
      here.send({ address: '127.0.0.1', port: 9 }, Uint8Array.of(1));
      here.send(there.transport.local, Uint8Array.of(2));
      here.send({ address: '127.0.0.1', port: 0 }, Uint8Array.of(3));
      here.send(there.transport.local, Uint8Array.of(4));
      assert.deepEqual((await there.next()).bytes, [2]);
      assert.deepEqual((await there.next()).bytes, [4]);
      assert.deepEqual(failures, ['9 EPERM', '0 EINVAL']);
    }));

  test('refuses one datagram while another is being sent, which goes where it should', () =>
    withFaults(async (faults, here, there) => {
      const failures = failuresOf(here);
      faults.sendmmsg = ['EPERM'];
      here.send({ address: '127.0.0.1', port: 9 }, Uint8Array.of(0));
      for (let number = 1; number <= 200; number += 1)
        here.send(there.transport.local, Uint8Array.of(number));
      for (let number = 1; number <= 200; number += 1) {
        assert.deepEqual((await there.next()).bytes, [number]);
      }
      assert.deepEqual(failures, ['EPERM']);
    }));

  test('cannot send a datagram whole, and then sends it in fragments', () =>
    withFaults(async (faults, here, there) => {
      const failures = failuresOf(here);
      faults.sendmmsg = ['EMSGSIZE'];
      for (let number = 0; number < 3; number += 1) here.send(there.transport.local, Uint8Array.of(number));
      const heard = [await there.next(), await there.next(), await there.next()];
      assert.deepEqual(
        heard.flatMap(({ bytes }) => bytes),
        [0, 1, 2],
      );
      assert.deepEqual(failures, []);
      faults.sendmmsg = ['EMSGSIZE', 'EMSGSIZE'];
      here.send(there.transport.local, Uint8Array.of(3));
      here.send(there.transport.local, Uint8Array.of(4));
      assert.deepEqual((await there.next()).bytes, [4]);
      assert.deepEqual(failures, ['EMSGSIZE']);
    }));

  test('interrupts a read, or has an error of an earlier datagram, and it is read again', () =>
    withFaults(async (faults, here, there) => {
      const end = endOf(here, world);
      faults.recvmmsg = ['EINTR', 'ECONNREFUSED', 'EAGAIN'];
      there.transport.send(here.local, Uint8Array.of(1));
      assert.deepEqual((await end.next()).bytes, [1]);
      assert.deepEqual(faults.recvmmsg, []);
    }));

  test('grants less room than it is asked for, which is said with the remedy', async () => {
    const notices: string[] = [];
    const libc = faulty(await openLibc(), { setsockopt: ['EPERM', 'EPERM'] });
    const options = { libc: async () => libc, notice: (text: string) => notices.push(text) };
    await (await openBatchedUdp('127.0.0.1', 0, options)).close();
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /\d+ kB .* sysctl -w net\.core\.rmem_max=\d+$/);
  });

  test('limits hops for one datagram, at both versions of IP', async () => {
    const real = await openLibc();
    const told: string[] = [];
    const memory = new Map<number, ArrayBufferView>();
    const libc: Libc = {
      ...real,
      addressOf: (view) => {
        const address = real.addressOf(view);
        memory.set(address, view);
        return address;
      },
      setsockopt: (socket, level, option, value, length) => {
        const view = memory.get(value) as Uint32Array;
        told.push(`${level}.${option}=${(view[0] ?? 0) | 0}`);
        return real.setsockopt(socket, level, option, value, length);
      },
      sendmmsg: (...args) => {
        told.push(`send ${args[2]}`);
        return real.sendmmsg(...args);
      },
    };
    const transport = await openBatchedUdp('::', 0, { libc: async () => libc });
    const to = { address: '127.0.0.1', port: transport.local.port };
    told.length = 0;
    transport.send(to, Uint8Array.of(1));
    transport.send(to, Uint8Array.of(2), 5);
    transport.send(to, Uint8Array.of(3));
    await transport.close();
    assert.deepEqual(
      told.filter((each) => !each.startsWith(FRAGMENTS)),
      ['send 1', '0.2=5', '41.16=5', 'send 1', '0.2=-1', '41.16=-1', 'send 1'],
    );
  });
});

describe('--io', () => {
  const noKoffi = { libc: () => Promise.reject(new Error('the package koffi cannot be loaded')) };

  test('auto goes through dgram when koffi is missing, and says so once', async () => {
    const notices: string[] = [];
    const transport = await openTransport('127.0.0.1', 0, 'auto', {
      ...noKoffi,
      notice: (text) => notices.push(text),
    });
    await transport.close();
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /node:dgram.*koffi cannot be loaded/);
  });

  test('batched fails when koffi is missing, and says what to do', () =>
    assert.rejects(
      openTransport('127.0.0.1', 0, 'batched', noKoffi),
      punchError('unsupported', /koffi cannot be loaded.*Choose dgram/),
    ));

  for (const [io, outcome] of [
    ['auto', 'echoed\n'],
    ['batched', 'unsupported\n'],
  ] as const) {
    test(`${io}, where koffi is not installed, is ${outcome.trim()}`, async () => {
      const args = [...process.execArgv, '--import', withoutKoffi, SCRIPT, io, '127.0.0.1', '0'];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      assert.equal(stdout, outcome);
    });
  }

  test('auto goes through dgram on other systems and processors', async () => {
    for (const [platform, processor, reason] of [
      ['darwin', 'arm64', /needs Linux, and this is darwin/],
      ['linux', 'ppc64', /layouts of ppc64/],
    ] as const) {
      const libc = () => openLibc(platform, processor);
      const notices: string[] = [];
      await (
        await openTransport('127.0.0.1', 0, 'auto', { libc, notice: (text) => notices.push(text) })
      ).close();
      assert.match(notices.join(), reason);
      await assert.rejects(
        openTransport('127.0.0.1', 0, 'batched', { libc }),
        punchError('unsupported', reason),
      );
    }
  });

  for (const call of ['socket', 'bind', 'recvmmsg', 'sendmmsg'] as const) {
    test(`auto goes through dgram when the system refuses ${call}`, needsBatched, async () => {
      const libc = faulty(await openLibc(), { [call]: ['EPERM'] });
      const notices: string[] = [];
      const transport = await openTransport('127.0.0.1', 0, 'auto', {
        libc: async () => libc,
        notice: (text) => notices.push(text),
      });
      await transport.close();
      assert.match(notices.join(), /node:dgram.*EPERM/);
    });
  }

  test('auto says the same of a wrong address as dgram does, and nothing else', async () => {
    const notices: string[] = [];
    const options = { notice: (text: string) => notices.push(text) };
    await assert.rejects(openTransport('192.0.2.77', 0, 'auto', options), punchError('addressUnavailable'));
    assert.deepEqual(notices, []);
  });

  test('dgram says when the kernel grants less room than it is asked for', async (t) => {
    t.mock.method(Socket.prototype, 'getRecvBufferSize', () => 200_000);
    const notices: string[] = [];
    await (await openTransport('127.0.0.1', 0, 'dgram', { notice: (text) => notices.push(text) })).close();
    assert.match(notices.join(), /kB for datagrams that wait/);
  });
});

/** What a change of IP_MTU_DISCOVER is told as. */
const FRAGMENTS = '0.10=';

/** A module that makes a process look as if koffi were not there. */
const withoutKoffi = moduleOf(
  `import { register } from 'node:module'; register(${JSON.stringify(
    moduleOf(
      `export const resolve = (name, context, next) => {
        if (name === 'koffi') throw new Error('not found');
        return next(name, context);
      };`,
    ),
  )});`,
);

const SCRIPT = fileURLToPath(new URL('./lonely-echo.ts', import.meta.url));

function moduleOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** For each call, the codes that its next calls fail with; after those it does what it does. */
type Faults = { [Call in 'socket' | 'bind' | 'setsockopt' | 'recvmmsg' | 'sendmmsg']?: string[] };

function faulty(real: Libc, faults: Faults): Libc {
  let injected: string | undefined;
  const through =
    <Name extends keyof Faults>(name: Name) =>
    (...args: number[]): number => {
      injected = faults[name]?.shift();
      return injected === undefined ? (real[name] as (...args: number[]) => number)(...args) : -1;
    };
  return {
    ...real,
    socket: through('socket'),
    bind: through('bind'),
    setsockopt: through('setsockopt'),
    recvmmsg: through('recvmmsg'),
    sendmmsg: through('sendmmsg'),
    error: () => injected ?? real.error(),
  };
}

async function withFaults(run: (faults: Faults, here: Transport, there: End) => Promise<void>) {
  const faults: Faults = {};
  const libc = faulty(await openLibc(), faults);
  const here = await openBatchedUdp('127.0.0.1', 0, { libc: async () => libc });
  const there = await openBatchedUdp('127.0.0.1', 0);
  try {
    await run(faults, here, endOf(there, world));
  } finally {
    await here.close();
    await there.close();
  }
}

/** The codes of all failures to come. */
function failuresOf(transport: Transport): string[] {
  const failures: string[] = [];
  transport.listen({ datagram: () => {}, sendFailed: (_to, code) => failures.push(code) });
  return failures;
}
