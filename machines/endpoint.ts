/**
 * An address and a port, the value everything in hole punching is about. Addresses are held in one spelling only
 * (dotted quads, RFC 5952 for IPv6, IPv4-mapped IPv6 as plain IPv4), so that equal endpoints have equal text.
 */
export type Endpoint = { readonly address: string; readonly port: number };

/** An endpoint from parts, or undefined if the address is not an IP address or the port not in 1 to 65535. */
export function endpointOf(address: string, port: number): Endpoint | undefined {
  const canonical = canonicalAddress(address);
  if (canonical === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { address: canonical, port };
}

/** Reads `203.0.113.7:5000` or `[2001:db8::1]:5000`; undefined for anything else, a zone included: it means nothing elsewhere. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain, port] = match;
  const address = bracketed ?? plain ?? '';
  if (isIpv6(address) !== (bracketed !== undefined) || address.includes('%')) return undefined;
  return endpointOf(address, Number(port));
}

/** The text of an endpoint, as {@link parseEndpoint} reads it but for a zone. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The endpoint as others can use it: without the zone, which names an interface of this machine. */
export function withoutZone(endpoint: Endpoint): Endpoint {
  const start = endpoint.address.indexOf('%');
  return start < 0 ? endpoint : { address: endpoint.address.slice(0, start), port: endpoint.port };
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

export function sameAddress(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address;
}

export function sameFamily(a: Endpoint, b: Endpoint): boolean {
  return isIpv6(a.address) === isIpv6(b.address);
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** Whether one host can be behind the address: not unspecified, broadcast or multicast (RFC 1122 3.2.1.3, RFC 4291 2.4). */
export function isUnicast({ address }: Endpoint): boolean {
  if (isIpv6(address)) return address !== '::' && !/^ff..:/.test(address);
  const first = Number(address.slice(0, address.indexOf('.')));
  return first > 0 && first < 224;
}

/** The first 64 bits of an IPv6 address, the network that one customer has (RFC 4291 2.5.4), as a text for comparing. */
export function networkOf(address: string): string {
  return (parseIpv6(address.split('%', 1)[0] ?? '') ?? []).slice(0, 4).join(':');
}

/** The eight groups of 16 bits of an address; those of ::ffff:a.b.c.d for IPv4 (RFC 4291 2.5.5.2). Undefined if it is none. */
export function groupsOf(address: string): readonly number[] | undefined {
  return parseIpv6(isIpv6(address) ? address : `::ffff:${address}`);
}

/** The one spelling of the address of these eight groups. */
export function addressOfGroups(groups: readonly number[]): string {
  return isMapped(groups) ? ipv4Of(groups) : formatIpv6(groups);
}

/** The one spelling of an IP address, or undefined if the text is not one. A zone (`%eth0`) is kept. */
export function canonicalAddress(text: string): string | undefined {
  if (!isIpv6(text)) return isIpv4(text) ? text : undefined;
  const [bare = '', zone, more] = text.split('%');
  const groups = parseIpv6(bare);
  if (groups === undefined || zone === '' || more !== undefined) return undefined;
  if (isMapped(groups)) return ipv4Of(groups);
  return formatIpv6(groups) + (zone === undefined ? '' : `%${zone}`);
}

function parseIpv4(text: string): number[] | undefined {
  return isIpv4(text) ? text.split('.').map(Number) : undefined;
}

/**
 * Whether a text is an IPv4 address: four numbers below 256 without needless zeros. Character by character, as every
 * datagram has an address.
 */
export function isIpv4(text: string): boolean {
  let [octets, octet] = [0, -1];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) {
      if (octet < 0) return false;
      octets += 1;
      octet = -1;
    } else if (code < 0x30 || code > 0x39 || octet === 0) return false;
    else octet = octet < 0 ? code - 0x30 : octet * 10 + code - 0x30;
    if (octet > 255) return false;
  }
  return octets === 3 && octet >= 0;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const quad =
      mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (quad !== undefined)
      groups.push((quad[0] ?? 0) * 256 + (quad[1] ?? 0), (quad[2] ?? 0) * 256 + (quad[3] ?? 0));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function ipv4Of(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function formatIpv6(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return text.join(':');
  return `${text.slice(0, start).join(':')}::${text.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
