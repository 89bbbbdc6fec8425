import { open } from 'node:fs/promises';

/**
 * Why the file cannot be a whole store of LMDB, as a sentence's end; undefined if its head is in order. LMDB checks less:
 * it fills an empty file anew, and falls back to the older of its two heads, before the last commit, when the newer
 * one is gone. The layout is that of `MDB_page_header` and `MDB_meta` in LMDB's mdb.c.
 */
export async function headerFault(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size === 0) return 'it is empty';
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADS_BYTES_MAX), 0, HEADS_BYTES_MAX, 0);
    return faultIn(buffer.subarray(0, bytesRead), size);
  } finally {
    await handle.close();
  }
}

type Head = { readonly pageBytes: number; readonly transaction: bigint };

const PAGE_BYTES_MAX = 65_536;
const HEADS_BYTES_MAX = 2 * PAGE_BYTES_MAX;
const MAGIC = 0xbeef_c0de;
const VERSION = 2;

/** Where a head's fields are, from the start of its page. */
const offsets = { magic: 24, version: 28, pageBytes: 48, transaction: 152 } as const;
const HEAD_BYTES = 168;

function faultIn(bytes: Buffer, size: number): string | undefined {
  const first = headAt(bytes, 0);
  if (typeof first === 'string') return first;
  const { pageBytes } = first;
  if (pageBytes < 512 || pageBytes > PAGE_BYTES_MAX || size < 2 * pageBytes) return DAMAGED;
  const second = headAt(bytes, pageBytes);
  if (typeof second === 'string' || second.pageBytes !== pageBytes) return DAMAGED;
  const apart = first.transaction - second.transaction;
  return apart === 1n || apart === -1n ? undefined : DAMAGED;
}

const DAMAGED = 'its first pages are damaged';

function headAt(bytes: Buffer, start: number): Head | string {
  if (bytes.length < start + HEAD_BYTES) return 'its end is missing';
  if (bytes.readUInt32LE(start + offsets.magic) !== MAGIC) return 'it is damaged, or no store of leases';
  const version = bytes.readUInt16LE(start + offsets.version);
  if (version !== VERSION) return `it is written in version ${version} of LMDB's format, and not ${VERSION}`;
  return {
    pageBytes: bytes.readUInt32LE(start + offsets.pageBytes),
    transaction: bytes.readBigUInt64LE(start + offsets.transaction),
  };
}
