import type { Endpoint } from '../../machines/endpoint.ts';
import { isIpv6 } from '../../machines/endpoint.ts';
import { bindError } from '../bind-error.ts';
import { pack, unpack } from '../packed-endpoint.ts';
import type { PackedEndpoint } from '../transport.ts';
import type { Libc } from './libc.ts';
import * as linux from './linux.ts';
import { nameBytesOf, readName, writeName } from './names.ts';
import { NAME_STRIDE } from './slots.ts';

/** A UDP socket of the kernel, by its number. */
export class KernelSocket {
  readonly number: number;
  readonly isIpv6: boolean;
  readonly local: Endpoint;
  readonly #libc: Libc;
  readonly #memory = new Uint32Array(16);
  readonly #memoryAt: number;

  /** Throws a {@link PunchError} when the address cannot be bound. */
  constructor(libc: Libc, address: string, port: number, sharesPort: boolean) {
    this.#libc = libc;
    this.#memoryAt = libc.addressOf(this.#memory);
    this.isIpv6 = isIpv6(address);
    const here = packed();
    if (!pack({ address, port }, here)) throw bindError('EINVAL', 'it is no IP address', { address, port });
    const type = linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
    this.number = libc.socket(this.isIpv6 ? linux.AF_INET6 : linux.AF_INET, type, 0);
    const fail = () => {
      const code = libc.error();
      if (this.number >= 0) libc.close(this.number);
      return bindError(code, code, { address, port });
    };
    if (this.number < 0) throw fail();
    if (this.isIpv6) this.#set(linux.IPPROTO_IPV6, linux.IPV6_V6ONLY, 0);
    if (sharesPort && !this.#set(linux.SOL_SOCKET, linux.SO_REUSEPORT, 1)) throw fail();
    const name = new DataView(this.#memory.buffer);
    writeName(name, 0, this.isIpv6, here);
    if (libc.bind(this.number, this.#memoryAt, nameBytesOf(this.isIpv6)) < 0) throw fail();
    this.#memory[NAME_STRIDE / 4] = NAME_STRIDE;
    if (libc.getsockname(this.number, this.#memoryAt, this.#memoryAt + NAME_STRIDE) < 0) throw fail();
    readName(name, 0, this.isIpv6, here);
    this.local = unpack(here);
  }

  /** How many routers the next datagrams cross at most; undefined for as many as usual. False if that cannot be. */
  limitHops(hops: number | undefined): boolean {
    const value = hops ?? -1;
    // A socket for both versions of IP has a limit for each.
    return (
      this.#set(linux.IPPROTO_IP, linux.IP_TTL, value) &&
      (!this.isIpv6 || this.#set(linux.IPPROTO_IPV6, linux.IPV6_UNICAST_HOPS, value))
    );
  }

  /**
   * Whether datagrams of IPv4 may be sent in fragments. Those that may not need no identification (RFC 6864 4.1), which
   * costs the kernel a tenth of a datagram.
   */
  mayFragment(allowed: boolean): void {
    const value = allowed ? linux.IP_PMTUDISC_WANT : linux.IP_PMTUDISC_DO;
    this.#set(linux.IPPROTO_IP, linux.IP_MTU_DISCOVER, value);
  }

  /** Asks for room for `bytes` of datagrams that wait for us. How many bytes the kernel grants. */
  reserve(bytes: number): number {
    if (!this.#set(linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, bytes)) {
      this.#set(linux.SOL_SOCKET, linux.SO_RCVBUF, bytes);
    }
    this.#get(linux.SO_RCVBUF, 1);
    // The kernel doubles what it is asked for, to have room for its own notes (socket(7)).
    return (this.#memory[0] as number) / 2;
  }

  /** How much memory of the kernel the datagrams take that wait for us, in bytes, its notes included. */
  get waitingBytes(): number {
    return this.#get(linux.SO_MEMINFO, linux.MEMINFO.words)
      ? (this.#memory[linux.MEMINFO.receiving] ?? 0)
      : 0;
  }

  /** How many datagrams were dropped because there was no room for them. */
  get overflows(): number {
    return this.#get(linux.SO_MEMINFO, linux.MEMINFO.words) ? (this.#memory[linux.MEMINFO.drops] ?? 0) : 0;
  }

  close(): void {
    this.#libc.close(this.number);
  }

  #set(level: number, option: number, value: number): boolean {
    this.#memory[0] = value;
    return this.#libc.setsockopt(this.number, level, option, this.#memoryAt, 4) === 0;
  }

  #get(option: number, words: number): boolean {
    const lengthAt = this.#memory.length - 1;
    this.#memory[lengthAt] = words * 4;
    const lengthAddress = this.#memoryAt + lengthAt * 4;
    return this.#libc.getsockopt(this.number, linux.SOL_SOCKET, option, this.#memoryAt, lengthAddress) === 0;
  }
}

function packed(): PackedEndpoint {
  return { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
}
