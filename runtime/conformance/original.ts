import { type Endpoint, sameAddress, sameEndpoint } from '../../machines/endpoint.ts';
import { decode, type Malformed, type Message } from '../../machines/wire.ts';
import type { Sent } from './model.ts';
import type { Repair } from './repairs.ts';

/** What the original server may answer, and what was repaired that makes it differ from ours. */
export type OriginalAnswer = {
  /** One of these. */
  readonly alternatives: readonly (readonly Sent[])[];
  readonly repair: Repair | undefined;
  /** To be called when the server has answered as ours does, and not as this: it has that repair, if no other. */
  readonly concede: () => void;
};

/** The original server as its source has it. Where its answer hangs on chance, each that it may give is listed. */
export class Original {
  readonly #ttlMs: number;
  readonly #clients = new Map<string, Client>();
  #mayHaveEnded = false;
  /** What has made its clients differ from ours, last. */
  #lasting: Repair | undefined;

  /** `ttlMs` is when our server would have forgotten a client. */
  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** What it may answer to a datagram that comes at a time, in ms since it began. */
  answer(atMs: number, from: Endpoint, bytes: Uint8Array): OriginalAnswer {
    const message = decode(bytes);
    if (typeof message === 'string') return this.#survive(from, message);
    const answer = this.#serve(atMs, from, message);
    if (!this.#mayHaveEnded) return answer;
    return { ...answer, alternatives: [...answer.alternatives, []], repair: 'diesOfGarbage' };
  }

  #serve(atMs: number, from: Endpoint, message: Message): OriginalAnswer {
    switch (message.type) {
      case 'register':
        return this.#register(atMs, from, message.name);
      case 'holePunchRequest':
        return this.#introduce(atMs, from, message.name);
      default:
        return { alternatives: [[]], repair: undefined, concede: () => {} };
    }
  }

  #survive(from: Endpoint, reason: Malformed): OriginalAnswer {
    this.#mayHaveEnded = true;
    // What an earlier datagram has left in the buffer may be any question.
    const alternatives = [[acknowledgement(from)], [disappointment(from)], []];
    return { alternatives, repair: malformed[reason], concede: () => {} };
  }

  #register(atMs: number, from: Endpoint, name: string): OriginalAnswer {
    const known = this.#clients.get(name);
    const before = this.#lasting;
    if (known !== undefined && !this.#isSilent(atMs, known) && !sameAddress(known.at, from))
      this.#lasting = 'lastWriterWins';
    if (this.#namesAt(from).some((other) => other !== name)) this.#lasting = 'keepsOldNames';
    // As the newest of those at one endpoint.
    this.#clients.delete(name);
    this.#clients.set(name, { at: from, heardAtMs: atMs });
    const concede = () => {
      this.#lasting = before;
      if (known !== undefined) this.#clients.set(name, known);
    };
    return { alternatives: [[acknowledgement(from)]], repair: this.#lasting, concede };
  }

  #introduce(atMs: number, from: Endpoint, peerName: string): OriginalAnswer {
    const names = this.#namesAt(from);
    const peer = this.#clients.get(peerName);
    const concede = () => this.#forget(atMs);
    if (peer === undefined || names.length === 0)
      return { alternatives: [[disappointment(from)]], repair: this.#lasting, concede };
    const asking = names.flatMap((name) => this.#clients.get(name) ?? []);
    const isForgotten = [peer, ...asking].some((client) => this.#isSilent(atMs, client));
    for (const client of asking) if (!this.#isSilent(atMs, client)) client.heardAtMs = atMs;
    return {
      alternatives: names.map((name) => [
        { to: peer.at, message: { type: 'holePunchInitiate', name, remote: from } },
        { to: from, message: { type: 'holePunchInitiate', name: peerName, remote: peer.at } },
      ]),
      repair: isForgotten
        ? 'neverForgets'
        : names.includes(peerName) && names.length === 1
          ? 'introducesToSelf'
          : this.#lasting,
      concede,
    };
  }

  /** What a server does not know that forgets who is silent, and all names of an endpoint but the newest. */
  #forget(atMs: number): void {
    for (const [name, client] of this.#clients) {
      const newest = this.#namesAt(client.at).at(-1);
      if (this.#isSilent(atMs, client) || name !== newest) this.#clients.delete(name);
    }
  }

  #isSilent(atMs: number, { heardAtMs }: Client): boolean {
    return atMs - heardAtMs >= this.#ttlMs;
  }

  /** It takes the first that its hash map comes upon. */
  #namesAt(endpoint: Endpoint): readonly string[] {
    return [...this.#clients].filter(([, { at }]) => sameEndpoint(at, endpoint)).map(([name]) => name);
  }
}

/** `heardAtMs` is what our server would go by. */
type Client = { readonly at: Endpoint; heardAtMs: number };

const malformed: Readonly<Record<Malformed, Repair>> = {
  badAddress: 'diesOfGarbage',
  badName: 'takesAnyName',
  trailingBytes: 'readsPastTheEnd',
  truncated: 'readsPastTheEnd',
  empty: 'readsPastTheEnd',
  notUtf8: 'diesOfGarbage',
  badNumber: 'diesOfGarbage',
  unknownMessage: 'diesOfGarbage',
  tooLong: 'diesOfGarbage',
};

function acknowledgement(to: Endpoint): Sent {
  return { to, message: { type: 'registerAck' } };
}

function disappointment(to: Endpoint): Sent {
  return { to, message: { type: 'holePunchResponseUnknown' } };
}
