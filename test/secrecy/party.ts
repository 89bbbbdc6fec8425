/**
 * One party to a handshake in a process of its own, so that it can run on another sodium than its partner. Reads what
 * it is to do as JSON from its standard input, and prints what came of it.
 */
import { readFileSync } from 'node:fs';
import { createCookies } from '../../runtime/secrecy/cookies.ts';
import { createKeyPair, fingerprintOf, formatKey, isUsableKey } from '../../runtime/secrecy/keys.ts';
import { type Channel, initiate, respond } from '../../runtime/secrecy/noise.ts';
import { createOpener, createSealer } from '../../runtime/secrecy/seal.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { sodiumKind } from '../../runtime/secrecy/sodium.ts';
import { createVirtualClock } from '../../runtime/simulation/virtual-clock.ts';
import { defined, fromHex, lowOrderKeys, toHex, utf8 } from './bytes.ts';
import { weakInitiation } from './weak-initiation.ts';

/** What a party is given: nothing yet, the other's message, or the other's reply and its sealed datagram. */
export type Task =
  | { readonly step: 'initiate' }
  | { readonly step: 'respond'; readonly message: string }
  | { readonly step: 'finish'; readonly reply: string; readonly sealed: string };

export type Outcome = Readonly<Record<string, string | boolean>>;

const header = utf8('header');
const prologue = utf8('punch 2');
const alice = createKeyPair(seededEntropy(1));
const bob = createKeyPair(seededEntropy(2));

const outcomes = {
  initiate: () => ({
    alice: formatKey(alice.publicKey),
    fingerprint: fingerprintOf(alice.publicKey),
    cookie: toHex(
      createCookies(seededEntropy(5), createVirtualClock()).bake({ address: '2001:db8::1', port: 7 }, header),
    ),
    refusesWeakKeys: !lowOrderKeys.some(isUsableKey),
    refusesWeakMessages: lowOrderKeys.every((key) =>
      (['ephemeral', 'static'] as const).every((as) => {
        const message = weakInitiation(seededEntropy(3), { as, key }, bob.publicKey, prologue);
        return respond(seededEntropy(4), bob, prologue, message) === undefined;
      }),
    ),
    message: toHex(begin().message),
  }),
  respond: (text: string) => {
    const response = defined(respond(seededEntropy(4), bob, prologue, fromHex(text)));
    const { message, channel } = response.accept(utf8('welcome'));
    const sealer = createSealer(channel.sendKey);
    const sealed = sealer.seal(sealer.next(), header, utf8('sealed'));
    return {
      remoteKey: formatKey(response.remoteKey),
      payload: toHex(response.payload),
      reply: toHex(message),
      sealed: toHex(sealed),
      ...described(channel),
    };
  },
  finish: (reply: string, sealed: string) => {
    const initiation = begin();
    const forged = initiation.finish(fromHex(reply).fill(1, 32)) === undefined;
    const { payload, channel } = defined(initiation.finish(fromHex(reply)));
    const opener = createOpener(channel.receiveKey);
    const opened = opener.open(0, header, fromHex(sealed));
    const again = opener.open(0, header, fromHex(sealed));
    const damaged = opener.open(1, header, fromHex(sealed).fill(1));
    return {
      forged,
      payload: toHex(payload),
      opened: typeof opened === 'string' ? opened : toHex(opened),
      again: `${again}`,
      damaged: `${damaged}`,
      ...described(channel),
    };
  },
};

const task: Task = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify({ sodiumKind, ...outcomeOf(task) }));

function outcomeOf(given: Task): Outcome {
  if (given.step === 'respond') return outcomes.respond(given.message);
  if (given.step === 'finish') return outcomes.finish(given.reply, given.sealed);
  return outcomes.initiate();
}

function begin() {
  return initiate(seededEntropy(3), alice, bob.publicKey, prologue, utf8('hello'));
}

function described({ sendKey, receiveKey, hash }: Channel) {
  return { sendKey: toHex(sendKey), receiveKey: toHex(receiveKey), hash: toHex(hash) };
}
