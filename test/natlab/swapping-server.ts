import { decodeEnvelope } from '../../machines/envelope.ts';
import { realAmbient, realEntropy } from '../../runtime/ambient.ts';
import { serverKeyFileIn } from '../../runtime/identity/places.ts';
import { openKeyFile } from '../../runtime/index.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { DEFAULT_PORT } from '../../runtime/resolve.ts';
import type { SealedServiceOptions } from '../../runtime/sealed-service.ts';
import type { Transport } from '../../runtime/transport.ts';
import { openUdp } from '../../runtime/udp.ts';
import { serverAddresses } from './addresses.ts';

/**
 * A program for the server of a lab: an operator who has the server's key, and lies. Every name goes to whoever came
 * last for it, whatever key that has; and who looks a name up is told that key. Argument: the server's data directory.
 */

const [data = ''] = process.argv.slice(2);
const { isNew: _, ...keys } = await openKeyFile(serverKeyFileIn(data), realEntropy);
const transport = await openUdp(serverAddresses.ipv4[0], DEFAULT_PORT);
const latest = new Map<string, Uint8Array>();
let isRegistering = false;

const leases: SealedServiceOptions['leases'] = {
  // The product's server asks this before it admits a client, too: nobody is ever in the way of a newcomer.
  holderOf: (name) => (isRegistering ? undefined : latest.get(name)),
  grant: (name, key) => {
    latest.set(name, key);
    return 'granted';
  },
  renew: () => {},
};

const watched: Transport = {
  local: transport.local,
  send: (to, bytes, hops) => transport.send(to, bytes, hops),
  close: () => transport.close(),
  listen: (receiver) =>
    transport.listen({
      ...receiver,
      datagram: (from, bytes) => {
        const envelope = decodeEnvelope(bytes);
        isRegistering = typeof envelope !== 'string' && envelope.type === 'register';
        receiver.datagram(from, bytes);
      },
    }),
};

new Rendezvous({ ...realAmbient, label: 'server' }, watched, {
  sealed: { keys, entropy: realEntropy, leases },
});
console.log('ready');
