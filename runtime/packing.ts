import type { Endpoint } from '../machines/endpoint.ts';
import { pack, packedEndpoint, sameEndpoint, unpack } from './packed-endpoint.ts';
import type { PackedEndpoint, PackedReceiver, PackedTransport, Receiver, Transport } from './transport.ts';

/** The transport itself if its addresses are numbers, or one that makes numbers of its strings. */
export function packed(transport: Transport | PackedTransport): PackedTransport {
  return 'listenPacked' in transport ? transport : new Packing(transport);
}

class Packing implements PackedTransport {
  /**
   * Such a transport does not say how much is waiting: node:dgram has no call for it, and a simulated network has no
   * queue.
   */
  readonly isBehind = false;
  readonly #transport: Transport;
  readonly #from = packedEndpoint();
  /** What {@link #from} is as strings: most are answered where they came from. */
  #last: Endpoint = { address: '', port: 0 };

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get local(): Endpoint {
    return this.#transport.local;
  }

  send(to: Endpoint, bytes: Uint8Array, hops?: number): void {
    this.#transport.send(to, bytes, hops);
  }

  listen(receiver: Receiver): void {
    this.#transport.listen(receiver);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  listenPacked(receiver: PackedReceiver): void {
    const from = this.#from;
    this.#transport.listen({
      datagram: (endpoint, bytes) => {
        if (!pack(endpoint, from)) return;
        this.#last = endpoint;
        receiver.datagram(from, bytes, bytes.length);
      },
      sendFailed: (to, code) => receiver.sendFailed?.(to, code),
    });
  }

  sendPacked(to: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#transport.send(sameEndpoint(to, this.#from) ? this.#last : unpack(to), bytes.slice(0, length));
  }
}
