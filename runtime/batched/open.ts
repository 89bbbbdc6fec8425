import { PunchError } from '../errors.ts';
import { RECEIVE_BUFFER_BYTES, shortageOf } from '../receive-buffer.ts';
import type { PackedTransport } from '../transport.ts';
import { BatchedUdp } from './batched-udp.ts';
import { type Libc, openLibc } from './libc.ts';
import { KernelSocket } from './socket.ts';

export type BatchedUdpOptions = {
  /** Lets other sockets have the same port, if they allow it too (SO_REUSEPORT); the kernel gives each its share. */
  readonly sharesPort?: boolean;
  /** Hears what whoever runs this should know, in a sentence. */
  readonly notice?: (text: string) => void;
  /** Where the C library comes from. Default this process. */
  readonly libc?: () => Promise<Libc>;
};

/**
 * A UDP socket that reads and writes many datagrams a system call, on Linux. Port 0 means any free one. `::` takes IPv4
 * too. Rejects with a {@link PunchError}: `unsupported` where this cannot be had, another when the address cannot be
 * bound.
 */
export async function openBatchedUdp(
  address: string,
  port: number,
  { sharesPort = false, notice, libc: open = openLibc }: BatchedUdpOptions = {},
): Promise<PackedTransport> {
  const libc = await open().catch((error: Error) => {
    throw unsupported(error.message);
  });
  const socket = new KernelSocket(libc, address, port, sharesPort);
  try {
    for (const call of ['recvmmsg', 'sendmmsg'] as const) {
      if (libc[call](socket.number, 0, 0, 0, 0) >= 0) continue;
      throw unsupported(`the system refuses ${call} with ${libc.error()}`);
    }
    const shortage = shortageOf(socket.reserve(RECEIVE_BUFFER_BYTES));
    if (shortage !== undefined) notice?.(shortage);
    socket.mayFragment(false);
    return new BatchedUdp(libc, socket);
  } catch (error) {
    socket.close();
    throw error;
  }
}

function unsupported(reason: string): PunchError {
  return new PunchError('unsupported', `Batched UDP cannot be had here: ${reason}. Choose dgram, or auto.`);
}
