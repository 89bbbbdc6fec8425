import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { open as openEnvironment } from 'lmdb';
import { realAmbient } from '../../../runtime/ambient.ts';
import { PunchError } from '../../../runtime/errors.ts';
import { openLeases } from '../../../runtime/identity/leases/open.ts';
import { seededRandom } from '../../../runtime/simulation/random.ts';
import { freshPath, someKey } from '../folder.ts';

const COUNT = 300;
const PAGE = 4096;
const sample = freshPath();
const keys = Array.from({ length: COUNT }, someKey);
let whole: Buffer;

before(async () => {
  const leases = await open(sample);
  for (const [index, key] of keys.entries()) {
    const granted = leases.grant(`name-${index}`, key);
    if (index % 30 === 0) await granted;
  }
  await leases.close();
  whole = readFileSync(join(sample, 'leases.mdb'));
});

describe('a store that is damaged is refused, and left as it is:', () => {
  const damages: [what: string, spoil: () => Buffer, why: RegExp][] = [
    ['an empty file', () => Buffer.alloc(0), /it is empty/],
    ['a text', () => Buffer.from('Dear diary, '.repeat(1000)), /damaged, or no store of leases/],
    ['zeros', () => Buffer.alloc(whole.length), /damaged, or no store of leases/],
    ['noise', () => noise(whole.length), /damaged, or no store of leases/],
    ['a short text', () => Buffer.from('Dear diary'), /its end is missing/],
    [
      'a whole head before noise',
      () => Buffer.concat([whole.subarray(0, 2 * PAGE), noise(40 * PAGE)]),
      /damaged|lost/,
    ],
    [
      'a whole head before zeros',
      () => Buffer.concat([whole.subarray(0, 2 * PAGE), Buffer.alloc(40 * PAGE)]),
      /damaged|lost|something else/,
    ],
    ['one head overwritten', () => patched(PAGE, Buffer.alloc(200)), /damaged/],
    ['the other head overwritten', () => patched(0, Buffer.alloc(200)), /damaged/],
    ['a head of long ago', () => patched(PAGE + 152, Buffer.alloc(8)), /first pages are damaged/],
    [
      'a format of the future',
      () => patched(28, Buffer.from([9, 0])),
      /version 9 of LMDB's format, and not 2/,
    ],
  ];
  for (const [what, spoil, why] of damages) {
    test(what, async () => refuses(spoil(), why));
  }

  for (const pages of [0.01, 0.5, 1, 1.5, 2, 3, 4.2, 7, 10]) {
    test(`one that is cut off after ${pages} pages`, async () => {
      assert.ok(whole.length > 11 * PAGE, `${whole.length}`);
      await refuses(whole.subarray(0, pages * PAGE), /end is missing|damaged|lost|something else/);
    });
  }

  test('a store of something else', async () => {
    const file = await otherStore(() => {}, []);
    await refuses(readFileSync(file), /store of something else/);
  });

  test('a store with tables of the same names', async () => {
    const file = await otherStore((put) => put('format', 'theirs'), ['about']);
    await refuses(readFileSync(file), /store of something else/);
    const both = await otherStore((put) => put('name', 'theirs'), ['about', 'leases']);
    await refuses(readFileSync(both), /store of something else/);
  });

  test('a store of another version', async () => {
    const file = await otherStore((put) => put('format', 'punch leases 2'), ['about', 'leases']);
    await refuses(readFileSync(file), /format "punch leases 2" of another version/);
  });

  test('one whose last commit is undone', async () => {
    // The newer head gets the content of the older, as if it had never been written.
    const [first, second] = [0, PAGE].map((at) => whole.readBigUInt64LE(at + 152));
    const [older, newer] = (first ?? 0n) < (second ?? 0n) ? [0, PAGE] : [PAGE, 0];
    await refuses(patched(newer + 24, whole.subarray(older + 24, older + 168)), /first pages are damaged/);
  });
});

