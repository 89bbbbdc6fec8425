import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requires } from '../support/requirements.ts';
import { type Program, punch } from './program.ts';
import { onTerminal, terminalUnavailable } from './pseudo-terminal.ts';
import { isNotice, isState } from './reports.ts';
import { connect, interrupt, register, type Server, startServer } from './scene.ts';

describe('what is piped into punch client', { concurrency: 3 }, () => {
  it('is sent line by line, and the program ends after the last', async () => {
    const { server, bob, alice } = await callWith('one\ntwo\r\nthree\n');
    await alice.endsWith(0);
    await bob.shows(/three/);
    await interrupt(bob, server.program);
    assert.equal(bob.output, 'alice: one\nalice: two\nalice: three\n');
    assert.equal(alice.output, '');
  });

  it('is sent also where the last line has no end', async () => {
    const { server, bob, alice } = await callWith('one\ntwo');
    await alice.endsWith(0);
    await bob.shows(/two/);
    await interrupt(bob, server.program);
    assert.equal(bob.output, 'alice: one\nalice: two\n');
  });

  it('is sent with its empty lines', async () => {
    const { server, bob, alice } = await callWith('one\n\n  two \n');
    await alice.endsWith(0);
    await bob.shows(/two/);
    await interrupt(bob, server.program);
    assert.equal(bob.output, 'alice: one\nalice: \nalice:   two \n');
  });

  it('waits for the peer', async () => {
    const server = await startServer();
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    alice.types('early\n');
    alice.closeInput();
    await alice.tells(isState('absent'));
    const bob = await register(server, 'bob');
    assert.deepEqual(await bob.hears(1), ['early']);
    await alice.endsWith(0);
    await interrupt(bob, server.program);
  });

  it('waits for a caller', async () => {
    const server = await startServer();
    const bob = punch('client', server.address, 'bob', '--json');
    bob.types('one\ntwo\n');
    bob.closeInput();
    await bob.tells(isState('registered'));
    const alice = punch('client', server.address, 'alice', 'bob', '--json');
    assert.deepEqual(await alice.hears(2), ['one', 'two']);
    await bob.endsWith(0);
    await interrupt(alice, server.program);
  });

  it('may be nothing at all: then the program listens until it is interrupted', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    bob.closeInput();
    alice.types('are you there\n');
    assert.deepEqual(await bob.hears(1), ['are you there']);
    await interrupt(alice, bob, server.program);
  });

  it('is shown with care, names too', async () => {
    const server = await startServer();
    const bob = punch('client', server.address, 'bob');
    await bob.shows(/registered with/);
    const caller = 'al\u202eice\u200b';
    const alice = punch('client', server.address, caller, 'bob', '--json');
    alice.types('\u001b[2J\u001b]0;pwned\u0007 \u009b31m\n');
    alice.types('\u202edesrever\u202c \u2066isolated\u2069\n');
    alice.types('plain 字 🙂 e\u0301\n');
    alice.closeInput();
    await alice.endsWith(0);
    await bob.shows(/plain/);
    await interrupt(bob, server.program);
    const name = 'al\\u{202e}ice\\u{200b}';
    assert.deepEqual(bob.output.split('\n'), [
      `${name}: \\u{1b}[2J\\u{1b}]0;pwned\\u{7} \\u{9b}31m`,
      `${name}: \\u{202e}desrever\\u{202c} \\u{2066}isolated\\u{2069}`,
      `${name}: plain 字 🙂 e\u0301`,
      '',
    ]);
    assert.ok(bob.errors.includes(`connected to ${name}`));
    assert.doesNotMatch(bob.errors.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  });

  for (const { protocol, room } of [
    { protocol: 2, room: 1000 },
    { protocol: 1, room: 126 },
  ]) {
    it(`is taken apart after ${room} bytes in protocol ${protocol}, but not inside a character, and nothing is lost`, async () => {
      const lines = [
        '🙂'.repeat(room / 2),
        `a${'é'.repeat(room)}`,
        'x'.repeat(room),
        'y'.repeat(room + 1),
        '字'.repeat(Math.floor(room / 3)),
      ];
      const { server, bob, alice } = await callWith(
        `${lines.join('\n')}\n`,
        ...['--json', '--protocol', String(protocol)],
      );
      await alice.endsWith(0);
      await bob.until(() => bob.heard.join('').length === lines.join('').length || undefined, 'all of it');
      for (const part of bob.heard) {
        assert.ok(Buffer.byteLength(part) <= room);
        assert.ok(part !== '' && !part.includes('\ufffd'));
      }
      assert.equal(bob.heard.join(''), lines.join(''));
      assert.ok(bob.heard.includes('x'.repeat(room)), 'what fits is left whole');
      await interrupt(bob, server.program);
    });
  }

  it('arrives once and in order, thousands of lines too', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index} ${'.'.repeat(index % 90)}`);
    const { server, bob, alice } = await callWith(`${lines.join('\n')}\n`, '--json');
    await alice.endsWith(0);
    await bob.until(() => bob.heard.at(-1) === lines.at(-1) || undefined, 'the last line');
    assert.deepEqual(bob.heard, lines);
    await interrupt(bob, server.program);
  });

  it('may be any words: those that hold a path of protocol 1 open too', async () => {
    const { server, bob, alice } = await callWith('Hello from alice\nHello from bob\n', '--json');
    await alice.endsWith(0);
    assert.deepEqual(await bob.hears(2), ['Hello from alice', 'Hello from bob']);
    await interrupt(bob, server.program);
  });

  it('is refused with a notice in protocol 1 if it is the words that hold the path open', async () => {
    const server = await startServer('--allow-protocol-1');
    const bob = await register(server, 'bob', '--protocol', '1');
    const alice = punch('client', server.address, 'alice', 'bob', '--json', '--protocol', '1');
    alice.types('Hello from alice\nHello from bob\nHello from alice!\n');
    alice.closeInput();
    await alice.endsWith(0);
    const notices = alice.reports.filter(isNotice);
    assert.match(notices.at(-1)?.text ?? '', /"Hello from alice" is the greeting .*Use other words/);
    assert.deepEqual(await bob.hears(2), ['Hello from bob', 'Hello from alice!']);
    await interrupt(bob, server.program);
  });

  it('goes both ways at once', async () => {
    const server = await startServer();
    const { alice, bob } = await connect(server);
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`);
    for (const client of [alice, bob]) client.types(`${lines.join('\n')}\n`);
    assert.deepEqual(await alice.hears(200), lines);
    assert.deepEqual(await bob.hears(200), lines);
    await interrupt(alice, bob, server.program);
  });
});

