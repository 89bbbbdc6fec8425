/** A program: a rendezvous host of protocol 1 with a crowd of clients, over a transport that leads nowhere. Argument: how many. */
import { HOLE_PUNCH_REQUEST, REGISTER } from '../../machines/wire.ts';
import { realAmbient } from '../../runtime/ambient.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { serve } from './helper.ts';
import { PackedWire, placeOf, writeMessage } from './packed-wire.ts';

/** `fixed` asks for the same two clients each time, which stay in the processor's cache; `spread` for any two. */
export type RequestQuestion = { readonly requests: number; readonly pairs: 'fixed' | 'spread' };

export type RequestAnswer = { readonly cpuMicros: number };

const count = Number(process.argv[2]);
const random = seededRandom(count);
const wire = new PackedWire();
const host = new Rendezvous(realAmbient, wire, {
  maxClients: count,
  ttlMs: 3_600_000,
  admission: { perSecond: 1e9, burst: 1e9 },
});
const bytes = new Uint8Array(128);

for (let index = 0; index < count; index += 1)
  wire.deliver(placeOf(index), bytes, writeMessage(bytes, REGISTER, index));
if (host.status().clients !== count) throw new Error(`${host.status().clients} of ${count} are registered`);

serve<RequestQuestion, RequestAnswer>(
  {},
  ({ requests, pairs }) => ({ cpuMicros: cost(requests, pairs) }),
  () => host.close(),
);

/** Of the server alone: who asks whom is drawn and written down before. */
function cost(requests: number, pairs: RequestQuestion['pairs']): number {
  const datagrams = Array.from({ length: requests }, () => {
    const caller = pairs === 'fixed' ? 0 : Math.floor(random() * count);
    const other = pairs === 'fixed' ? 1 : Math.floor(random() * (count - 1));
    const bytes = new Uint8Array(32);
    const length = writeMessage(bytes, HOLE_PUNCH_REQUEST, other === caller ? count - 1 : other);
    return { caller, bytes, length };
  });
  const sentBefore = wire.sent;
  const startedAt = process.cpuUsage();
  for (const { caller, bytes, length } of datagrams) wire.deliver(placeOf(caller), bytes, length);
  const { user, system } = process.cpuUsage(startedAt);
  const introductions = (wire.sent - sentBefore) / 2;
  if (introductions !== requests) throw new Error(`${introductions} introductions for ${requests} requests`);
  return user + system;
}
