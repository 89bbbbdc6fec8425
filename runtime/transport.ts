import type { Endpoint } from '../machines/endpoint.ts';

/** What carries datagrams: a UDP socket, or a host on a simulated network. */
export type Transport = {
  /** The address and port it is bound to, as this machine sees them. */
  readonly local: Endpoint;
  /**
   * Hands over one datagram; `hops` limits how many routers it crosses. Never throws: a datagram that cannot be sent
   * is lost like any other, and {@link Receiver.sendFailed} says why.
   */
  send(to: Endpoint, bytes: Uint8Array, hops?: number): void;
  /** Says who gets what arrives. Datagrams that came before are gone. */
  listen(receiver: Receiver): void;
  /** How many datagrams came and had no room to wait in, since the socket was opened; where the system tells. */
  readonly overflows?: number;
  /** Stops receiving and frees the port. */
  close(): Promise<void>;
};

export type Receiver = {
  /** `bytes` are valid during the call only. */
  datagram(from: Endpoint, bytes: Uint8Array): void;
  /** `code` is the operating system's, such as `ENETUNREACH`. May be called before `send` returns. */
  sendFailed?(to: Endpoint, code: string): void;
};

/**
 * An address and port as numbers, for tables and system calls: an IPv6 address in four words of 32 bits, most significant
 * first, unsigned; an IPv4 address as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). The second word of a link-local address, which is zero
 * on the wire (RFC 4291 2.5.6), is the number of the interface that leads to it. One is reused for every datagram.
 */
export type PackedEndpoint = { word0: number; word1: number; word2: number; word3: number; port: number };

/** A transport whose addresses need not be made into strings. */
export type PackedTransport = Transport & {
  /** As {@link Transport.listen}. `from` and `bytes` are valid during the call only; the datagram is the first `length` bytes. */
  listenPacked(receiver: PackedReceiver): void;
  /** As {@link Transport.send}; the first `length` bytes, which are copied. */
  sendPacked(to: PackedEndpoint, bytes: Uint8Array, length: number): void;
  /** Whether more datagrams were waiting than the last reads could take: the time to shed what matters least. */
  readonly isBehind: boolean;
};

export type PackedReceiver = {
  datagram(from: PackedEndpoint, bytes: Uint8Array, length: number): void;
  sendFailed?(to: Endpoint, code: string): void;
};
