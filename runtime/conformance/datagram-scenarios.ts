import { encode, type Malformed } from '../../machines/wire.ts';
import { type Scenario, say } from './scenario.ts';

/**
 * A scenario for each datagram that a server must drop without a word, and outlive: the client registers, sends it, and
 * registers again. Those that the original outlives come first.
 */
export function datagramScenarios(): readonly Scenario[] {
  return Object.values(datagrams)
    .flatMap((some) => Object.entries<Bytes>(some))
    .map(([title, bytes], index) => ({
      kind: 'datagram',
      number: index + 1,
      title,
      steps: [
        say('client', 'register', 'alice', 'opening'),
        { type: 'send', role: 'client', bytes, about: title },
        say('client', 'register', 'alice', 'a sign of life'),
      ],
    }));
}

type Bytes = (spell: (alias: string) => string) => Uint8Array;

const utf8 = new TextEncoder();

const REGISTER = 1;
const REQUEST = 3;
const INITIATE = 5;

/** By the reason for which our server drops them. */
const datagrams: Readonly<Record<'notForServers' | Malformed, Readonly<Record<string, Bytes>>>> = {
  notForServers: {
    'a Message, which is for peers': () => encode({ type: 'message', text: 'hi' }),
    'a RegisterAck, which is for clients': () => encode({ type: 'registerAck' }),
    'a HolePunchResponseUnknown, which is for clients': () => encode({ type: 'holePunchResponseUnknown' }),
    'a HolePunchInitiate, which is for clients': (spell) =>
      encode({
        type: 'holePunchInitiate',
        name: spell('bob'),
        remote: { address: '192.0.2.1', port: 9 },
      }),
  },
  badAddress: {
    'a HolePunchInitiate with an address that is none': (spell) =>
      Uint8Array.of(INITIATE, ...text(spell('bob')), ...text('nowhere')),
  },
  badName: {
    'a Register with an empty name': () => Uint8Array.of(REGISTER, ...text('')),
    'a Register with a control character in the name': (spell) =>
      Uint8Array.of(REGISTER, ...text(spell('\u0007'))),
    'a Register with a name of 64 bytes': (spell) =>
      Uint8Array.of(REGISTER, ...text(spell('').padEnd(64, 'x'))),
  },
  trailingBytes: {
    'a Register with a byte left over': (spell) => Uint8Array.of(REGISTER, ...text(spell('alice')), 0),
  },
  truncated: {
    'a Register that ends within the name': (spell) =>
      Uint8Array.of(REGISTER, ...text(spell('alice'))).slice(0, -1),
    'a HolePunchRequest that ends before the name': () => Uint8Array.of(REQUEST),
  },
  empty: { 'a datagram without a byte': () => new Uint8Array() },
  notUtf8: {
    'a Register with a name that is not UTF-8': (spell) => {
      const bytes = Uint8Array.of(REGISTER, ...text(spell('alice')));
      bytes[bytes.length - 1] = 0xff;
      return bytes;
    },
  },
  badNumber: { 'a message number that is no varint': () => Uint8Array.of(0xff) },
  unknownMessage: {
    'a message number one above the last': () => Uint8Array.of(INITIATE + 1),
    'a message number of five bytes': () => Uint8Array.of(0xfc, 1, 2, 3, 4),
  },
  tooLong: {
    'a Register of 129 bytes': (spell) => Uint8Array.of(REGISTER, ...text(spell('').padEnd(127, 'x'))),
    'a Message of 1200 bytes': () => Uint8Array.of(0, 0xfb, 0xac, 0x04, ...utf8.encode('x'.repeat(1196))),
  },
};

function text(content: string): readonly number[] {
  const bytes = utf8.encode(content);
  return [bytes.length, ...bytes];
}
