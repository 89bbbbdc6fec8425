/** A program: a rendezvous server of protocol 1 on loopback that forgets nobody. Argument: how many clients it takes. */
import { createRendezvousServer, type Endpoint } from '../../runtime/index.ts';
import { serve } from './helper.ts';

export type ServerGreeting = Endpoint;

export type ServerAnswer = { readonly clients: number; readonly cpuMicros: number };

const server = await createRendezvousServer({
  protocols: [1],
  host: '127.0.0.1',
  port: 0,
  maxClients: Number(process.argv[2]),
  ttlMs: 3_600_000,
  admission: { perSecond: 1e9, burst: 1e9 },
});

serve<'usage', ServerAnswer>(
  server.endpoint,
  () => {
    const { user, system } = process.cpuUsage();
    return { clients: server.status().clients, cpuMicros: user + system };
  },
  () => server.close(),
);