describe('what is typed on a terminal', requires('a pseudo-terminal', terminalUnavailable()), () => {
  it('goes to the peer line by line, and Ctrl-C ends the chat', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const alice = onTerminal('client', server.address, 'alice', 'bob');
    await alice.shows(/connected to bob/);
    alice.types('\rhello\r');
    assert.deepEqual(await bob.hears(1), ['hello'], 'an empty line is not sent');
    bob.types('\u001b[31mhi\n');
    await alice.shows(/bob: \\u\{1b\}\[31mhi\r\n/);
    alice.types('still typ');
    bob.types('meanwhile\n');
    await alice.shows(/bob: meanwhile\r\n.*still typ/);
    alice.types('ing\r');
    assert.deepEqual(await bob.hears(2), ['hello', 'still typing']);
    alice.types('\u0003');
    await alice.endsWith(0);
    await interrupt(bob, server.program);
  });

  it('may end with Ctrl-D', async () => {
    const server = await startServer();
    const bob = await register(server, 'bob');
    const alice = onTerminal('client', server.address, 'alice', 'bob');
    await alice.shows(/connected to bob/);
    alice.types('bye\r\u0004');
    await alice.endsWith(0);
    assert.deepEqual(await bob.hears(1), ['bye']);
    await interrupt(bob, server.program);
  });

  it('can be interrupted by Ctrl-C before there is anybody to talk to', async () => {
    const server = await startServer();
    const alice = onTerminal('client', server.address, 'alice', 'bob');
    await alice.shows(/bob is not there/);
    alice.types('\u0003');
    await alice.endsWith(130);
    await interrupt(server.program);
  });
});

/** Bob listens; alice calls him with that on her standard input. */
async function callWith(
  input: string,
  ...options: readonly string[]
): Promise<{ readonly server: Server; readonly alice: Program; readonly bob: Program }> {
  const server = await startServer('--allow-protocol-1');
  const bob = punch('client', server.address, 'bob', ...options);
  await bob.shows(/"registered"|registered with/);
  const alice = punch('client', server.address, 'alice', 'bob', ...options);
  alice.types(input);
  alice.closeInput();
  return { server, alice, bob };
}
