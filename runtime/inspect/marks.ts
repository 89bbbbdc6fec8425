import type { Secret } from './secret.ts';

/** Tells datagrams apart by their bytes, the same way in all processes of a user, and says nothing of what is in them. */
export function markerOf(secret: Secret): (bytes: Uint8Array) => number {
  const seed = Number.parseInt(secret.prove('marks').slice(0, 8), 16);
  return (bytes) => {
    // FNV-1a, begun where only this user knows.
    let hash = seed;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    return hash >>> 0;
  };
}
