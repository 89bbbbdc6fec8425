import type { Endpoint } from '../../machines/endpoint.ts';
import { packedEndpoint } from '../../runtime/packed-endpoint.ts';
import type { PackedEndpoint, PackedReceiver, PackedTransport } from '../../runtime/transport.ts';

/** A transport of numbers that leads nowhere, and counts. */
export class PackedWire implements PackedTransport {
  readonly local: Endpoint = { address: '127.0.0.1', port: 39_738 };
  readonly isBehind = false;
  sent = 0;
  #receiver: PackedReceiver | undefined;

  /** Delivers a datagram to whoever listens. */
  deliver(from: PackedEndpoint, bytes: Uint8Array, length: number): void {
    this.#receiver?.datagram(from, bytes, length);
  }

  sendPacked(): void {
    this.sent += 1;
  }

  listenPacked(receiver: PackedReceiver): void {
    this.#receiver = receiver;
  }

  send(): void {}

  listen(): void {}

  async close(): Promise<void> {}
}

/** Client number `index` of a crowd, whose addresses are spread over 127.0.0.0/8. One is written anew for each. */
export function placeOf(index: number): PackedEndpoint {
  // Multiplying by an odd number visits every value of 24 bits before one returns.
  place.word3 = 0x7f00_0000 + (Math.imul(index + 1, 0x9e3779) & 0xff_ffff);
  place.port = 1024 + (index % 60_000);
  return place;
}

const place = { ...packedEndpoint(), word2: 0xffff };

export function nameOf(index: number): string {
  return `client-${index}`;
}

/** Writes a message of protocol 1 that is a number and the name of a client. Its length. */
export function writeMessage(out: Uint8Array, number: number, index: number): number {
  const { written } = encoder.encodeInto(nameOf(index), out.subarray(2));
  out[0] = number;
  out[1] = written;
  return 2 + written;
}

const encoder = new TextEncoder();
