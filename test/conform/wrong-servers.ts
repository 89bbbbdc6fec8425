import { type Endpoint, formatEndpoint, sameAddress, sameEndpoint } from '../../machines/endpoint.ts';
import { encode, type Malformed, type Message } from '../../machines/wire.ts';
import type { Repair } from '../../runtime/conformance/repairs.ts';
import { isAbroad, type StartServer, TTL_MS } from './laboratory.ts';
import { forgetting, meddling } from './tampering.ts';

export type WrongServer = {
  /** What it does, after "a server that". */
  readonly does: string;
  readonly start: StartServer;
  /** Every step in which it deviates, as `[what it is for] what was sent: what came`, is one of these. */
  readonly steps: RegExp;
  /** What in its behaviour is, by itself, what the original does. */
  readonly resembles?: readonly Repair[];
  readonly isSlow?: boolean;
};

/** Each is wrong in one way. */
export const wrongServers: readonly WrongServer[] = [
  {
    does: 'acknowledges twice',
    start: meddling({
      says: (to, message, handOn) => {
        handOn(to, message);
        if (message.type === 'registerAck') handOn(to, message);
      },
    }),
    steps: /Register\(\w+\): RegisterAck$/,
  },
  {
    does: 'has no ear for a client that comes back at another port',
    start: rememberingPorts(),
    steps:
      /^\[(Register from (another port|the address)|the client takes another name)\] Register\(\w+\): nothing$/,
  },
  {
    does: 'introduces clients at the wrong port',
    start: meddling({
      says: (to, message, handOn) =>
        handOn(
          to,
          message.type === 'holePunchInitiate'
            ? { ...message, remote: { ...message.remote, port: message.remote.port + 1 } }
            : message,
        ),
    }),
    steps: /HolePunchRequest\(\w+\): HolePunchInitiate\(\w+, (198\.51\.100\.1:\d+|the address of .*)\)/,
  },
  {
    does: 'does not tell the called client',
    start: introducing(([first]) => [first]),
    steps: /HolePunchRequest\(\w+\): HolePunchInitiate\([^)]*\)$/,
  },
  {
    does: "tells a client its own name in place of its peer's",
    start: introducing(([first, second]) => [swapNames(first, second), swapNames(second, first)]),
    steps: /HolePunchRequest\(\w+\): HolePunchInitiate\([^)]*\), HolePunchInitiate\([^)]*\)$/,
  },
  {
    does: 'says nothing to a stranger who wants a live name',
    start: meddling({
      says: (to, message, handOn) => {
        if (message.type !== 'holePunchResponseUnknown' || !isAbroad(to)) handOn(to, message);
      },
    }),
    steps: /^\[Register from a stranger\] Register\(alice\): nothing$/,
  },
  {
    does: 'forgets a client whose name a stranger wants',
    start: losingNames('after'),
    steps: /HolePunchRequest\(\w+\): HolePunchResponseUnknown$/,
    resembles: ['lastWriterWins'],
  },
  {
    does: 'says nothing of a peer that it does not know',
    start: meddling({
      says: (to, message, handOn) => {
        if (message.type !== 'holePunchResponseUnknown') handOn(to, message);
      },
    }),
    steps: /: nothing$/,
  },
  {
    does: 'answers from another port',
    start: meddling({}, { answersAt: '192.0.2.1:40000' }),
    steps: /: RegisterAck from 192\.0\.2\.1:40000, which is not the server/,
  },
  {
    does: 'adds a byte to its acknowledgements',
    start: acknowledging(2, 0),
    steps: /Register\(\w+\): 02 00, which is no message: trailingBytes/,
  },
  {
    does: 'spells a number longer than need be',
    start: acknowledging(0xfb, 2, 0),
    steps: /Register\(\w+\): RegisterAck, in the unusual spelling fb 02 00/,
  },
  {
    does: 'answers what is not for servers',
    start: meddling({
      hears: (from, message, handOn) =>
        handOn(from, message.type === 'message' ? { type: 'holePunchRequest', name: 'x' } : message),
    }),
    steps: /^\[a Message, which is for peers\] a Message, which is for peers: HolePunchResponseUnknown$/,
  },
  {
    does: 'ends on a datagram that the original outlives',
    start: endingOn(({ type }) => type === 'holePunchInitiate'),
    steps: /^\[a sign of life\] Register\(alice\): nothing$/,
  },
  {
    does: 'forgets a client too early',
    start: meddling({}, { ttlMs: TTL_MS / 2 }),
    steps: /HolePunchRequest\(\w+\): HolePunchResponseUnknown$/,
    resembles: ['lastWriterWins'],
    isSlow: true,
  },
  {
    does: 'forgets a client although it asks for its peers',
    start: forgettingWhoDoesNotRegister(),
    steps: /^\[before the end\] HolePunchRequest\(alice\): HolePunchResponseUnknown/,
    isSlow: true,
  },
];

