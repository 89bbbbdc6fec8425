import assert from 'node:assert/strict';
import { Socket } from 'node:dgram';
import { test } from 'node:test';
import { openUdp } from '../../runtime/udp.ts';

test('a limit of hops is for one datagram only', async (t) => {
  const told: (number | string)[] = [];
  t.mock.method(Socket.prototype, 'setTTL', (hops: number) => told.push(hops));
  t.mock.method(Socket.prototype, 'send', () => told.push('send'));
  const transport = await openUdp('127.0.0.1', 0);
  transport.send({ address: '127.0.0.1', port: 9 }, Uint8Array.of(1), 2);
  transport.send({ address: '127.0.0.1', port: 9 }, Uint8Array.of(2));
  await transport.close();
  assert.deepEqual(told, [2, 'send', 64, 'send']);
});
