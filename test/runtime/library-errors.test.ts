import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createPeer,
  createRendezvousServer,
  formatEndpoint,
  type PeerOptions,
  PunchError,
} from '../../runtime/index.ts';
import { openUdp } from '../../runtime/udp.ts';
import { punchError } from './scene.ts';

describe('a server that cannot start', () => {
  test('because its port is in use says so and what to do', async () => {
    const taken = await openUdp('127.0.0.1', 0);
    await assert.rejects(
      createRendezvousServer({ host: '127.0.0.1', port: taken.local.port }),
      punchError(
        'addressInUse',
        /^UDP port 127\.0\.0\.1:\d+ is in use by another program\. Stop it, or choose another port\.$/,
      ),
    );
    await taken.close();
  });

  const hosts: [host: string, code: 'addressUnavailable' | 'unresolved' | 'badAddress'][] = [
    ['192.0.2.77', 'addressUnavailable'],
    ['no-such-host.invalid', 'unresolved'],
    ['224.0.0.1.1', 'unresolved'],
  ];
  for (const [host, code] of hosts) {
    test(`because of its host ${host}: ${code}`, async () => {
      await assert.rejects(createRendezvousServer({ host, port: 0 }), punchError(code));
    });
  }

  test('because it was aborted before', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(createRendezvousServer({ host: '127.0.0.1', port: 0, signal }), {
      name: 'AbortError',
    });
  });
});

describe('a peer that cannot start', () => {
  const mistakes: [what: string, options: PeerOptions, code: PunchError['code']][] = [
    ['an empty name', { name: '', server: 'localhost' }, 'badName'],
    ['a name with an escape sequence', { name: '\u001b[2J', server: 'localhost' }, 'badName'],
    ['an address that is none', { name: 'alice', server: 'local host' }, 'badAddress'],
    ['a port that is none', { name: 'alice', server: 'localhost:99999' }, 'badAddress'],
    [
      'a server endpoint that is none',
      { name: 'alice', server: { address: 'nowhere', port: 9 } },
      'badAddress',
    ],
    [
      'a server endpoint without a port',
      { name: 'alice', server: { address: '::1', port: 0 } },
      'badAddress',
    ],
    ['a local address that is none', { name: 'alice', server: 'localhost', bind: '[::1' }, 'badAddress'],
  ];
  for (const [what, options, code] of mistakes) {
    test(`because of ${what} throws at once`, () => {
      const signal = AbortSignal.timeout(500);
      assert.throws(() => createPeer({ ...options, signal }), punchError(code));
    });
  }

  const failures: [what: string, options: PeerOptions, code: PunchError['code']][] = [
    ['a host that does not resolve', { name: 'alice', server: 'no-such-host.invalid' }, 'unresolved'],
    ['a server that is no single host', { name: 'alice', server: '224.0.0.1' }, 'badAddress'],
    [
      'a local address it does not have',
      { name: 'alice', server: '127.0.0.1', bind: '192.0.2.77' },
      'addressUnavailable',
    ],
    ['a server that is not there', { name: 'alice', server: '127.0.0.1:9', timeoutMs: 300 }, 'noServer'],
  ];
  for (const [what, options, code] of failures) {
    test(`because of ${what} rejects with what to do: ${code}`, async (t) => {
      const peer = createPeer(options);
      t.after(() => peer.close());
      await assert.rejects(peer.registered, punchError(code));
      await assert.rejects(peer.connect('bob'), punchError(code));
      const states = [];
      for await (const state of peer.states) states.push(state);
      const last = states.at(-1);
      assert.ok(last?.state === 'failed' && last.error instanceof PunchError && last.error.code === code);
    });
  }

  test('because its local port is in use', async () => {
    const taken = await openUdp('127.0.0.1', 0);
    const peer = createPeer({ name: 'alice', server: '127.0.0.1', bind: formatEndpoint(taken.local) });
    await assert.rejects(peer.registered, punchError('addressInUse', /Stop it, or choose another port\.$/));
    await peer.close();
    await taken.close();
  });
});
