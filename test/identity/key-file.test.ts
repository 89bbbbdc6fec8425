import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { realEntropy } from '../../runtime/ambient.ts';
import { PunchError } from '../../runtime/errors.ts';
import { openKeyFile } from '../../runtime/identity/key-file.ts';
import { formatKey } from '../../runtime/secrecy/keys.ts';
import { punchError } from '../runtime/scene.ts';
import { folder, freshPath } from './folder.ts';

const module = JSON.stringify(new URL('../../runtime/identity/key-file.ts', import.meta.url).href);
const ambient = JSON.stringify(new URL('../../runtime/ambient.ts', import.meta.url).href);

describe('a key file', () => {
  test('is made when there is none, and read from then on', async () => {
    const file = join(freshPath(), 'punch', 'key');
    const made = await openKeyFile(file, realEntropy);
    assert.equal(made.isNew, true);
    assert.deepEqual(await openKeyFile(file, realEntropy), { ...made, isNew: false });
  });

  test('and the directories that are made for it are their owner’s alone', async () => {
    const file = join(freshPath(), 'punch', 'key');
    await openKeyFile(file, realEntropy);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
    assert.equal(statSync(dirname(dirname(file))).mode & 0o777, 0o700);
  });

  test('is all that is left in its directory, and says to keep it secret', async () => {
    const file = join(freshPath(), 'key');
    await openKeyFile(file, realEntropy);
    assert.deepEqual(readdirSync(dirname(file)), ['key']);
    assert.match(readFileSync(file, 'utf8'), /^# .*Keep it secret.*\nsecret [\w-]{43}\npublic [\w-]{43}\n$/);
  });

  test('may be a link to another', async () => {
    const file = join(freshPath(), 'key');
    const { publicKey } = await openKeyFile(file, realEntropy);
    symlinkSync(file, `${file}-too`);
    assert.deepEqual((await openKeyFile(`${file}-too`, realEntropy)).publicKey, publicKey);
  });

  test('is the same for all who make it at the same time, in one process', async () => {
    const file = join(freshPath(), 'key');
    const opened = await Promise.all(Array.from({ length: 20 }, () => openKeyFile(file, realEntropy)));
    assert.equal(new Set(opened.map(({ publicKey }) => formatKey(publicKey))).size, 1);
    assert.equal(opened.filter(({ isNew }) => isNew).length, 1);
    assert.deepEqual(readdirSync(dirname(file)), ['key']);
  });

  test('is the same for all who make it at the same time, in many processes', async () => {
    const file = join(freshPath(), 'key');
    const script = `
      const { openKeyFile } = await import(${module});
      const { realEntropy } = await import(${ambient});
      const { publicKey } = await openKeyFile(${JSON.stringify(file)}, realEntropy);
      process.stdout.write(Buffer.from(publicKey).toString('hex'));
    `;
    const keys = await Promise.all(
      Array.from({ length: 6 }, () =>
        text(spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]).stdout),
      ),
    );
    assert.equal(new Set(keys).size, 1);
    assert.match(keys[0] ?? '', /^[0-9a-f]{64}$/);
  });
});

describe('a key file that cannot be used is left as it is, and it is said why:', () => {
  const sample = openKeyFile(join(folder, 'sample'), realEntropy).then(() =>
    readFileSync(join(folder, 'sample'), 'utf8'),
  );

  const damages: [what: string, spoil: (text: string) => string | Buffer, why: RegExp][] = [
    ['an empty one', () => '', /damaged, or no key file/],
    ['one of something else', () => 'Dear diary,\n', /damaged, or no key file/],
    ['one of bytes', () => Buffer.alloc(200, 0xff), /damaged, or no key file/],
    ['one of zeros', (text) => Buffer.alloc(text.length), /damaged, or no key file/],
    ['one with a letter too many', (text) => text.replace('secret ', 'secret A'), /damaged, or no key file/],
    [
      'one with another secret',
      (text) => text.replace(/secret .{5}/, 'secret AAAAA'),
      /do not belong together/,
    ],
    [
      'one with another public key',
      (text) => text.replace(/public .{5}/, 'public AAAAA'),
      /do not belong together/,
    ],
    ['a very long one', (text) => text + '#\n'.repeat(9000), /too long/],
  ];
  for (const [what, spoil, why] of damages) {
    test(what, async () => {
      const spoilt = spoil(await sample);
      await refuses(write(spoilt), why);
    });
  }

  test('one that is cut off, wherever', async () => {
    const text = await sample;
    for (let length = 0; length < text.length; length += 1) {
      await refuses(write(text.slice(0, length)), /damaged, or no key file/);
    }
  });

  for (const mode of [0o640, 0o604, 0o620, 0o644]) {
    test(`one of mode ${mode.toString(8)}, which others can use`, async () => {
      const file = write(await sample);
      chmodSync(file, mode);
      await refuses(file, new RegExp(`others than its owner.*run: chmod 600 ${file}$`));
    });
  }

  test('a directory', async () => {
    const path = freshPath();
    mkdirSync(path);
    await assert.rejects(openKeyFile(path, realEntropy), punchError('badKeyFile', /it is a directory/));
  });

  test('a pipe, which nobody waits for', async () => {
    const path = freshPath();
    execFileSync('mkfifo', [path]);
    await assert.rejects(openKeyFile(path, realEntropy), punchError('badKeyFile', /not a regular file/));
  });

  test('a device', async () => {
    await assert.rejects(
      openKeyFile('/dev/null', realEntropy),
      punchError('badKeyFile', /not a regular file/),
    );
  });

  test('one beneath a file', async () => {
    const file = join(write('text'), 'key');
    await assert.rejects(
      openKeyFile(file, realEntropy),
      punchError('badKeyFile', /part of its path is not a directory/),
    );
  });

  test('one in a directory where nothing can be made', async () => {
    await assert.rejects(openKeyFile('/proc/punch/key', realEntropy), (error) => {
      assert.ok(error instanceof PunchError);
      assert.match(error.message, /^The key file \/proc\/punch\/key cannot be used: .*--key\.$/);
      return error.code === 'badKeyFile';
    });
    assert.equal(existsSync('/proc/punch'), false);
  });
});

function write(content: string | Buffer): string {
  const file = freshPath();
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

async function refuses(file: string, why: RegExp): Promise<void> {
  const before = readFileSync(file);
  await assert.rejects(openKeyFile(file, realEntropy), (error) => {
    assert.ok(error instanceof PunchError);
    assert.equal(error.code, 'badKeyFile');
    assert.ok(error.message.startsWith(`The key file ${file} cannot be used: `), error.message);
    assert.match(error.message, why);
    assert.doesNotMatch(error.message.replace(file, ''), /[\w-]{40}/, 'no key in it');
    return true;
  });
  assert.deepEqual(readFileSync(file), before);
}
