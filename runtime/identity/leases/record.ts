import { createHash } from 'node:crypto';
import { KEY_BYTES } from '../../secrecy/keys.ts';
import type { Lease } from './leases.ts';

/** A lease as bytes: the key, and when it was renewed as a big-endian double. */
export function encodeLease({ key, renewedAtMs }: Lease): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.set(key);
  bytes.writeDoubleBE(renewedAtMs, KEY_BYTES);
  return bytes;
}

/** The lease that {@link encodeLease} wrote so, or undefined. The bytes, which may be the store's own, are copied. */
export function decodeLease(bytes: Uint8Array): Lease | undefined {
  if (bytes.length !== RECORD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const renewedAtMs = view.getFloat64(KEY_BYTES);
  if (!Number.isFinite(renewedAtMs)) return undefined;
  return { key: Uint8Array.from(bytes.subarray(0, KEY_BYTES)), renewedAtMs };
}

/**
 * A checksum over all leases that is kept up to date without reading them: the exclusive-or of a hash of each. The
 * store carries no checksums of its own, and would not notice leases that damage has changed or cut off.
 */
export class Summary {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array = new Uint8Array(SUMMARY_BYTES)) {
    this.#bytes = Buffer.from(bytes);
  }

  get bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }

  /** Adds a record, or removes it if it was added. */
  toggle(name: string, record: Uint8Array): void {
    const hash = createHash('sha256').update(JSON.stringify(name)).update(record).digest();
    for (const [index, byte] of hash.entries()) this.#bytes[index] = (this.#bytes[index] ?? 0) ^ byte;
  }
}

const RECORD_BYTES = KEY_BYTES + 8;
const SUMMARY_BYTES = 32;
