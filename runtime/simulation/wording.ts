import { formatEndpoint } from '../../machines/endpoint.ts';
import { decode, type Malformed, type Message } from '../../machines/wire.ts';

/** What a datagram says, in the words of {@link wordsFor}; or why it is no message. */
export function wordsIn(bytes: Uint8Array, hops?: number): string {
  return wordsFor(decode(bytes), hops);
}

/** A message in a few words, such as `Register(alice)`; with its hop limit, if it has an unusual one. */
export function wordsFor(message: Message | Malformed, hops?: number): string {
  return `${contentOf(message)}${hops === undefined ? '' : `, ${hops} hops`}`;
}

function contentOf(message: Message | Malformed): string {
  if (typeof message === 'string') return `malformed: ${message}`;
  switch (message.type) {
    case 'message':
      return `Message(${JSON.stringify(message.text)})`;
    case 'register':
      return `Register(${message.name})`;
    case 'registerAck':
      return 'RegisterAck';
    case 'holePunchRequest':
      return `HolePunchRequest(${message.name})`;
    case 'holePunchResponseUnknown':
      return 'HolePunchResponseUnknown';
    case 'holePunchInitiate':
      return `HolePunchInitiate(${message.name}, ${formatEndpoint(message.remote)})`;
  }
}
