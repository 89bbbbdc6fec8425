/** A program: a rendezvous host that is as busy as it can be, over a transport that leads nowhere. Argument: `watched` or not. */
import type { Endpoint } from '../../machines/endpoint.ts';
import { encode } from '../../machines/wire.ts';
import { realAmbient } from '../../runtime/ambient.ts';
import { startInspection } from '../../runtime/inspect/inspection.ts';
import { newChallenge, Secret } from '../../runtime/inspect/secret.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { stageFor, watchedTransport } from '../../runtime/watcher.ts';
import { memberOf } from './crowd.ts';

export type InspectionQuestion = { readonly ms: number };

/** Registrations in that time, and what they and all that they caused took of the processor. */
export type InspectionAnswer = { readonly events: number; readonly cpuMs: number };

/** Taken at a time, as a socket hands them over. */
const AT_ONCE = 50;

const CLIENTS = 1_000;

class Nowhere implements Transport {
  readonly local: Endpoint = { address: '127.0.0.1', port: 39_738 };
  receiver: Receiver | undefined;

  send(): void {}

  listen(receiver: Receiver): void {
    this.receiver = receiver;
  }

  async close(): Promise<void> {}
}

const inspection =
  process.argv[2] === 'watched'
    ? await startInspection({ label: 'server', port: 0, secret: new Secret(newChallenge()) })
    : undefined;
const transport = new Nowhere();
new Rendezvous(
  { ...realAmbient, label: 'server', ...stageFor(inspection) },
  watchedTransport(transport, inspection),
  { maxClients: CLIENTS, ttlMs: 3_600_000, admission: { perSecond: 1e9, burst: 1e9 } },
);
const datagrams = Array.from({ length: CLIENTS }, (_, index) => ({
  from: { address: memberOf(index).address, port: 1024 + index },
  bytes: encode({ type: 'register', name: memberOf(index).name }),
}));
for (const { from, bytes } of datagrams) transport.receiver?.datagram(from, bytes);

process.on('message', async ({ ms }: InspectionQuestion) => {
  const startedAt = process.cpuUsage();
  const until = realAmbient.clock.now() + ms;
  let events = 0;
  while (realAmbient.clock.now() < until) {
    for (let count = 0; count < AT_ONCE; count += 1) {
      const { from, bytes } = datagrams[events % CLIENTS] ?? datagrams[0] ?? never();
      transport.receiver?.datagram(from, bytes);
      events += 1;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(startedAt);
  process.send?.({ events, cpuMs: (user + system) / 1000 } satisfies InspectionAnswer);
});
process.on('disconnect', () => process.exit());
process.send?.({});

function never(): never {
  throw new Error('there are no datagrams');
}
