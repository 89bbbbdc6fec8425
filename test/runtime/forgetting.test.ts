import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../../machines/wire.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Receiver } from '../../runtime/transport.ts';
import { access, endpoint, MemoryNetwork } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { collectGarbage } from './garbage.ts';

const VISITORS = 200_000;
const TTL_MS = 1000;
const PACE_MS = 20;
const GROWTH_BYTES_MAX = 2 << 20;

test('a server keeps nothing of those who have left', (t) => {
  const clock = createVirtualClock();
  const { local } = new MemoryNetwork().open('192.0.2.1:39738', access({ routers: 1 }));
  let receiver: Receiver | undefined;
  const transport = {
    ...{ local, send: () => {}, close: async () => {} },
    listen: (other: Receiver) => {
      receiver = other;
    },
  };
  const server = new Rendezvous({ clock, random: () => 0.5 }, transport, { maxClients: 100, ttlMs: TTL_MS });
  const visit = (number: number) => {
    const address = `198.51.${number % 7}.${(number >> 8) & 255}`;
    const name = `visitor ${number}`.padEnd(9 + (number % 50), '.');
    receiver?.datagram(endpoint(`${address}:${1024 + (number & 255)}`), encode({ type: 'register', name }));
    clock.advance(PACE_MS);
  };
  for (let number = 0; number < 10_000; number += 1) visit(number);
  collectGarbage();
  const before = bytesInUse();
  for (let number = 0; number < VISITORS; number += 1) visit(number);
  collectGarbage();
  const growth = bytesInUse() - before;
  t.diagnostic(`grown by ${growth} bytes`);
  const { clients, refused } = server.status();
  assert.deepEqual({ clients, refused }, { clients: TTL_MS / PACE_MS - 1, refused: {} });
  assert.ok(growth < GROWTH_BYTES_MAX, `grown by ${growth} bytes`);
});

function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
