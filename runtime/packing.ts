import type { Endpoint } from '../machines/endpoint.ts';
import { isLinkLocal, pack, packedEndpoint, unpack } from './packed-endpoint.ts';
import type { PackedEndpoint, PackedReceiver, PackedTransport, Receiver, Transport } from './transport.ts';

/** The transport itself if its addresses are numbers, or one that makes numbers of its strings. */
export function packed(transport: Transport | PackedTransport): PackedTransport {
  return 'listenPacked' in transport ? transport : new Packing(transport);
}

/**
 * A zone (`%eth0`) is kept where the BSDs keep it: its number takes the place of the second 16 bits of the address, which
 * are zero in every address that needs one.
 */
class Packing implements PackedTransport {
  /**
   * Such a transport does not say how much is waiting: node:dgram has no call for it, and a simulated network has no
   * queue.
   */
  readonly isBehind = false;
  readonly #transport: Transport;
  readonly #from = packedEndpoint();
  /** Where the last datagram came from: most are answered there. */
  #last: Endpoint = { address: '::', port: 0 };
  readonly #zones = [''];

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
        this.#last = endpoint;
        pack(endpoint, from);
        if (isLinkLocal(from)) from.word0 += this.#zoneOf(endpoint.address);
        receiver.datagram(from, bytes, bytes.length);
      },
      sendFailed: (to, code) => receiver.sendFailed?.(to, code),
    });
  }

  sendPacked(to: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#transport.send(this.#isLast(to) ? this.#last : this.#unpacked(to), bytes.slice(0, length));
  }

  #isLast(to: PackedEndpoint): boolean {
    const from = this.#from;
    return (
      to === from ||
      (to.word3 === from.word3 &&
        to.port === from.port &&
        to.word2 === from.word2 &&
        to.word1 === from.word1 &&
        to.word0 === from.word0)
    );
  }

  #unpacked(to: PackedEndpoint): Endpoint {
    const endpoint = unpack(to);
    const zone = isLinkLocal(to) ? (this.#zones[to.word0 & 0xffff] ?? '') : '';
    return { address: endpoint.address + zone, port: endpoint.port };
  }

  #zoneOf(address: string): number {
    const start = address.indexOf('%');
    const zone = start < 0 ? '' : address.slice(start);
    const known = this.#zones.indexOf(zone);
    if (known >= 0) return known;
    return this.#zones.length > 0xffff ? 0 : this.#zones.push(zone) - 1;
  }
}
