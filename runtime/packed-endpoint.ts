/** Endpoints as numbers ({@link PackedEndpoint}) and as text, for tables that hold the one and people who read the other. */
import { canonicalAddress, type Endpoint, groupsOf } from '../machines/endpoint.ts';
import type { PackedEndpoint } from './transport.ts';

/** The third word of an IPv4 address. */
const MAPPED = 0xffff;

export function packedEndpoint(): PackedEndpoint {
  return { word0: 0, word1: 0, word2: 0, word3: 0, port: 0 };
}

export function isPackedIpv4({ word0, word1, word2 }: PackedEndpoint): boolean {
  return word0 === 0 && word1 === 0 && word2 === MAPPED;
}

/** Whether an address is of one link only (fe80::/10, RFC 4291 2.5.6), where the second 16 bits are zero. */
export function isLinkLocal({ word0 }: PackedEndpoint): boolean {
  return word0 >>> 22 === 0xfe80 >> 6;
}

/** Writes an endpoint, whose address has its one spelling, into a packed one. A zone is left out. */
export function pack({ address, port }: Endpoint, packed: PackedEndpoint): void {
  packed.port = port;
  const ipv4 = ipv4Word(address);
  if (ipv4 >= 0) {
    packed.word0 = 0;
    packed.word1 = 0;
    packed.word2 = MAPPED;
    packed.word3 = ipv4;
    return;
  }
  const groups = groupsOf(address);
  if (groups === undefined) throw new Error(`${address} is no IP address`);
  const word = (index: number) => (((groups[index] as number) << 16) | (groups[index + 1] as number)) >>> 0;
  packed.word0 = word(0);
  packed.word1 = word(2);
  packed.word2 = word(4);
  packed.word3 = word(6);
}

/** The endpoint that {@link pack} was given, without a zone. */
export function unpack(packed: PackedEndpoint): Endpoint {
  const { word1, word2, word3, port } = packed;
  if (isPackedIpv4(packed))
    return { address: `${word3 >>> 24}.${(word3 >> 16) & 255}.${(word3 >> 8) & 255}.${word3 & 255}`, port };
  const word0 = isLinkLocal(packed) ? (packed.word0 & 0xffff_0000) >>> 0 : packed.word0;
  const groups = [word0, word1, word2, word3].flatMap((word) => [word >>> 16, word & MAPPED]);
  const text = groups.map((group) => group.toString(16)).join(':');
  return { address: canonicalAddress(text) ?? text, port };
}

/** The number that a dotted quad is; -1 for an IPv6 address. */
function ipv4Word(address: string): number {
  let word = 0;
  let octet = 0;
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    if (code === DOT) {
      word = word * 256 + octet;
      octet = 0;
    } else if (code >= ZERO && code <= NINE) octet = octet * 10 + code - ZERO;
    else return -1;
  }
  return word * 256 + octet;
}

const [DOT, ZERO, NINE] = [0x2e, 0x30, 0x39];
