import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from '../../runtime/feed.ts';
import { collectGarbage } from './garbage.ts';
import { settled } from './scene.ts';

test('a reader who comes late gets everything from the first', async () => {
  const feed = new Feed<number>();
  for (const item of [1, 2, 3]) feed.push(item);
  feed.end();
  assert.deepEqual(await collect(feed), [1, 2, 3]);
});

test('a reader who waits gets each item as it comes', async () => {
  const feed = new Feed<number>();
  const seen: number[] = [];
  const reading = collect(feed, seen);
  for (const item of [1, 2, 3]) {
    await settled();
    feed.push(item);
    await settled();
    assert.equal(seen.at(-1), item);
  }
  feed.end();
  assert.deepEqual(await reading, [1, 2, 3]);
});

test('a waiting reader ends when the feed ends', async () => {
  const feed = new Feed<number>();
  const reading = collect(feed);
  await settled();
  feed.end();
  assert.deepEqual(await reading, []);
});

test('nothing comes after the end, and it may come twice', async () => {
  const feed = new Feed<number>();
  feed.push(1);
  feed.end();
  feed.end();
  feed.push(2);
  assert.deepEqual(await collect(feed), [1]);
  assert.equal(feed.missed, 0);
});

test('a reader who is too slow misses the oldest, and learns how many', async () => {
  const feed = new Feed<number>(3);
  for (let item = 1; item <= 10; item += 1) feed.push(item);
  feed.end();
  assert.equal(feed.missed, 7);
  assert.deepEqual(await collect(feed), [8, 9, 10]);
});

test('1024 items wait by default', async () => {
  const feed = new Feed<number>();
  for (let item = 0; item < 1025; item += 1) feed.push(item);
  feed.end();
  assert.equal(feed.missed, 1);
  assert.equal((await collect(feed)).length, 1024);
});

test('a full feed takes more as soon as it was read', async () => {
  const feed = new Feed<number>(2);
  const seen: number[] = [];
  const reading = collect(feed, seen);
  for (let item = 1; item <= 20; item += 1) {
    feed.push(item);
    if (item % 2 === 0) await settled();
  }
  feed.end();
  await reading;
  assert.equal(feed.missed, 0);
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

test('values that mean nothing are items too', async () => {
  const feed = new Feed<string | undefined>();
  for (const item of ['', undefined, 'x']) feed.push(item);
  feed.end();
  assert.deepEqual(await collect(feed), ['', undefined, 'x']);
});

test('a reader who leaves can come back for the rest', async () => {
  const feed = new Feed<number>();
  for (const item of [1, 2, 3]) feed.push(item);
  for await (const item of feed) if (item === 1) break;
  feed.end();
  assert.deepEqual(await collect(feed), [2, 3]);
});

test('what was read is not kept', async () => {
  const feed = new Feed<object>();
  const references = Array.from({ length: 10 }, () => {
    const item = { text: 'x'.repeat(100) };
    feed.push(item);
    return new WeakRef(item);
  });
  const reading = (async () => {
    for await (const _ of feed);
  })();
  // A WeakRef holds on to what it names until the current turn is over.
  for (let turn = 0; turn < 3; turn += 1) await settled();
  collectGarbage();
  const kept = references.filter((reference) => reference.deref() !== undefined).length;
  assert.ok(kept <= 1, `${kept} are kept, of which the reader holds the last`);
  feed.end();
  await reading;
});

async function collect<Item>(feed: Feed<Item>, into: Item[] = []): Promise<Item[]> {
  for await (const item of feed) into.push(item);
  return into;
}