export type Unrepaired = {
  readonly does: string;
  readonly start: StartServer;
  readonly repair: Repair;
  readonly isSlow?: boolean;
};

/** Each lacks one repair, and has all others. */
export const unrepairedServers: readonly Unrepaired[] = [
  {
    does: 'introduces the called client first',
    start: introducing(([first, second]) => [second, first]),
    repair: 'calleeFirst',
  },
  {
    does: 'never forgets',
    start: meddling({}, { ttlMs: 1000 * TTL_MS }),
    repair: 'neverForgets',
    isSlow: true,
  },
  { does: 'introduces a client to itself', start: introducingToSelf(), repair: 'introducesToSelf' },
  { does: 'gives a live name to a stranger', start: losingNames('before'), repair: 'lastWriterWins' },
  {
    does: 'ends on what is malformed',
    start: meddling({ mishears: (_from, _reason, transport) => void transport.close() }),
    repair: 'diesOfGarbage',
  },
  { does: 'takes names that are none', start: acceptingWhatIs('badName'), repair: 'takesAnyName' },
  {
    does: 'does not mind a byte left over',
    start: acceptingWhatIs('trailingBytes'),
    repair: 'readsPastTheEnd',
  },
];

type Introduction = { readonly to: Endpoint; readonly message: Message };

/** A server that sends other introductions than the two it should send. */
function introducing(
  change: (both: readonly [Introduction, Introduction]) => readonly Introduction[],
): StartServer {
  let first: Introduction | undefined;
  return meddling({
    says: (to, message, handOn) => {
      if (message.type !== 'holePunchInitiate') return handOn(to, message);
      const second = { to, message };
      if (first === undefined) {
        first = second;
        return;
      }
      for (const changed of change([first, second])) handOn(changed.to, changed.message);
      first = undefined;
    },
  });
}

function swapNames({ to, message }: Introduction, other: Introduction): Introduction {
  if (message.type !== 'holePunchInitiate' || other.message.type !== 'holePunchInitiate')
    return { to, message };
  return { to, message: { ...message, name: other.message.name } };
}

function acknowledging(...bytes: readonly number[]): StartServer {
  return meddling({
    says: (to, message, handOn, send) => {
      if (message.type === 'registerAck') send(to, Uint8Array.from(bytes));
      else handOn(to, message);
    },
  });
}

function endingOn(ends: (message: Message) => boolean): StartServer {
  let isOver = false;
  return meddling({
    hears: (from, message, handOn) => {
      isOver ||= ends(message);
      if (!isOver) handOn(from, message);
    },
  });
}

function rememberingPorts(): StartServer {
  const clients = new Map<string, Endpoint>();
  return meddling({
    hears: (from, message, handOn) => {
      if (message.type === 'register') {
        const known = clients.get(message.name);
        if (known !== undefined && sameAddress(known, from) && !sameEndpoint(known, from)) return;
        if (known === undefined) clients.set(message.name, from);
      }
      handOn(from, message);
    },
  });
}

/** A server that forgets a client when a stranger registers its name: before that, or after it has refused him. */
function losingNames(when: 'before' | 'after'): StartServer {
  const clients = new Map<string, Endpoint>();
  return meddling(
    forgetting(when, (from, message) => {
      if (message.type !== 'register') return [];
      const known = clients.get(message.name);
      if (when === 'before' || !isAbroad(from)) clients.set(message.name, from);
      return known !== undefined && !sameAddress(known, from) ? [known] : [];
    }),
  );
}

function forgettingWhoDoesNotRegister(): StartServer {
  const registered = new Map<string, { readonly client: Endpoint; readonly atMs: number }>();
  return (transport, network) => {
    const meddler = forgetting('before', (from, message) => {
      const now = network.clock.now();
      const late = [...registered].filter(([, { atMs }]) => now - atMs >= TTL_MS);
      for (const [name] of late) registered.delete(name);
      if (message.type === 'register') registered.set(message.name, { client: from, atMs: now });
      return late.map(([, { client }]) => client);
    });
    meddling(meddler)(transport, network);
  };
}

function introducingToSelf(): StartServer {
  const names = new Map<string, string>();
  let self: Message | undefined;
  return meddling({
    hears: (from, message, handOn) => {
      const client = formatEndpoint(from);
      if (message.type === 'register') names.set(client, message.name);
      const isOwn = message.type === 'holePunchRequest' && names.get(client) === message.name;
      self = isOwn ? { type: 'holePunchInitiate', name: message.name, remote: from } : undefined;
      handOn(from, message);
    },
    says: (to, message, handOn) => {
      if (message.type !== 'holePunchResponseUnknown' || self === undefined) return handOn(to, message);
      handOn(to, self);
      handOn(to, self);
    },
  });
}

function acceptingWhatIs(wrong: Malformed): StartServer {
  return meddling({
    mishears: (from, reason, transport) => {
      if (reason === wrong) transport.send(from, encode({ type: 'registerAck' }));
    },
  });
}
