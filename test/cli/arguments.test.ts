import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { punch } from './program.ts';

const nowhere = '127.0.0.1:9';

/** Arguments that make no sense, and what the answer must name. None of these needs a network. */
const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /Usage: punch/],
  ['an unknown command', ['dance'], /unknown command 'dance'[\s\S]*--help/],
  ['an unknown option', ['server', '--colour'], /unknown option '--colour'[\s\S]*--help/],
  ['a client without a name', ['client', nowhere], /missing required argument 'name'/],
  ['one argument too many', ['client', nowhere, 'a', 'b', 'c'], /too many arguments/],
  ['an empty name', ['client', nowhere, ''], /The name "" is empty\. Choose another\./],
  ['a name of 64 bytes', ['client', nowhere, `${'é'.repeat(31)}xx`], /longer than 63 bytes/],
  ['a line end in a name', ['client', nowhere, 'al\nice'], /"al\\nice" contains control characters/],
  ['an escape in a name', ['client', nowhere, 'al\u001b[2J'], /"al\\u001b\[2J" contains control characters/],
  ['an eight-bit escape in a name', ['client', nowhere, 'al\u009b2J'], /"al\\u\{9b\}2J" contains control/],
  ['a server that is no address', ['client', 'http://here/', 'alice'], /is not an address/],
  ['a port beyond the last', ['client', '127.0.0.1:65536', 'alice'], /Ports end at 65535/],
  ['a server with half a key', ['client', `${nowhere}#abc`, 'alice'], /not a key of 43 characters/],
  ['a protocol that there is not', ['client', nowhere, 'alice', '--protocol', '3'], /protocols 1 and 2/],
  [
    'a peer that is at another server',
    ['client', nowhere, 'alice', 'punch://bob@127.0.0.1:10'],
    /bob is at 127\.0\.0\.1:10, and you are about to register with 127\.0\.0\.1:9/,
  ],
  [
    'a rule that says nothing of whom to accept',
    ['client', nowhere, 'alice', '--accept', 'friends'],
    /"friends" does not say whom to accept\. Write any, known or list FILE/,
  ],
  ['a local address that is none', ['client', nowhere, 'alice', '--bind', '[::1'], /is not an address/],
  ['a port that is no number', ['client', nowhere, 'alice', '--port', 'x'], /Give a whole number/],
  ['a port option beyond the last', ['server', '--port', '65536'], /from 0 to 65535/],
  ['no time at all', ['client', nowhere, 'alice', '--timeout', '0'], /more than 0/],
  ['no end of time', ['client', nowhere, 'alice', '--timeout', 'Infinity'], /at most 86400/],
  ['room for nobody', ['server', '--max-clients', '0'], /from 1 to 10000000/],
  ['a negative lifetime', ['server', '--ttl=-1'], /more than 0/],
  [
    'an unknown chart',
    ['diagram', 'pie'],
    /no chart "pie"\. There are client, link, session, and introduction/,
  ],
  [
    'an unknown format',
    ['diagram', 'link', '--format', 'png'],
    /no format "png"\. There are mermaid, svg, and json/,
  ],
  [
    'an unknown theme',
    ['diagram', 'link', '--format', 'svg', '--theme', 'blue'],
    /no theme "blue"\. There are auto, light, and dark/,
  ],
  ['an unknown chart to walk', ['paths', 'pie'], /no chart "pie"/],
  ['one NAT', ['demo', '--nat', 'full-cone'], /Give --nat twice/],
  ['three NATs', ['demo', ...Array(3).fill(['--nat', 'full-cone']).flat()], /Give --nat twice/],
  ['a NAT of no kind', ['demo', '--nat', 'full-cone', '--nat', 'ice-cone'], /Give --nat twice/],
];

describe('wrong arguments end the program with code 2 and a reason:', { concurrency: 2 }, () => {
  for (const [what, args, reason] of wrong) {
    it(what, async () => {
      const program = punch(...args);
      await program.endsWith(2);
      assert.match(program.errors, reason);
      assert.equal(program.output, '', 'reasons are not output');
      assert.doesNotMatch(program.errors.replaceAll('\n', ''), /\p{Cc}/u);
    });
  }

  it('a client that calls itself, before anything is sent', async () => {
    const program = punch('client', nowhere, 'alice', 'alice', '--timeout', '2');
    await program.endsWith(2);
    assert.match(program.errors, /own name/);
    assert.doesNotMatch(program.errors, /awaiting ack/);
  });

  it('a peer whose name nobody can have, before anything is sent', async () => {
    const program = punch('client', nowhere, 'alice', 'b\u0007b', '--timeout', '2');
    await program.endsWith(2);
    assert.match(program.errors, /"b\\u0007b" contains control characters/);
    assert.doesNotMatch(program.errors, /awaiting ack/);
  });

  it('a peer with a key, for protocol 1, before anything is sent', async () => {
    const bob = `punch://bob@${nowhere}#${'A'.repeat(43)}`;
    const program = punch('client', nowhere, 'alice', bob, '--protocol', '1');
    await program.endsWith(2);
    assert.match(program.errors, /Protocol 1 has no keys\. Name the peer without one, or use protocol 2/);
  });

  it('all kinds of NAT are listed when one is wrong', async () => {
    const program = punch('demo', '--nat', 'ice-cone', '--nat', 'full-cone');
    await program.endsWith(2);
    for (const kind of Object.keys(accessKinds)) assert.ok(program.errors.includes(kind), kind);
  });

  it('a server and a client of different versions of IP, before the timeout', async () => {
    const program = punch('client', '[::1]:9', 'alice', '--bind', '127.0.0.1', '--timeout', '3');
    assert.notEqual((await program.ends()).code, 0);
    assert.doesNotMatch(program.errors, /No answer/);
    assert.match(program.errors, /IP|route/);
  });
});

describe('help', { concurrency: 2 }, () => {
  it('lists the commands, and every exit code of the README', async () => {
    const program = punch('--help');
    await program.endsWith(0);
    assert.match(program.output, /^Usage: punch/);
    for (const command of ['server', 'client', 'demo', 'diagram', 'paths']) {
      assert.match(program.output, new RegExp(`^ {2}${command} `, 'm'));
    }
    for (const [, code] of readFileSync('README.md', 'utf8').matchAll(/^\| (\d+) \| /gm)) {
      assert.match(program.output, new RegExp(`^ +${code} {2}\\S`, 'm'));
    }
  });

  for (const command of ['server', 'client', 'demo', 'diagram', 'paths']) {
    it(`explains ${command}`, async () => {
      const program = punch(command, '--help');
      await program.endsWith(0);
      assert.match(program.output, new RegExp(`^Usage: punch ${command} `));
      assert.equal(program.errors, '');
    });
  }

  it('tells the version of the package', async () => {
    const program = punch('--version');
    await program.endsWith(0);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal(program.output, `${version}\n`);
  });
});

describe('a reader that stops early', { concurrency: 2 }, () => {
  for (const args of [
    ['--help'],
    ['paths', 'link'],
    ['diagram', 'link', '--format', 'json'],
    ['demo'],
    ['demo', '--json'],
  ]) {
    it(`ends punch ${args.join(' ')} quietly`, async () => {
      const program = punch(...args);
      program.closeOutput();
      await program.ends();
    });
  }
});
