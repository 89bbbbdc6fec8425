import { type Endpoint, formatEndpoint, sameEndpoint } from '../../machines/endpoint.ts';
import { decode, encode, type Message } from '../../machines/wire.ts';
import type { Addresses } from './addresses.ts';
import { type Names, type Role, roles } from './cast.ts';
import type { Sent } from './model.ts';

/**
 * A datagram of the server's as people read it, with parts in place of names and addresses. What is compared is what is
 * shown: two that say the same are the same.
 */
export type Line = { readonly to: Role; readonly says: string };

/** A datagram that has come to a part's socket. `bytes` are its own. */
export type Arrival = { readonly role: Role; readonly from: Endpoint; readonly bytes: Uint8Array };

/** Turns what a server sends in one scenario into lines. */
export class Reader {
  readonly #server: Endpoint;
  readonly #names: Names;
  readonly #addresses: Addresses;

  constructor(server: Endpoint, names: Names, addresses: Addresses) {
    this.#server = server;
    this.#names = names;
    this.#addresses = addresses;
  }

  /** What a model sends. */
  expected({ to, message }: Sent): Line {
    const role = this.#addresses.at(to);
    if (role === undefined) throw new Error(`the model sends to ${formatEndpoint(to)}, where nobody is`);
    return { to: role, says: this.#text(message, (remote) => this.#addresses.at(remote)) };
  }

  /** What has come. `wanted` is what should have: behind a NAT it tells which part an address may be. */
  received({ role, from, bytes }: Arrival, wanted: readonly Sent[]): Line {
    const message = decode(bytes);
    const origin = sameEndpoint(from, this.#server)
      ? ''
      : ` from ${formatEndpoint(from)}, which is not the server`;
    if (typeof message === 'string')
      return { to: role, says: `${hexOf(bytes)}, which is no message: ${message}${origin}` };
    const says = this.#text(message, (remote) =>
      this.#addresses.meant(remote, this.#partOf(message, wanted)),
    );
    const isUnusual = hexOf(encode(message)) !== hexOf(bytes);
    return {
      to: role,
      says: `${says}${isUnusual ? `, in the unusual spelling ${hexOf(bytes)}` : ''}${origin}`,
    };
  }

  #partOf(received: Message, wanted: readonly Sent[]): Role | undefined {
    if (received.type !== 'holePunchInitiate') return undefined;
    for (const { message } of wanted)
      if (message.type === 'holePunchInitiate' && message.name === received.name)
        return this.#addresses.at(message.remote);
    return undefined;
  }

  #text(message: Message, partAt: (remote: Endpoint) => Role | undefined): string {
    switch (message.type) {
      case 'message':
        return `Message(${JSON.stringify(message.text)})`;
      case 'register':
        return `Register(${this.#names.shown(message.name)})`;
      case 'registerAck':
        return 'RegisterAck';
      case 'holePunchRequest':
        return `HolePunchRequest(${this.#names.shown(message.name)})`;
      case 'holePunchResponseUnknown':
        return 'HolePunchResponseUnknown';
      case 'holePunchInitiate': {
        const part = partAt(message.remote);
        const where = part === undefined ? formatEndpoint(message.remote) : `the address of ${roles[part]}`;
        return `HolePunchInitiate(${this.#names.shown(message.name)}, ${where})`;
      }
    }
  }
}

/** `01 05 61`. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
