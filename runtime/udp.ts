import { createSocket, type Socket } from 'node:dgram';
import { type Endpoint, endpointOf, isIpv6 } from '../machines/endpoint.ts';
import { bindError } from './bind-error.ts';
import { RECEIVE_BUFFER_BYTES, shortageOf } from './receive-buffer.ts';
import type { Receiver, Transport } from './transport.ts';

const DEFAULT_HOPS = 64;

/**
 * A UDP socket. Port 0 means any free one. `::` takes IPv4 too, which is then seen as plain IPv4 addresses.
 * Rejects with a {@link PunchError} when the address cannot be bound. `notice` hears what whoever runs this should know.
 */
export async function openUdp(
  address: string,
  port: number,
  notice?: (text: string) => void,
): Promise<Transport> {
  const socket = createSocket({
    type: isIpv6(address) ? 'udp6' : 'udp4',
    // Addresses are numeric: resolving them would defer the send, past the hop limit that was set for it.
    lookup: (host, _options, done) => done(null, host, isIpv6(host) ? 6 : 4),
  });
  await bound(socket, address, port);
  const shortage = reserve(socket);
  if (shortage !== undefined) notice?.(shortage);
  return new UdpTransport(socket);
}

/** Says where the datagram was to go. */
type SendError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

class UdpTransport implements Transport {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  #receiver: Receiver | undefined;
  #isOpen = true;
  /** One for all: a function for each datagram would cost as much as what the datagram says. */
  readonly #sent = (error: SendError | null) => {
    if (error === null) return;
    const { address = '', port = 0 } = error;
    this.#failed(endpointOf(address, port) ?? { address, port }, error);
  };

  constructor(socket: Socket) {
    const { address, port } = socket.address();
    this.local = { address, port };
    this.#socket = socket;
    this.#isIpv6 = isIpv6(address);
    socket.on('message', (bytes, sender) => {
      const from = endpointOf(sender.address, sender.port);
      if (from !== undefined) this.#receiver?.datagram(from, bytes);
    });
    // An error that belongs to no send is an ICMP answer to an earlier one: retransmission deals with those.
    socket.on('error', () => {});
  }

  send(to: Endpoint, bytes: Uint8Array, hops?: number): void {
    if (!this.#isOpen) return;
    const address = this.#isIpv6 && !isIpv6(to.address) ? `::ffff:${to.address}` : to.address;
    try {
      if (hops !== undefined) this.#socket.setTTL(hops);
      this.#socket.send(bytes, to.port, address, this.#sent);
      if (hops !== undefined) this.#socket.setTTL(DEFAULT_HOPS);
    } catch (error) {
      this.#failed(to, error as NodeJS.ErrnoException);
    }
  }

  #failed(to: Endpoint, { code, message }: NodeJS.ErrnoException): void {
    if (this.#isOpen) this.#receiver?.sendFailed?.(to, code ?? message);
  }

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  close(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    this.#isOpen = false;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(bindError(error.code, error.message, { address, port }));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

/** Asks for room for datagrams that wait. What to tell people if there is less. */
function reserve(socket: Socket): string | undefined {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The default buffer works too; it overflows sooner.
  }
  // Linux doubles what it is asked for, to have room for its own notes (socket(7)).
  return shortageOf(socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1));
}
