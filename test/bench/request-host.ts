/** A program: a rendezvous host with a crowd of clients, over a transport that leads nowhere. Argument: how many. */
import type { Endpoint } from '../../machines/endpoint.ts';
import { encode } from '../../machines/wire.ts';
import { realAmbient } from '../../runtime/ambient.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { memberOf } from './crowd.ts';
import { serve } from './helper.ts';

/** What all the clients together have made the process grow. */
export type CrowdGreeting = { readonly heapBytes: number; readonly residentBytes: number };

/** `fixed` asks for the same two clients each time, which stay in the processor's cache; `spread` for any two. */
export type RequestQuestion = { readonly requests: number; readonly pairs: 'fixed' | 'spread' };

export type RequestAnswer = { readonly cpuMicros: number };

class Nowhere implements Transport {
  readonly local: Endpoint = { address: '127.0.0.1', port: 39_738 };
  receiver: Receiver | undefined;
  sent = 0;

  send(): void {
    this.sent += 1;
  }

  listen(receiver: Receiver): void {
    this.receiver = receiver;
  }

  async close(): Promise<void> {}
}

const count = Number(process.argv[2]);
const random = seededRandom(count);
const transport = new Nowhere();
const host = new Rendezvous(realAmbient, transport, {
  maxClients: count,
  ttlMs: 3_600_000,
  admission: { perSecond: 1e9, burst: 1e9 },
});

const before = usage();
for (let index = 0; index < count; index += 1) {
  transport.receiver?.datagram(endpointOf(index), encode({ type: 'register', name: memberOf(index).name }));
}
if (host.status().clients !== count) throw new Error(`${host.status().clients} of ${count} are registered`);
const after = usage();

serve<RequestQuestion, RequestAnswer>(
  { heapBytes: after.heap - before.heap, residentBytes: after.resident - before.resident },
  ({ requests, pairs }) => ({ cpuMicros: cost(requests, pairs) }),
  () => host.close(),
);

function cost(requests: number, pairs: RequestQuestion['pairs']): number {
  const datagrams = Array.from({ length: requests }, () => {
    const caller = pairs === 'fixed' ? 0 : Math.floor(random() * count);
    const other = pairs === 'fixed' ? 1 : Math.floor(random() * (count - 1));
    const name = memberOf(other === caller ? count - 1 : other).name;
    return { from: endpointOf(caller), bytes: encode({ type: 'holePunchRequest', name }) };
  });
  const sentBefore = transport.sent;
  const startedAt = process.cpuUsage();
  for (const { from, bytes } of datagrams) transport.receiver?.datagram(from, bytes);
  const { user, system } = process.cpuUsage(startedAt);
  const introductions = (transport.sent - sentBefore) / 2;
  if (introductions !== requests) throw new Error(`${introductions} introductions for ${requests} requests`);
  return user + system;
}

function endpointOf(index: number): Endpoint {
  return { address: memberOf(index).address, port: 1024 + (index % 60_000) };
}

function usage(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}
