import type { Endpoint } from '../../machines/endpoint.ts';
import { decode, encode } from '../../machines/wire.ts';
import { openUdp } from '../../runtime/udp.ts';

export type IntroducingServer = { readonly endpoint: Endpoint; close(): Promise<void> };

/** A server that registers everybody, and says of every peer that it is at `remote`. */
export async function openIntroducingServer(remote: Endpoint): Promise<IntroducingServer> {
  const transport = await openUdp('127.0.0.1', 0);
  transport.listen({
    datagram: (from, bytes) => {
      const message = decode(bytes);
      if (typeof message === 'string') return;
      if (message.type === 'register') transport.send(from, encode({ type: 'registerAck' }));
      if (message.type === 'holePunchRequest')
        transport.send(from, encode({ type: 'holePunchInitiate', name: message.name, remote }));
    },
  });
  return { endpoint: transport.local, close: () => transport.close() };
}
