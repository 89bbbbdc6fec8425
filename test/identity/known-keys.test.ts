import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type Changed,
  changedKeyError,
  openKnownKeys,
  peerLabel,
} from '../../runtime/identity/known-keys.ts';
import { fingerprintOf, formatKey } from '../../runtime/secrecy/keys.ts';
import { punchError } from '../runtime/scene.ts';
import { freshPath, someKey } from './folder.ts';

const [first, second] = [someKey(), someKey()];

describe('known keys', () => {
  test('are none where there is no file, which is not made by looking', async () => {
    const file = join(freshPath(), 'known_keys');
    const known = await openKnownKeys(file);
    assert.equal(known.check('server', 'server:5', first), 'new');
    assert.equal(known.isKnownPeer(first), false);
    assert.throws(() => statSync(file));
  });

  test('are known once remembered, by this process and the next', async () => {
    const file = join(freshPath(), 'punch', 'known_keys');
    const known = await openKnownKeys(file);
    await known.remember('server', 'server:5', first);
    await known.remember('peer', peerLabel('bob', 'server:5'), second);
    for (const keys of [known, await openKnownKeys(file)]) {
      assert.equal(keys.check('server', 'server:5', first), 'known');
      assert.equal(keys.check('peer', 'bob@server:5', second), 'known');
      assert.equal(keys.check('peer', 'server:5', first), 'new', 'a peer is no server');
      assert.equal(keys.check('server', 'server:6', first), 'new');
      assert.equal(keys.isKnownPeer(second), true);
      assert.equal(keys.isKnownPeer(first), false, 'a server is no peer');
    }
    assert.equal(
      readFileSync(file, 'utf8'),
      `server server:5 ${formatKey(first)}\npeer bob@server:5 ${formatKey(second)}\n`,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('are written once', async () => {
    const known = await openKnownKeys(freshPath());
    await Promise.all([1, 2, 3].map(() => known.remember('server', 'server:5', first)));
    assert.equal(readFileSync(known.file, 'utf8').split('\n').length, 2);
  });

  test('may have names with spaces, percent signs and # in them', async () => {
    const known = await openKnownKeys(freshPath());
    const label = peerLabel('# bob\u00a0100%20 \u3000zoë', 'server:5');
    await known.remember('peer', label, first);
    assert.equal((await openKnownKeys(known.file)).check('peer', label, first), 'known');
  });

  test('may be several under one label, if somebody writes them so', async () => {
    const known = await open(line('server', 'server:5', first), line('server', 'server:5', second));
    assert.equal(known.check('server', 'server:5', second), 'known');
  });

  test('keep what people wrote between them, and an end that is missing is added', async () => {
    const text = `# mine\n\n  server server:5   ${formatKey(first)}\r\nnonsense`;
    const file = freshPath();
    writeFileSync(file, text);
    const known = await openKnownKeys(file);
    assert.equal(known.check('server', 'server:5', first), 'known');
    await known.remember('peer', 'bob@server:5', second);
    assert.equal(readFileSync(file, 'utf8'), `${text}\n${line('peer', 'bob@server:5', second)}\n`);
  });

  test('that many processes remember at the same time are all kept', async () => {
    const file = freshPath();
    const module = JSON.stringify(new URL('../../runtime/identity/known-keys.ts', import.meta.url).href);
    const script = (index: number) => `
      const { openKnownKeys } = await import(${module});
      const known = await openKnownKeys(${JSON.stringify(file)});
      for (let turn = 0; turn < 10; turn += 1)
        await known.remember('peer', 'peer-${index}-' + turn + '@server:5', new Uint8Array(32).fill(${index}));
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval'];
    const children = Array.from({ length: 20 }, (_, index) =>
      spawn(process.execPath, [...args, script(index)], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0]));
    assert.deepEqual(new Set(codes), new Set([0]));
    const known = await openKnownKeys(file);
    assert.deepEqual(known.faults, []);
    for (let index = 0; index < 20; index += 1) {
      for (let turn = 0; turn < 10; turn += 1) {
        const label = `peer-${index}-${turn}@server:5`;
        assert.equal(known.check('peer', label, new Uint8Array(32).fill(index)), 'known', label);
      }
    }
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 201);
  });
});

describe('a key that changed', () => {
  test('is reported with where the old one is, and both fingerprints', async () => {
    const known = await open('# mine', line('server', 'other:5', second), line('server', 'server:5', first));
    assert.deepEqual(known.check('server', 'server:5', second), {
      kind: 'server',
      label: 'server:5',
      file: known.file,
      line: 3,
      expected: fingerprintOf(first),
      found: fingerprintOf(second),
    });
  });

  test('takes no old one’s place, even if another process met the old one meanwhile', async () => {
    const known = await open();
    writeFileSync(known.file, `${line('server', 'server:5', first)}\n`);
    await assert.rejects(known.remember('server', 'server:5', second), punchError('keyChanged', /Line 1 of/));
    assert.equal(readFileSync(known.file, 'utf8'), `${line('server', 'server:5', first)}\n`);
  });

  test('stops with file, line and remedy', () => {
    const changed: Changed = {
      kind: 'peer',
      label: 'bob@server:5',
      file: '/home/ann lee/known_keys',
      line: 3,
      expected: '1111-2222',
      found: '3333-4444',
    };
    assert.equal(
      changedKeyError(changed).message,
      'The key of the peer bob@server:5 is not the one remembered: it is 3333-4444 now. ' +
        'Line 3 of /home/ann lee/known_keys remembers 1111-2222. ' +
        'Either it was set up anew, or somebody poses as it. Ask its owner to read its fingerprint out to you. ' +
        "Only if that is 3333-4444, remove the line: sed -i.old 3d '/home/ann lee/known_keys'",
    );
  });

  test('is one that is well again once the line is removed as it says', async () => {
    const known = await open(line('peer', 'a@server', first), line('server', 'server:5', first));
    const changed = known.check('server', 'server:5', second);
    assert.ok(typeof changed === 'object');
    const command = /: (sed .*)$/.exec(changedKeyError(changed).message)?.[1] ?? '';
    await once(spawn('sh', ['-c', command]), 'close');
    const mended = await openKnownKeys(known.file);
    assert.equal(mended.check('server', 'server:5', second), 'new');
    assert.equal(mended.check('peer', 'a@server', first), 'known');
  });
});

describe('a damaged line', () => {
  const damaged: [line: string, why: RegExp][] = [
    ['nonsense', /neither "server" nor "peer"/],
    [`Server server:5 ${formatKey(first)}`, /neither "server" nor "peer"/],
    ['server', /does not name its server/],
    ['server 100%', /does not name its server/],
    ['server server:5', /no key of 43 characters/],
    [`server server:5 ${formatKey(first).slice(1)}`, /no key of 43 characters/],
    [`server server:5 ${formatKey(first)} or so`, /more than three words/],
  ];
  for (const [text, why] of damaged) {
    test(`such as ${text} is reported by its number, and the others are read`, async () => {
      const known = await open(line('server', 'other:5', first), text, line('server', 'more:5', first));
      assert.deepEqual(
        known.faults.map((fault) => fault.line),
        [2],
      );
      assert.match(known.faults[0]?.why ?? '', why);
      assert.equal(known.check('server', 'more:5', first), 'known');
    });
  }

  test('makes no stranger of the server that it names', async () => {
    const known = await open(line('server', 'server:5', first).slice(0, -1));
    const changed = known.check('server', 'server:5', first);
    assert.ok(typeof changed === 'object');
    assert.equal(changed.expected, undefined);
    assert.match(changedKeyError(changed).message, /Line 1 of .* which remembers it, is damaged/);
  });
});

describe('a file of known keys that cannot be used', () => {
  test('is reported when it is read', async () => {
    const path = freshPath();
    mkdirSync(path);
    await assert.rejects(openKnownKeys(path), punchError('badKeyFile', /cannot be read: it is a directory/));
  });

  test('is reported when it is written', async () => {
    const known = await openKnownKeys('/proc/punch/known_keys');
    await assert.rejects(
      known.remember('server', 'server:5', first),
      punchError('badKeyFile', /cannot be written/),
    );
  });
});

function line(kind: string, label: string, key: Uint8Array): string {
  return `${kind} ${label} ${formatKey(key)}`;
}

function open(...lines: readonly string[]) {
  const file = freshPath();
  writeFileSync(file, lines.map((text) => `${text}\n`).join(''));
  return openKnownKeys(file);
}
