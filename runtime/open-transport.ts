import { type BatchedUdpOptions, openBatchedUdp } from './batched/open.ts';
import type { Transport } from './transport.ts';
import { openUdp } from './udp.ts';

/**
 * How datagrams get to the kernel and back: many a system call, which needs Linux and koffi; one at a time, through
 * node:dgram; or the first that works.
 */
export type Io = 'auto' | 'batched' | 'dgram';

/** Rejects with a {@link PunchError} when the address cannot be bound, or not in the way that is asked for. */
export async function openTransport(
  address: string,
  port: number,
  io: Io,
  options: BatchedUdpOptions = {},
): Promise<Transport> {
  if (io === 'dgram') return openUdp(address, port, options.notice);
  try {
    return await openBatchedUdp(address, port, options);
  } catch (error) {
    if (io === 'batched') throw error;
    // If it is the address that is wrong, this says so.
    const transport = await openUdp(address, port, options.notice);
    options.notice?.(`Datagrams go one a system call, through node:dgram. ${(error as Error).message}`);
    return transport;
  }
}
