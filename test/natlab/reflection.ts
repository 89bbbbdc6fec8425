import { serverAddresses } from './addresses.ts';

/** What prober and reflectors say to each other: like STUN (RFC 5780), in JSON, and nothing of our product. */

export type Endpoint = { readonly address: string; readonly port: number };

/** Where the reflectors are: the first two share an address, as do the last two. */
export const reflectors = { 4: reflectorsAt(serverAddresses.ipv4), 6: reflectorsAt(serverAddresses.ipv6) };

export type Family = keyof typeof reflectors;

export type Question = {
  readonly question: number;
  /** Which reflectors are to answer, each from its own endpoint. */
  readonly answerFrom: readonly number[];
  /** Where to; the asker, unless told. */
  readonly answerTo?: Endpoint;
};

export type Answer = {
  readonly question: number;
  readonly reflector: number;
  /** Who asked, as the reflector that was asked saw it. */
  readonly seen: Endpoint;
};

export function encode(message: Question | Answer): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function decodeQuestion(bytes: Buffer): Question | undefined {
  const value = fields(bytes);
  return isNumber(value?.question) && Array.isArray(value.answerFrom) ? (value as Question) : undefined;
}

export function decodeAnswer(bytes: Buffer): Answer | undefined {
  const value = fields(bytes);
  return isNumber(value?.question) && isNumber(value.reflector) ? (value as Answer) : undefined;
}

type Fields = { readonly [name: string]: unknown };

function fields(bytes: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function reflectorsAt(addresses: readonly string[]): Endpoint[] {
  return addresses.flatMap((address) => [3478, 3479].map((port) => ({ address, port })));
}
