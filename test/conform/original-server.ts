/** The original's server on a network in memory, from what is known of its source: it ends where its `unwrap` does. */
import { type Endpoint, sameEndpoint } from '../../machines/endpoint.ts';
import type { Transport } from '../../runtime/transport.ts';
import { fromBytes, type OriginalMessage, toBytes } from '../cli/original-wire.ts';

export function originalServer(transport: Transport): void {
  const clients = new Map<string, Endpoint>();
  const send = (to: Endpoint, message: OriginalMessage) => transport.send(to, toBytes(message));
  const introduce = (from: Endpoint, peer: string) => {
    const [name] = [...clients].find(([, at]) => sameEndpoint(at, from)) ?? [];
    const remote = clients.get(peer);
    if (name === undefined || remote === undefined)
      return send(from, { variant: 'HolePunchResponseUnknown' });
    send(remote, { variant: 'HolePunchInitiate', name, remote: from });
    send(from, { variant: 'HolePunchInitiate', name: peer, remote });
  };
  const serve = (from: Endpoint, message: OriginalMessage) => {
    if (message.variant === 'HolePunchRequest') introduce(from, message.name);
    if (message.variant !== 'Register') return;
    clients.set(message.name, from);
    send(from, { variant: 'RegisterAck' });
  };
  transport.listen({
    datagram: (from, bytes) => {
      try {
        serve(from, fromBytes(Buffer.from(bytes)));
      } catch {
        void transport.close();
      }
    },
  });
}
