/** Bytes as a text, for charts, whose contexts are plain, and for keys of maps. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** For what is no secret: the time that this takes tells where two differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
