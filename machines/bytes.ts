/** Reading and writing the fields of protocol 2's messages. A reader that comes to an end, or to nonsense, stays there. */
import { type Endpoint, endpointOf, isIpv6, isUnicast } from './endpoint.ts';
import { nameFault } from './name.ts';

/** Takes fields from the front of some bytes. Whoever reads asks {@link Reader.fault} once, at the end. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #fault: ReadFault | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Why what was read is worth nothing; undefined if all is well and nothing is left over. */
  get fault(): ReadFault | undefined {
    return this.#fault ?? (this.#offset < this.#bytes.length ? 'trailingBytes' : undefined);
  }

  /** So many bytes, as a copy. */
  raw(length: number): Uint8Array {
    if (this.#fault === undefined && this.#bytes.length - this.#offset < length) this.#fault = 'truncated';
    if (this.#fault !== undefined) return new Uint8Array(length);
    this.#offset += length;
    return this.#bytes.slice(this.#offset - length, this.#offset);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#offset);
  }

  byte(): number {
    return this.raw(1)[0] ?? 0;
  }

  /** A number of two bytes, big-endian. */
  short(): number {
    const [high = 0, low = 0] = this.raw(2);
    return high * 256 + low;
  }

  /** A counter of eight bytes, big-endian, up to 2^53 - 1. */
  counter(): number {
    const bytes = this.raw(8);
    const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : this.#spoil('badNumber', 0);
  }

  /** Bytes that say how many they are: below 251 in one byte, else `fb` and two, little-endian. */
  bytes(): Uint8Array {
    const first = this.byte();
    if (first > 251) return this.#spoil('badNumber', new Uint8Array());
    const [low = 0, high = 0] = first === 251 ? this.raw(2) : [first];
    return this.raw(low + high * 256);
  }

  text(): string {
    try {
      return strictUtf8.decode(this.bytes());
    } catch {
      return this.#spoil('notUtf8', '');
    }
  }

  name(): string {
    const name = this.text();
    return nameFault(name) === undefined ? name : this.#spoil('badName', '');
  }

  /** A family, 4 or 6; 4 or 16 bytes; a port. One host's address, or it is a fault. */
  endpoint(): Endpoint {
    const family = this.byte();
    if (family !== 4 && family !== 6) return this.#spoil('badAddress', nowhere);
    const address = this.raw(family === 4 ? 4 : 16);
    const text =
      family === 4
        ? address.join('.')
        : Array.from({ length: 8 }, (_, index) =>
            ((address[2 * index] ?? 0) * 256 + (address[2 * index + 1] ?? 0)).toString(16),
          ).join(':');
    const endpoint = endpointOf(text, this.short());
    return endpoint !== undefined && isUnicast(endpoint) ? endpoint : this.#spoil('badAddress', nowhere);
  }

  /** Passes over padding, which is zeros to the end. */
  padding(): void {
    if (this.rest().some((byte) => byte !== 0)) this.#spoil('badPadding', undefined);
  }

  #spoil<Value>(fault: ReadFault, value: Value): Value {
    this.#fault ??= fault;
    return value;
  }
}

export type ReadFault =
  | 'truncated'
  | 'trailingBytes'
  | 'badNumber'
  | 'notUtf8'
  | 'badName'
  | 'badAddress'
  | 'badPadding';

/** Puts fields one after another. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  short(value: number): this {
    return this.raw(Uint8Array.of(value >> 8, value & 255));
  }

  counter(value: number): this {
    const bytes = new Uint8Array(8);
    let left = value;
    for (let index = 7; index >= 0; index -= 1) {
      bytes[index] = left % 256;
      left = Math.floor(left / 256);
    }
    return this.raw(bytes);
  }

  bytes(bytes: Uint8Array): this {
    const length = bytes.length < 251 ? [bytes.length] : [251, bytes.length & 255, bytes.length >> 8];
    return this.raw(Uint8Array.from(length)).raw(bytes);
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  endpoint({ address, port }: Endpoint): this {
    const bare = address.split('%', 1)[0] ?? address;
    return isIpv6(bare)
      ? this.byte(6).raw(ipv6Bytes(bare)).short(port)
      : this.byte(4)
          .raw(Uint8Array.from(bare.split('.'), Number))
          .short(port);
  }

  /** Zeros up to so many bytes in all. */
  paddingTo(length: number): this {
    return this.raw(new Uint8Array(Math.max(0, length - this.#length())));
  }

  done(): Uint8Array {
    const all = new Uint8Array(this.#length());
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }

  #length(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }
}

const nowhere: Endpoint = { address: '0.0.0.0', port: 0 };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Of an address in the one spelling that endpoints have. */
function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const groupsOf = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const groups = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}
