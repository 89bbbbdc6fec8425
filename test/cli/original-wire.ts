/**
 * The bytes of the original programs, written down a second time and from the description alone: what our own codec
 * gets wrong must not be got wrong here too.
 */
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../machines/endpoint.ts';

export type OriginalMessage =
  | { readonly variant: 'Message'; readonly text: string }
  | { readonly variant: 'Register'; readonly name: string }
  | { readonly variant: 'RegisterAck' }
  | { readonly variant: 'HolePunchRequest'; readonly name: string }
  | { readonly variant: 'HolePunchResponseUnknown' }
  | { readonly variant: 'HolePunchInitiate'; readonly name: string; readonly remote: Endpoint };

export function toBytes(message: OriginalMessage): Buffer {
  switch (message.variant) {
    case 'Message':
      return Buffer.concat([Buffer.of(0), string(message.text)]);
    case 'Register':
      return Buffer.concat([Buffer.of(1), string(message.name)]);
    case 'RegisterAck':
      return Buffer.of(2);
    case 'HolePunchRequest':
      return Buffer.concat([Buffer.of(3), string(message.name)]);
    case 'HolePunchResponseUnknown':
      return Buffer.of(4);
    case 'HolePunchInitiate':
      return Buffer.concat([Buffer.of(5), string(message.name), string(formatEndpoint(message.remote))]);
  }
}

/** What a datagram says. Throws where the original's `unwrap` would, and at bytes that nobody needs. */
export function fromBytes(bytes: Buffer): OriginalMessage {
  if (bytes.length > 128) throw new Error(`${bytes.length} bytes overflow the buffer`);
  const [message, rest] = read(bytes);
  if (rest.length > 0) throw new Error(`${rest.length} bytes follow the message`);
  return message;
}

function read(bytes: Buffer): [OriginalMessage, Buffer] {
  const after = bytes.subarray(1);
  switch (bytes[0]) {
    case 0: {
      const [text, rest] = readString(after);
      return [{ variant: 'Message', text }, rest];
    }
    case 1: {
      const [name, rest] = readString(after);
      return [{ variant: 'Register', name }, rest];
    }
    case 2:
      return [{ variant: 'RegisterAck' }, after];
    case 3: {
      const [name, rest] = readString(after);
      return [{ variant: 'HolePunchRequest', name }, rest];
    }
    case 4:
      return [{ variant: 'HolePunchResponseUnknown' }, after];
    case 5: {
      const [name, afterName] = readString(after);
      const [address, rest] = readString(afterName);
      const remote = parseEndpoint(address);
      if (remote === undefined) throw new Error(`${address} is no address`);
      return [{ variant: 'HolePunchInitiate', name, remote }, rest];
    }
    default:
      throw new Error(`there is no variant ${bytes[0]}`);
  }
}

/** Below 251 bytes, which is more than fits into a datagram, a length is one byte. */
function readString(bytes: Buffer): [string, Buffer] {
  const [length = Number.NaN] = bytes;
  if (!(length < bytes.length)) throw new Error('a string ends too early');
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    bytes.subarray(1, 1 + length),
  );
  return [text, bytes.subarray(1 + length)];
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
