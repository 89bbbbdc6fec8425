import { type Endpoint, formatEndpoint } from '../../machines/endpoint.ts';
import { decodeEnvelope, isEnvelope } from '../../machines/envelope.ts';
import { decode, type Malformed, type Message } from '../../machines/wire.ts';

/** What a datagram says to anybody, in the words of {@link wordsFor}; or why it is no message. */
export function wordsIn(bytes: Uint8Array): string {
  return isEnvelope(bytes) ? contentOfEnvelope(bytes) : contentOf(decode(bytes));
}

/** What is said of a datagram with a hop limit that is not the usual one. */
export function hopsText(hops: number | undefined): string {
  return hops === undefined ? '' : `, ${hops} hops`;
}

/** A message in a few words, such as `Register(alice)`; with its hop limit, if it has an unusual one. */
export function wordsFor(message: Message | Malformed, hops?: number): string {
  return `${contentOf(message)}${hopsText(hops)}`;
}

/** A timer of a chart by its id: `xstate.after.retry.client.joining.awaitingAck` is `retry of joining.awaitingAck`. */
export function wordsForTimer(id: string): string {
  const [delay = '', , ...path] = id.replace(/^xstate\.after\./, '').split('.');
  return path.length === 0 ? delay : `${delay} of ${path.join('.')}`;
}

/** What is said of datagrams that do not arrive, and of what a NAT does, wherever it does it. */
export const wordsOnTheWay = {
  hopsUsedUp: 'hop limit used up',
  noMapping: 'no mapping',
  unexpectedAddress: 'filtered, unexpected address',
  unexpectedPort: 'filtered, unexpected port',
  nobodyAt: (target: Endpoint) => `nobody listens at ${formatEndpoint(target)}`,
  maps: (inner: string, outer: Endpoint, scope: string) =>
    `maps ${inner} to ${formatEndpoint(outer)}${scope}`,
  admits: (far: Endpoint) => `lets ${formatEndpoint(far)} in`,
  onlyFor: (far: Endpoint) => ` for ${formatEndpoint(far)} only`,
} as const;

/** What anybody on the way can tell. */
function contentOfEnvelope(bytes: Uint8Array): string {
  const envelope = decodeEnvelope(bytes);
  if (typeof envelope === 'string') return `malformed: ${envelope}`;
  switch (envelope.type) {
    case 'knock':
      return 'Knock';
    case 'challenge':
      return `Challenge(${formatEndpoint(envelope.observed)})`;
    case 'register':
      return 'Register, sealed';
    case 'registerAck':
      return 'RegisterAck, sealed';
    case 'stale':
      return 'Stale';
    case 'sealed':
      return `Sealed ${envelope.counter}, ${envelope.sealed.length} bytes`;
    case 'pair':
      return `Pair ${envelope.counter}, ${envelope.sealed.length} bytes`;
  }
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
