import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requires } from '../support/requirements.ts';
import { punch } from './program.ts';
import { onTerminal, terminalUnavailable } from './pseudo-terminal.ts';
import { isEnd, isStatus } from './reports.ts';
import { interrupt, register, startServer } from './scene.ts';
import { sendTo } from './sockets.ts';
import { forgetful } from './user.ts';

describe('punch server', { concurrency: 3 }, () => {
  it('prints JSON lines where no terminal is, and nothing else', async () => {
    const { program, endpoint } = await startServer();
    assert.equal(endpoint.address, '127.0.0.1');
    const { overflows = 0, ...status } = await program.tells(isStatus);
    assert.equal(overflows, 0);
    assert.deepEqual(status, {
      type: 'status',
      clients: 0,
      maxClients: 100_000,
      registrations: 0,
      introductions: 0,
      received: 0,
      sent: 0,
      refused: {},
      malformed: {},
      shed: {},
      unsent: {},
    });
    await program.interrupt();
    assert.equal(program.errors, '');
    assert.equal(program.reports.length, program.output.trimEnd().split('\n').length);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends with 0 on ${signal}, and frees its port`, async () => {
      const first = await startServer();
      first.program.signal(signal);
      await first.program.endsWith(0);
      assert.deepEqual(first.program.reports.at(-1), { type: 'end', outcome: 'done', code: 0 });
      const second = await startServer('--port', String(first.endpoint.port));
      await second.program.interrupt();
    });
  }

  it('says what to do when its port is in use, and ends with 1', async () => {
    const first = await startServer();
    const place = ['--host', '127.0.0.1', '--port', String(first.endpoint.port)];
    const second = punch('server', ...place, ...forgetful);
    await second.endsWith(1);
    const { outcome, reason } = await second.tells(isEnd);
    assert.equal(outcome, 'failed');
    assert.equal(
      reason,
      `UDP port ${first.address} is in use by another program. Stop it, or choose another port.`,
    );
    await first.program.interrupt();
  });

  it('says so when it is to listen at an address of another machine, and ends with 1', async () => {
    const program = punch('server', '--host', '192.0.2.77', '--port', '0', ...forgetful);
    await program.endsWith(1);
    assert.match(
      (await program.tells(isEnd)).reason ?? '',
      /no address 192\.0\.2\.77\. Choose one of its own/,
    );
  });

  it('counts what is no message by the reason, and what it does not serve likewise', async () => {
    const { program, endpoint } = await startServer();
    await sendTo(endpoint, [
      '01 05 61 6c 69 63 65', // protocol 1
      '', // protocol 1, as far as anybody can tell
      '14', // truncated
      '16 00', // wrongSize
    ]);
    const status = await program.until(
      () => program.reports.filter(isStatus).find(({ received }) => received === 4),
      'four datagrams',
    );
    assert.deepEqual(status.refused, { protocol1: 2 });
    assert.equal(
      Object.values(status.malformed).reduce((sum, count) => sum + count, 0),
      2,
    );
    assert.equal(status.sent, 0, 'nothing of this is answered');
    await program.interrupt();
  });

  it('does the same for protocol 1, if that is allowed', async () => {
    const { program, endpoint } = await startServer('--allow-protocol-1');
    await sendTo(endpoint, [
      '', // empty
      '00'.repeat(129), // tooLong
      '01 05 61', // truncated
      '01', // truncated
      '02 00', // trailingBytes
      'ff', // badNumber
      '0a', // unknownMessage
      '01 02 c3 28', // notUtf8
      '01 00', // badName
      '05 03 62 6f 62 01 78', // badAddress
      '00 02 68 69', // notForServers
      '03 03 62 6f 62', // unregistered
    ]);
    const status = await program.until(
      () => program.reports.filter(isStatus).find(({ received }) => received === 12),
      'twelve datagrams',
    );
    assert.deepEqual(status.malformed, {
      empty: 1,
      tooLong: 1,
      truncated: 2,
      trailingBytes: 1,
      badNumber: 1,
      unknownMessage: 1,
      notUtf8: 1,
      badName: 1,
      badAddress: 1,
    });
    assert.deepEqual(status.refused, { notForServers: 1, unregistered: 1 });
    assert.equal(status.sent, 1, 'nothing malformed is answered');
    await program.interrupt();
  });

  it('admits no more clients than it may, and tells the next one', async () => {
    const server = await startServer('--max-clients', '1');
    const first = await register(server, 'alice');
    const second = punch('client', server.address, 'bob', '--timeout', '1');
    await second.endsWith(7);
    assert.match(
      second.errors,
      /refused by 127\.0\.0\.1:\d+: the name is in use over protocol 1, or the server is full; asking again/,
    );
    assert.match(second.errors, /The server at .* is full\. Try again later, or use another server\.\n$/);
    const { refused } = await server.program.until(
      () => server.program.reports.filter(isStatus).find((status) => (status.refused.full ?? 0) > 0),
      'the refusal',
    );
    assert.deepEqual(Object.keys(refused), ['full']);
    await first.interrupt();
    await server.program.interrupt();
  });

  it('forgets a client that is silent for --ttl, and has room for the next one', async () => {
    const server = await startServer('--max-clients', '1', '--ttl', '1');
    const first = await register(server, 'alice');
    const counts = () => server.program.reports.filter(isStatus).map(({ clients }) => clients);
    await server.program.until(() => counts().join('').endsWith('10') || undefined, 'it being forgotten');
    const second = await register(server, 'bob');
    await interrupt(first, second, server.program);
  });

  it('shows a status line on a terminal', requires('a pseudo-terminal', terminalUnavailable()), async () => {
    const program = onTerminal('server', '--host', '127.0.0.1', '--port', '0', ...forgetful);
    await program.shows(/listening at 127\.0\.0\.1:\d+\r\n/);
    await program.shows(
      /fingerprint {2}\S+\r\nfor clients {2}punch client 127\.0\.0\.1:\d+#[\w-]{43} <name>\r\n/,
    );
    await program.shows(/Ctrl-C ends the server/);
    await program.shows(/\r0 clients · 0 introduced · 0 refused · 0 malformed/);
    const port = Number(/listening at 127\.0\.0\.1:(\d+)/.exec(program.output)?.[1]);
    await sendTo({ address: '127.0.0.1', port }, ['ff']);
    await program.shows(/\r0 clients · .* 1 refused \(protocol1 1\)/);
    assert.equal(program.reports.length, 0, 'no JSON');
    program.types('\u0003');
    await program.endsWith(0);
  });

  it(
    'prints JSON lines on a terminal with --json',
    requires('a pseudo-terminal', terminalUnavailable()),
    async () => {
      const program = onTerminal('server', '--host', '127.0.0.1', '--port', '0', '--json', ...forgetful);
      await program.tells(isStatus);
      program.types('\u0003');
      await program.endsWith(0);
      assert.equal((await program.tells(isEnd)).code, 0);
    },
  );

  it('ends when nobody reads what it prints any more', async () => {
    const { program, endpoint } = await startServer();
    program.closeOutput();
    await sendTo(endpoint, ['ff']);
    await program.endsWith(0);
  });
});
