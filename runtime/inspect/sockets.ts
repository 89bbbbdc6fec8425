import { WebSocket } from 'ws';
import { type Clock, pause } from '../ambient.ts';

/** Closes sockets once the other sides have taken all that was sent, or at once when that takes too long. */
export async function closeAll(
  sockets: Iterable<WebSocket>,
  clock: Clock,
  patienceMs: number,
): Promise<void> {
  const open = [...sockets].filter(({ readyState }) => readyState !== WebSocket.CLOSED);
  const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of open) socket.close(1001);
  await within(clock, patienceMs, Promise.all(closed));
  for (const socket of open) socket.terminate();
}

/** What a promise resolves to, or undefined when it takes longer than this. */
export async function within<Value>(
  clock: Clock,
  patienceMs: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  const over = new AbortController();
  const late = pause(clock, patienceMs, over.signal).then(() => undefined);
  return Promise.race([promise, late]).finally(() => over.abort());
}
