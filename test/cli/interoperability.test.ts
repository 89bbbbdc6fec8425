import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { OriginalClient, OriginalServer } from './original.ts';
import { fromBytes, type OriginalMessage, toBytes } from './original-wire.ts';
import { punch } from './program.ts';
import { isLink, isState } from './reports.ts';
import { connect, interrupt, register, startServer } from './scene.ts';

/** The only one that the original's programs speak. */
const protocol1 = ['--protocol', '1'] as const;

/** The examples of the protocol's description: what the imitation says must be what the original says. */
const described: readonly (readonly [string, OriginalMessage])[] = [
  ['00 02 68 69', { variant: 'Message', text: 'hi' }],
  ['01 05 61 6c 69 63 65', { variant: 'Register', name: 'alice' }],
  ['02', { variant: 'RegisterAck' }],
  ['03 03 62 6f 62', { variant: 'HolePunchRequest', name: 'bob' }],
  ['04', { variant: 'HolePunchResponseUnknown' }],
  [
    '05 03 62 6f 62 10 32 30 33 2e 30 2e 31 31 33 2e 37 3a 35 30 30 30',
    { variant: 'HolePunchInitiate', name: 'bob', remote: { address: '203.0.113.7', port: 5000 } },
  ],
];

describe('the imitation of the original', () => {
  for (const [text, message] of described) {
    it(`speaks as described: ${text}`, () => {
      const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex');
      assert.deepEqual(toBytes(message), bytes);
      assert.deepEqual(fromBytes(bytes), message);
    });
  }

  for (const deadly of ['', '06', '10 00', '00 05 68 69', '00 02 c3 28', '00 00 00', '00'.repeat(129)]) {
    it(`dies of ${deadly.slice(0, 20) || 'nothing'}`, () => {
      assert.throws(() => fromBytes(Buffer.from(deadly.replaceAll(' ', ''), 'hex')));
    });
  }
});

describe('with our server', { concurrency: true }, () => {
  it('an original client is called by one of ours', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await OriginalClient.start(server.endpoint, 'bob');
    const greeting = bob.prints('Hello from alice');
    const alice = punch('client', server.address, 'alice', 'bob', '--json', ...protocol1);
    assert.deepEqual((await alice.tells(isLink('connected'))).remote, bob.endpoint);
    await greeting;
    const words = bob.prints('x'.repeat(126));
    alice.types(`${'x'.repeat(126)}\n`);
    await words;
    await interrupt(alice, server.program);
    assert.deepEqual(alice.heard, [], 'greetings are not for people');
    assertAlive(bob);
  });

  it('an original client calls one of ours', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await register(server, 'bob', ...protocol1);
    const alice = await OriginalClient.start(server.endpoint, 'alice', 'bob');
    const greeting = alice.prints('Hello from bob');
    assert.deepEqual((await bob.tells(isLink('connected'))).remote, alice.endpoint);
    await greeting;
    const words = alice.prints('字'.repeat(42));
    bob.types(`${'字'.repeat(42)}\n`);
    await words;
    await interrupt(bob, server.program);
    assert.deepEqual(bob.heard, []);
    assertAlive(alice);
  });

  it('an original client waits for one of ours', async () => {
    const server = await startServer('--allow-protocol-1');
    const alice = await OriginalClient.start(server.endpoint, 'alice', 'bob');
    const greeting = alice.prints('Hello from bob');
    const bob = await register(server, 'bob', ...protocol1);
    await Promise.all([bob.tells(isState('connected')), greeting]);
    await interrupt(bob, server.program);
    assert.ok(alice.arrivals.some(({ message }) => message.variant === 'HolePunchResponseUnknown'));
    assertAlive(alice);
  });

  it('two original clients find each other', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await OriginalClient.start(server.endpoint, 'bob');
    const greetings = [bob.prints('Hello from alice')];
    const alice = await OriginalClient.start(server.endpoint, 'alice', 'bob');
    greetings.push(alice.prints('Hello from bob'));
    await Promise.all(greetings);
    await interrupt(server.program);
    assertAlive(alice);
    assertAlive(bob);
  });
});

describe('with the original server', { concurrency: true }, () => {
  it('our clients find each other', async () => {
    const server = await OriginalServer.start();
    const { alice, bob } = await connect({ address: formatEndpoint(server.endpoint) }, ...protocol1);
    alice.types('hello\n');
    bob.types('hello yourself\n');
    assert.deepEqual(await bob.hears(1), ['hello']);
    assert.deepEqual(await alice.hears(1), ['hello yourself']);
    await interrupt(alice, bob);
    assertAlive(server);
  });

  it('our client waits for another of ours', async () => {
    const server = await OriginalServer.start();
    const address = formatEndpoint(server.endpoint);
    const alice = punch('client', address, 'alice', 'bob', '--json', ...protocol1);
    await alice.tells(isState('absent'));
    const bob = await register({ address }, 'bob', ...protocol1);
    await Promise.all([alice.tells(isState('connected')), bob.tells(isState('connected'))]);
    await interrupt(alice, bob);
    assertAlive(server);
  });

  it('our client calls an original one', async () => {
    const server = await OriginalServer.start();
    const bob = await OriginalClient.start(server.endpoint, 'bob');
    const greeting = bob.prints('Hello from alice');
    const alice = punch('client', formatEndpoint(server.endpoint), 'alice', 'bob', '--json', ...protocol1);
    await Promise.all([alice.tells(isState('connected')), greeting]);
    await interrupt(alice);
    assertAlive(server);
    assertAlive(bob);
  });

  it('an original client calls ours', async () => {
    const server = await OriginalServer.start();
    const bob = await register({ address: formatEndpoint(server.endpoint) }, 'bob', ...protocol1);
    const alice = await OriginalClient.start(server.endpoint, 'alice', 'bob');
    await Promise.all([bob.tells(isState('connected')), alice.prints('Hello from bob')]);
    await interrupt(bob);
    assertAlive(server);
    assertAlive(alice);
  });
});

/** Nothing has come that would have ended it. Closes it. */
function assertAlive(original: OriginalClient | OriginalServer): void {
  original.close();
  assert.deepEqual(original.deaths, []);
}
