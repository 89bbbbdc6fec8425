/** The numbers and layouts of Linux on processors of 64 bits that are little-endian, which are the same on all of those. */

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_REUSEPORT = 15;
export const SO_RCVBUFFORCE = 33;
export const SO_MEMINFO = 55;
export const IPPROTO_IP = 0;
export const IP_TTL = 2;
export const IP_MTU_DISCOVER = 10;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IPPROTO_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_V6ONLY = 26;

export const MSG_DONTWAIT = 0x40;

/** Where things are in what SO_MEMINFO tells, in words of 32 bits. */
export const MEMINFO = { words: 9, receiving: 0, drops: 8 } as const;

/** struct mmsghdr: a struct msghdr, and how many bytes came. */
export const MMSGHDR = { bytes: 64, name: 0, nameLength: 8, parts: 16, partCount: 24, length: 56 } as const;

/** struct iovec: a pointer and a length. */
export const IOVEC = { bytes: 16, base: 0, length: 8 } as const;

/** struct sockaddr_in and sockaddr_in6: the family, the port as on the wire, and the address. */
export const SOCKADDR = { port: 2, bytesIpv4: 16, ipv4: 4, bytesIpv6: 28, ipv6: 8, zone: 24 } as const;
