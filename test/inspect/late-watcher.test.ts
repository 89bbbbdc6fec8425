import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lateWatcher } from '../../runtime/late-watcher.ts';
import { together, type Watcher, watchedTransport } from '../../runtime/watcher.ts';
import { MemoryNetwork } from '../support/memory-network.ts';

const here = { address: '192.0.2.1', port: 1 };
const there = { address: '192.0.2.2', port: 2 };

test('a watcher that comes late sees what it has missed, as it was, and then everything as it happens', async () => {
  let come = (_: Watcher) => {};
  const seen: string[] = [];
  const late = lateWatcher(
    new Promise((resolve) => {
      come = resolve;
    }),
    (error) => assert.fail(String(error)),
  );
  const bytes = new Uint8Array([1, 2, 3]);
  late.sent(here, there, bytes, undefined);
  bytes.fill(0xff);
  come({ inspect: () => {}, sent: (_local, _to, sent) => void seen.push(sent.join()) });
  await new Promise((resolve) => setImmediate(resolve));
  late.sent(here, there, new Uint8Array([4]), undefined);
  assert.deepEqual(seen, ['1,2,3', '4']);
});

test('a watcher that never comes is told of once, and nothing is kept for it', async () => {
  const failures: unknown[] = [];
  const late = lateWatcher(Promise.reject(new Error('the port is taken')), (error) => failures.push(error));
  late.received(here, there, new Uint8Array());
  await new Promise((resolve) => setImmediate(resolve));
  late.received(here, there, new Uint8Array());
  assert.equal(failures.length, 1);
});

test('several watchers see every datagram, and the transport carries it', async () => {
  const seen: string[] = [];
  const watcher = (name: string): Watcher => ({
    inspect: () => {},
    sent: (_, to) => void seen.push(`${name} sent ${to.port}`),
    received: (_, from) => void seen.push(`${name} received ${from.port}`),
  });
  const network = new MemoryNetwork();
  const [one, other] = [network.open('192.0.2.1:1'), network.open('192.0.2.2:2')];
  const watched = watchedTransport(one, together(watcher('a'), undefined, watcher('b')));
  const heard: string[] = [];
  watched.listen({ datagram: (from) => void heard.push(`from ${from.port}`) });
  other.listen({ datagram: () => {} });
  watched.send(other.local, new Uint8Array([1]));
  other.send(one.local, new Uint8Array([2]));
  network.clock.advance(1000);
  assert.deepEqual(seen, ['a sent 2', 'b sent 2', 'a received 2', 'b received 2']);
  assert.deepEqual(heard, ['from 2']);
  assert.equal(
    watchedTransport(one, { inspect: () => {} }),
    one,
    'who does not look at datagrams costs them nothing',
  );
});
