import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parsePeerAddress } from '../../runtime/identity/peer-address.ts';
import { fingerprintOf, formatKey, parseKey } from '../../runtime/secrecy/keys.ts';
import { mainFile, Program } from '../cli/program.ts';
import { freshPath } from './folder.ts';

describe('punch id', () => {
  it('makes a key the first time, says so, and shows it ever after', async () => {
    const home = freshPath();
    const file = join(home, '.config', 'punch', 'key');
    const first = id({ HOME: home });
    await first.endsWith(0);
    assert.match(first.errors, /^A key was made\. Keep .*\/\.config\/punch\/key to yourself/);
    const [, key = ''] = /^key {10}([\w-]{43})\n/.exec(first.output) ?? [];
    assert.equal(
      first.output,
      `key          ${key}\nfingerprint  ${fingerprintOf(parseKey(key) ?? new Uint8Array())}\n` +
        `file         ${file}\naddress      punch://<name>@<server>#${key}\n`,
    );
    assert.match(first.errors, /The address lacks the name and the server: punch id bob --server/);

    const second = id({ HOME: home }, 'zoë b', '--server', '[2001:db8::1]:5');
    await second.endsWith(0);
    assert.equal(second.errors, '');
    assert.match(second.output, new RegExp(`^key {10}${key}\n`));
    const [, address = ''] = /^address {6}(.*)$/m.exec(second.output) ?? [];
    assert.deepEqual(parsePeerAddress(address), {
      name: 'zoë b',
      server: '[2001:db8::1]:5',
      key: parseKey(key),
    });
  });

  it('obeys XDG_CONFIG_HOME, --key before that, and answers in JSON', async () => {
    const config = freshPath();
    const usual = id({ XDG_CONFIG_HOME: config }, '--json');
    await usual.endsWith(0);
    const identity = JSON.parse(usual.output);
    assert.equal(usual.errors, '');
    assert.equal(identity.file, join(config, 'punch', 'key'));
    assert.equal(identity.isNew, true);
    assert.deepEqual(identity.missing, ['name', 'server']);

    const file = join(freshPath(), 'mine');
    const named = id({ XDG_CONFIG_HOME: config }, 'bob', '--server', 'Server', '--key', file, '--json');
    await named.endsWith(0);
    const mine = JSON.parse(named.output);
    assert.notEqual(mine.key, identity.key);
    assert.deepEqual(mine.missing, []);
    assert.equal(mine.address, `punch://bob@server:39738#${mine.key}`);
    const [, secret = ''] = /^secret (.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    assert.equal(formatKey(parseKey(secret) ?? new Uint8Array()), secret);
    assert.ok(!named.output.includes(secret) && !usual.output.includes(secret), 'no secret is shown');
  });

  it('explains a key file that cannot be used', async () => {
    const file = freshPath();
    writeFileSync(file, 'Dear diary');
    const people = id({}, '--key', file);
    await people.endsWith(1);
    assert.match(people.errors, /^The key file .* cannot be used: it is damaged, or no key file\. Restore/);
    assert.equal(people.output, '');
    const program = id({}, '--key', file, '--json');
    await program.endsWith(1);
    assert.equal(JSON.parse(program.output).outcome, 'failed');
  });

  for (const args of [['al\nice'], [''], ['bob', '--server', 'http://server']]) {
    it(`makes no key when asked for ${JSON.stringify(args)}`, async () => {
      const home = freshPath();
      await id({ HOME: home }, ...args).endsWith(2);
      assert.equal(existsSync(home), false);
    });
  }
});

function id(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Program {
  return new Program([process.execPath, mainFile, 'id', ...args], {
    environment: { XDG_CONFIG_HOME: '', ...environment },
  });
}
