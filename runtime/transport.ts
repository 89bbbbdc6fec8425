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
  /** Stops receiving and frees the port. */
  close(): Promise<void>;
};

export type Receiver = {
  /** `bytes` are valid during the call only. */
  datagram(from: Endpoint, bytes: Uint8Array): void;
  /** `code` is the operating system's, such as `ENETUNREACH`. */
  sendFailed?(to: Endpoint, code: string): void;
};
