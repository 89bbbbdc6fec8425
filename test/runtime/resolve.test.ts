import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_PORT, parseHostAndPort, resolveEndpoint } from '../../runtime/resolve.ts';
import { punchError } from './scene.ts';

describe('how a server is written', () => {
  const readable: [text: string, host: string, port: number][] = [
    ['example.org', 'example.org', DEFAULT_PORT],
    ['example.org:5000', 'example.org', 5000],
    ['localhost', 'localhost', DEFAULT_PORT],
    ['203.0.113.7', '203.0.113.7', DEFAULT_PORT],
    ['203.0.113.7:5000', '203.0.113.7', 5000],
    ['2001:db8::1', '2001:db8::1', DEFAULT_PORT],
    ['[2001:db8::1]', '2001:db8::1', DEFAULT_PORT],
    ['[2001:db8::1]:5000', '2001:db8::1', 5000],
    ['fe80::1%eth0', 'fe80::1%eth0', DEFAULT_PORT],
    ['[fe80::1%eth0]:5000', 'fe80::1%eth0', 5000],
    ['::', '::', DEFAULT_PORT],
    ['0.0.0.0:0', '0.0.0.0', 0],
  ];
  for (const [text, host, port] of readable) {
    test(`${text} is ${host}, port ${port}`, () => {
      assert.deepEqual(parseHostAndPort(text, DEFAULT_PORT), { host, port });
    });
  }

  const unreadable = [
    '',
    ' ',
    ':5000',
    'example.org:',
    'example.org:port',
    'example.org:-1',
    'example.org:65536',
    'example.org:123456',
    'two words',
    'http://example.org:80',
    '[203.0.113.7]:5000',
    '[example.org]:5000',
    '[]:5000',
    '[2001:db8::1',
    '2001:db8::g',
    'a:b:c',
  ];
  for (const text of unreadable) {
    test(`${JSON.stringify(text)} is refused with what to write`, () => {
      assert.throws(() => parseHostAndPort(text, DEFAULT_PORT), punchError('badAddress'));
    });
  }
});

describe('the address of a host', () => {
  test('is itself if it is one, in its one spelling', async () => {
    assert.deepEqual(await resolveEndpoint({ host: '127.0.0.1', port: 5 }), {
      address: '127.0.0.1',
      port: 5,
    });
    assert.deepEqual(await resolveEndpoint({ host: '::ffff:127.0.0.1', port: 5 }), {
      address: '127.0.0.1',
      port: 5,
    });
  });

  test('is looked up if it is a name', async () => {
    const { address, port } = await resolveEndpoint({ host: 'localhost', port: 5 });
    assert.ok(['127.0.0.1', '::1'].includes(address));
    assert.equal(port, 5);
  });

  test('is looked up in the version of IP that is asked for', async () => {
    assert.equal((await resolveEndpoint({ host: 'localhost', port: 5 }, 4)).address, '127.0.0.1');
  });

  test('of a host that does not resolve is an error that says so', async () => {
    await assert.rejects(
      resolveEndpoint({ host: 'no-such-host.invalid', port: 5 }),
      punchError('unresolved', /^no-such-host\.invalid has no address .*Check the name/),
    );
  });

  for (const host of ['224.0.0.1', '255.255.255.255', '0.0.0.0', 'ff02::1', '::']) {
    test(`is not ${host}, which is no single host`, async () => {
      await assert.rejects(resolveEndpoint({ host, port: 5 }), punchError('badAddress'));
    });
  }

  test('needs a port from 1', async () => {
    await assert.rejects(resolveEndpoint({ host: '127.0.0.1', port: 0 }), punchError('badAddress', /port 0/));
  });
});
