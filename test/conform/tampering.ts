/** Our server behind a socket that meddles with what passes: so it is wrong in one way, and right in all others. */
import type { Endpoint } from '../../machines/endpoint.ts';
import { decode, encode, type Malformed, type Message } from '../../machines/wire.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Receiver, Transport } from '../../runtime/transport.ts';
import { type StartServer, TTL_MS } from './laboratory.ts';

/** Hands on the same, something else, several things, or nothing. */
export type HandOn = (other: Endpoint, message: Message) => void;

export type Meddler = {
  /** What comes in. */
  readonly hears?: (from: Endpoint, message: Message, handOn: HandOn) => void;
  /** What goes out; `send` takes bytes that are no message, too. */
  readonly says?: (to: Endpoint, message: Message, handOn: HandOn, send: Transport['send']) => void;
  /** What comes in malformed, which our server drops. */
  readonly mishears?: (from: Endpoint, reason: Malformed, transport: Transport) => void;
};

/** A server behind somebody who meddles. */
export function meddling(
  { hears = pass, says = pass, mishears = () => {} }: Meddler,
  { ttlMs = TTL_MS, answersAt }: { readonly ttlMs?: number; readonly answersAt?: string } = {},
): StartServer {
  return (transport, network) => {
    const outgoing = answersAt === undefined ? transport : network.open(answersAt);
    let receiver: Receiver | undefined;
    transport.listen({
      datagram: (from, bytes) => {
        const message = decode(bytes);
        if (typeof message === 'string') mishears(from, message, transport);
        else hears(from, message, (other, handed) => receiver?.datagram(other, encode(handed)));
      },
    });
    const send: Transport['send'] = (to, bytes) => outgoing.send(to, bytes);
    const meddled: Transport = {
      local: transport.local,
      send: (to, bytes) =>
        says(to, decode(bytes) as Message, (other, handed) => send(other, encode(handed)), send),
      listen: (listener) => {
        receiver = listener;
      },
      close: () => transport.close(),
    };
    new Rendezvous({ clock: network.clock, random: network.random }, meddled, { ttlMs });
  };
}

/**
 * Somebody who makes our server forget clients: it is told that they have taken another name and gone, and they do not
 * learn of it. `forgets` says whom, at each message that comes in, `before` or `after` the server has it.
 */
export function forgetting(
  when: 'before' | 'after',
  forgets: (from: Endpoint, message: Message) => readonly Endpoint[],
): Meddler {
  let isSecret = false;
  let count = 0;
  return {
    hears: (from, message, handOn) => {
      const forgotten = forgets(from, message);
      if (when === 'after') handOn(from, message);
      isSecret = true;
      for (const client of forgotten) {
        count += 1;
        for (const port of [client.port, 1])
          handOn({ ...client, port }, { type: 'register', name: `forgotten ${count}` });
      }
      isSecret = false;
      if (when === 'before') handOn(from, message);
    },
    says: (to, message, handOn) => {
      if (!isSecret) handOn(to, message);
    },
  };
}

/** A NAT on the way, for all who come from the address inside. */
export function translating(inside: string, outside: string): Meddler {
  return {
    hears: ({ address, port }, message, handOn) =>
      handOn(address === inside ? { address: outside, port: port + 1000 } : { address, port }, message),
    says: ({ address, port }, message, handOn) =>
      handOn(address === outside ? { address: inside, port: port - 1000 } : { address, port }, message),
  };
}

function pass(other: Endpoint, message: Message, handOn: HandOn): void {
  handOn(other, message);
}
