/** What both sides of a handshake put in front of it: a handshake made for one purpose is none for another. */

/** Of a registration, bound to the knock's nonce and to the server's key. */
export function registrationPrologue(nonce: Uint8Array, serverKey: Uint8Array): Uint8Array {
  return Uint8Array.from([...new TextEncoder().encode('punch 2 register'), ...nonce, ...serverKey]);
}

/** Of a call from one peer to another. */
export const callPrologue: Uint8Array = new TextEncoder().encode('punch 2 call');
