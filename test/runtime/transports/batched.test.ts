import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openBatchedUdp } from '../../../runtime/batched/open.ts';
import type { PackedEndpoint, PackedTransport } from '../../../runtime/transport.ts';
import { conformance } from './conformance.ts';
import { needsBatched } from './needs-batched.ts';
import { socketConformance } from './sockets.ts';
import { HAS_IPV6, loopback, until } from './world.ts';

const world = loopback(openBatchedUdp);

describe('batched UDP', needsBatched, () => {
  conformance('batched', () => world);
  socketConformance('batched');

  for (const address of ['127.0.0.1', ...(HAS_IPV6 ? ['::1'] : [])]) {
    test(`packs ${address} into words, and sends to words`, async () => {
      const heard: (PackedEndpoint & { readonly bytes: readonly number[] })[] = [];
      await withPair(address, async (here, there) => {
        there.listenPacked({
          datagram: (from, bytes, length) => {
            heard.push({ ...from, bytes: [...bytes.subarray(0, length)] });
            there.sendPacked(from, Uint8Array.of(5, 6, 7), 2);
          },
        });
        const answers: number[][] = [];
        here.listen({ datagram: (_from, bytes) => answers.push([...bytes]) });
        here.send(there.local, Uint8Array.of(1, 2, 3));
        await until(world, () => answers.length > 0);
        assert.deepEqual(answers, [[5, 6]]);
        const words = address === '::1' ? [0, 0, 0, 1] : [0, 0, 0xffff, 0x7f000001];
        const [word0, word1, word2, word3] = words as [number, number, number, number];
        assert.deepEqual(heard, [{ word0, word1, word2, word3, port: here.local.port, bytes: [1, 2, 3] }]);
      });
    });
  }

  test('copies what it sends', () =>
    withPair('127.0.0.1', async (here, there) => {
      const heard: number[][] = [];
      there.listen({ datagram: (_from, bytes) => heard.push([...bytes]) });
      const to = { word0: 0, word1: 0, word2: 0xffff, word3: 0x7f000001, port: there.local.port };
      for (const size of [10, 100, 3000]) {
        const bytes = new Uint8Array(size).fill(1);
        here.sendPacked(to, bytes, size);
        bytes.fill(2);
      }
      await until(world, () => heard.length === 3);
      for (const bytes of heard) assert.ok(bytes.every((byte) => byte === 1));
    }));

  test('is behind while more waits than it takes at once, and only then', () =>
    withPair('127.0.0.1', async (here, there) => {
      const behind: boolean[] = [];
      there.listen({ datagram: () => behind.push(there.isBehind) });
      for (let number = 0; number < 1000; number += 1) here.send(there.local, Uint8Array.of(1));
      await until(world, () => behind.length === 1000);
      assert.equal(behind[0], true);
      assert.equal(behind.at(-1), false);
      assert.equal(there.isBehind, false);
    }));

  test('counts what had no room to wait in', () =>
    withPair('127.0.0.1', async (here, there) => {
      const sent = 20_000;
      let heard = 0;
      there.listen({ datagram: () => (heard += 1) });
      for (let number = 0; number < sent; number += 1) here.send(there.local, new Uint8Array(1000));
      assert.ok((there.overflows ?? 0) > 0);
      await until(world, () => heard + (there.overflows ?? 0) === sent);
      await there.close();
      assert.equal(heard + (there.overflows ?? 0), sent);
    }));

  test('shares a port with whoever agrees, and the kernel gives each its part', async () => {
    const options = { sharesPort: true };
    const one = await openBatchedUdp('127.0.0.1', 0, options);
    const other = await openBatchedUdp('127.0.0.1', one.local.port, options);
    const clients = await Promise.all(Array.from({ length: 64 }, () => openBatchedUdp('127.0.0.1', 0)));
    const heard = [0, 0];
    one.listen({ datagram: () => ((heard[0] as number) += 1) });
    other.listen({ datagram: () => ((heard[1] as number) += 1) });
    for (const client of clients) client.send(one.local, Uint8Array.of(1));
    await until(world, () => (heard[0] as number) + (heard[1] as number) === clients.length);
    assert.ok(heard.every((count) => count > 0));
    await Promise.all([one, other, ...clients].map((transport) => transport.close()));
  });
});

async function withPair(
  address: string,
  run: (here: PackedTransport, there: PackedTransport) => Promise<void>,
) {
  const here = await openBatchedUdp(address, 0);
  const there = await openBatchedUdp(address, 0);
  try {
    await run(here, there);
  } finally {
    await here.close();
    await there.close();
  }
}
