import { getSystemErrorName } from 'node:util';

/**
 * What we call of the C library. Addresses of memory are numbers. Each call returns -1 when it has failed, and then
 * {@link Libc.error} says why. Whoever hands an address over keeps what is there referenced: memory that JavaScript
 * does not reference any more is freed and used again, whether the kernel still writes to it or not.
 */
export type Libc = {
  socket(family: number, type: number, protocol: number): number;
  bind(socket: number, name: number, length: number): number;
  getsockname(socket: number, name: number, length: number): number;
  setsockopt(socket: number, level: number, option: number, value: number, length: number): number;
  getsockopt(socket: number, level: number, option: number, value: number, length: number): number;
  recvmmsg(socket: number, messages: number, count: number, flags: number, timeout: number): number;
  sendmmsg(socket: number, messages: number, count: number, flags: number): number;
  close(socket: number): number;
  /** The code of the call that failed last, such as `EAGAIN`. */
  error(): string;
  addressOf(memory: ArrayBufferView): number;
  /** Calls back from the event loop whenever the socket can be read. */
  watch(socket: number, ready: () => void): Watch;
};

export type Watch = {
  /** Whether to be called when the socket can be written, too. */
  alsoWritable(wanted: boolean): void;
  close(): void;
};

const PROCESSORS: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

/** The C library of this process, through koffi. Rejects with an Error that says why it cannot be had. */
export async function openLibc(platform = process.platform, processor = process.arch): Promise<Libc> {
  if (platform !== 'linux') throw new Error(`it needs Linux, and this is ${platform}`);
  if (!PROCESSORS.includes(processor)) throw new Error(`it does not know the layouts of ${processor}`);
  const { default: koffi } = await import('koffi').catch(() => {
    throw new Error('the package koffi cannot be loaded; npm install koffi may help');
  });
  const library = koffi.load(null);
  const call = (name: string, ...parameters: string[]) => library.func(name, 'int', parameters);
  return {
    socket: call('socket', 'int', 'int', 'int'),
    bind: call('bind', 'int', 'uintptr_t', 'uint'),
    getsockname: call('getsockname', 'int', 'uintptr_t', 'uintptr_t'),
    setsockopt: call('setsockopt', 'int', 'int', 'int', 'uintptr_t', 'uint'),
    getsockopt: call('getsockopt', 'int', 'int', 'int', 'uintptr_t', 'uintptr_t'),
    recvmmsg: call('recvmmsg', 'int', 'uintptr_t', 'uint', 'int', 'uintptr_t'),
    sendmmsg: call('sendmmsg', 'int', 'uintptr_t', 'uint', 'int'),
    close: call('close', 'int'),
    error: () => getSystemErrorName(-koffi.errno()),
    addressOf: (memory) => Number(koffi.address(memory)),
    watch: (socket, ready) => {
      const handle = koffi.node.poll(socket, ready);
      return {
        alsoWritable: (wanted) => handle.start({ readable: true, writable: wanted }, ready),
        close: () => handle.close(),
      };
    },
  };
}
