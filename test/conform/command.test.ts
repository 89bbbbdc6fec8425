import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEndpoint } from '../../machines/endpoint.ts';
import { OriginalServer } from '../cli/original.ts';
import { type Program, punch } from '../cli/program.ts';
import { startServer } from '../cli/scene.ts';
import { bindSocket, freePort, loopbackNetworkUnavailable } from '../cli/sockets.ts';
import { requires } from '../support/requirements.ts';

describe('punch conform', { concurrency: 2 }, () => {
  it(
    'finds that our server conforms, every transition driven',
    requires('a second loopback address', loopbackNetworkUnavailable()),
    async () => {
      const server = await startServer('--allow-protocol-1', '--ttl', '3');
      const program = punch('conform', server.address, '--slow', '--ttl', '3', '--seed', '7');
      await program.endsWith(0);
      assert.match(program.output, /^Our names there begin with conform-7- \(--seed 7\)\.$/m);
      assert.match(program.output, /: 83 conform, 0 with known repairs missing, 0 deviate\.$/m);
      assert.match(program.output, /that were driven: 10 of 10\.$/m);
      assert.match(program.output, /conforms to the protocol\.\n$/);
      assert.equal(program.errors, '');
      await server.program.interrupt();
    },
  );

  it('prints JSON lines: the plan, each scenario, the end', async () => {
    const server = await startServer('--allow-protocol-1');
    const program = punch('conform', server.address, '--json');
    await program.endsWith(0);
    const lines = program.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [plan, ...rest] = lines;
    const end = rest.pop();
    assert.equal(plan.type, 'plan');
    assert.equal(rest.length, plan.scenarios);
    for (const { type, outcome } of rest) assert.deepEqual([type, outcome], ['scenario', 'conforms']);
    assert.deepEqual(
      [end.type, end.outcome, end.code, end.ending, end.scenarios],
      ['end', 'done', 0, 'done', plan.scenarios],
    );
    await server.program.interrupt();
  });

  it("names the repairs that the original's server lacks, with the reasons, and ends with 0", async () => {
    const server = await OriginalServer.start();
    const program = punch('conform', formatEndpoint(server.endpoint));
    await program.endsWith(0);
    assert.match(program.output, /, 0 deviate\.$/m);
    assert.match(
      program.output,
      /^Warning: it speaks the original's protocol 1, with \d known repairs missing:$/m,
    );
    for (const title of [
      'introduces the called client first',
      'keeps the old name',
      'introduces a client to itself',
    ])
      assert.match(
        program.output,
        new RegExp(`^ {2}- ${title}.*\\. The original|^ {2}- ${title}.*\\. In the original`, 'm'),
      );
    assert.ok(server.deaths.length > 0, 'it was sent what ends the original');
    assert.doesNotMatch(program.output, /conforms to the protocol/);
    server.close();
  });

  it('says what was sent, expected and received where a server deviates, and ends with 8', async () => {
    const socket = await bindSocket();
    socket.on('message', (_, { address, port }) => socket.send(Uint8Array.of(2, 0), port, address));
    const program = punch('conform', formatEndpoint(socket.address()), '--timeout', '100');
    await program.endsWith(8);
    assert.match(program.output, /^DEVIATES {2}path 1 /m);
    assert.match(program.output, /the peer sends Register\(bob\) \[opening\]: DEVIATES$/m);
    assert.match(program.output, /^ +expected {2}RegisterAck, to the peer$/m);
    assert.match(program.output, /^ +received {2}02 00, which is no message: trailingBytes, to the peer/m);
    assert.match(program.output, /^ +sent {6}01 .* from 127\.0\.0\.1:\d+/m);
    assert.match(program.output, /deviates from the protocol in \d+ steps\.\n$/);
  });

  it('says so when nobody answers, and ends with 3', async () => {
    const program = punch('conform', `127.0.0.1:${await freePort()}`, '--timeout', '100');
    await program.endsWith(3);
    assert.match(program.output, /^127\.0\.0\.1:\d+ did not answer\. Check the address/m);
  });

  it('ends on Ctrl-C with 130, and says what was not driven', async () => {
    const server = await startServer('--allow-protocol-1');
    const program = punch('conform', server.address);
    await program.shows(/^ok {8}path/m);
    await interrupted(program);
    assert.match(program.output, /^Interrupted\. Not driven: /m);
    await server.program.interrupt();
  });

  for (const [what, args, reason] of [
    ['a server that is no address', ['http://here/'], /is not an address/],
    ['no time for an answer', ['127.0.0.1:9', '--timeout', '0'], /from 1 to 60000/],
    ['a seed that is no number', ['127.0.0.1:9', '--seed', 'x'], /whole number/],
  ] as const) {
    it(`ends with 2 for ${what}`, async () => {
      const program = punch('conform', ...args);
      await program.endsWith(2);
      assert.match(program.errors, reason);
    });
  }
});

async function interrupted(program: Program): Promise<void> {
  assert.equal((await program.interrupt()).code, 130, program.transcript());
}