test('damage anywhere is either found, or harms no lease', { timeout: 300_000 }, async (t) => {
  const random = seededRandom(39_738);
  let found = 0;
  for (let round = 0; round < 24; round += 1) {
    const spoilt = Buffer.from(whole);
    const start = Math.floor(random() * spoilt.length);
    const length = 1 + Math.floor(random() * (round % 2 === 0 ? 4 : 2000));
    for (let at = start; at < Math.min(start + length, spoilt.length); at += 1)
      spoilt[at] = Math.floor(random() * 256);
    const directory = directoryWith(spoilt);
    try {
      const leases = await open(directory);
      for (const [index, key] of keys.entries()) assert.deepEqual(leases.holderOf(`name-${index}`), key);
      assert.equal(leases.size, COUNT);
      await leases.close();
    } catch (error) {
      if (!(error instanceof PunchError)) throw error;
      assert.equal(error.code, 'badStore');
      assert.deepEqual(readFileSync(join(directory, 'leases.mdb')), spoilt);
      found += 1;
    }
  }
  t.diagnostic(`found ${found} of 24`);
  assert.ok(found > 0);
});

test('damage to the list of free pages, which the store does not check, is left behind', async () => {
  const newer = whole.readBigUInt64LE(152) > whole.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
  const list = Number(whole.readBigUInt64LE(newer + 88)) * PAGE;
  // The number of the transaction, with which a writer would crash; the end, with which it would write over leases.
  for (const at of [8, PAGE - 50]) {
    const directory = directoryWith(patched(list + at, Buffer.from([0x15])));
    const leases = await open(directory);
    for (let index = 0; index < 40; index += 1) await leases.grant(`new-${index}`, someKey());
    await leases.close();
    const again = await open(directory);
    assert.equal(again.size, COUNT + 40);
    for (const [index, key] of keys.entries()) assert.deepEqual(again.holderOf(`name-${index}`), key);
    await again.close();
  }
});

test('a copy of a directory is as good as the directory', async () => {
  const copy = freshPath();
  cpSync(sample, copy, { recursive: true });
  const leases = await open(copy);
  assert.equal(leases.size, COUNT);
  await leases.close();
});

test('a store is usable again once what the remedy says is done', async () => {
  const directory = directoryWith(whole.subarray(0, 3 * PAGE));
  await assert.rejects(open(directory), /mv .*leases\.mdb .*leases\.mdb\.damaged$/);
  copyFileSync(join(sample, 'leases.mdb'), join(directory, 'leases.mdb'));
  const leases = await open(directory);
  assert.equal(leases.size, COUNT);
  await leases.close();
});

test('a copy that ends early under a running server does not reach the next', async () => {
  const directory = directoryWith(whole);
  truncateSync(join(directory, 'leases.mdb'), whole.length - 5 * PAGE);
  await assert.rejects(open(directory), { code: 'badStore' });
});

function open(directory: string) {
  return openLeases({ directory, clock: realAmbient.clock, now: () => 0 });
}

function directoryWith(content: Uint8Array): string {
  const directory = freshPath();
  mkdirSync(directory);
  writeFileSync(join(directory, 'leases.mdb'), content);
  return directory;
}

async function refuses(content: Buffer, why: RegExp): Promise<void> {
  const directory = directoryWith(content);
  const file = join(directory, 'leases.mdb');
  await assert.rejects(open(directory), (error) => {
    assert.ok(error instanceof PunchError, `${error}`);
    assert.equal(error.code, 'badStore');
    assert.ok(error.message.startsWith(`The leases in ${file} cannot be used: `), error.message);
    assert.match(error.message, why);
    assert.match(error.message, /left as it is\. Restore it from a copy; .* mv /);
    return true;
  });
  assert.deepEqual(readFileSync(file), Buffer.from(content));
}

function patched(at: number, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(whole);
  copy.set(bytes, at);
  return copy;
}

function noise(length: number): Buffer {
  const random = seededRandom(1);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

/** A store of LMDB as another program would make one. */
async function otherStore(
  fill: (put: (name: string, text: string) => void) => void,
  tables: readonly string[],
): Promise<string> {
  const file = `${freshPath()}.mdb`;
  const root = openEnvironment<Buffer, string>({ path: file, encoding: 'binary', overlappingSync: false });
  root.putSync('theirs', Buffer.from('thing'));
  const [first] = tables.map((name) => root.openDB<Buffer, string>(name, { encoding: 'binary' }));
  fill((name, text) => void first?.putSync(name, Buffer.from(text)));
  await root.close();
  return file;
}
