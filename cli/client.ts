import {
  formatHostAndPort,
  type PeerAddress,
  parsePeerAddress,
  parseServerAddress,
} from '../runtime/identity/peer-address.ts';
import { createPeer, formatKey, type Peer, PunchError } from '../runtime/index.ts';
import { checkPeerName } from '../runtime/names.ts';
import type { Recording } from '../runtime/trace/recording.ts';
import { Chat } from './chat.ts';
import { exitCodes, type Outcome, outcomeOf } from './exit.ts';
import { openInput } from './input.ts';
import { type Inspection, type InspectOptions, inspectIf } from './inspection.ts';
import { recordIf, watchedBy } from './recording.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { openTrust } from './trust.ts';

export type ClientCommandOptions = InspectOptions & {
  readonly timeout: number;
  readonly bind?: string;
  readonly port: number;
  readonly protocol: 1 | 2;
  readonly key?: string;
  readonly knownKeys?: string;
  readonly accept?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly record?: string;
};

/** `punch client`: registers, connects, chats. Resolves to the exit code. */
export async function runClient(
  server: string,
  name: string,
  peerAddress: string | undefined,
  options: ClientCommandOptions,
): Promise<number> {
  const input = openInput();
  const terminal = openTerminal({ ...options, besideInput: input.besideInput });
  const end = (outcome: Outcome, reason?: string) => {
    terminal.report({
      type: 'end',
      outcome,
      code: exitCodes[outcome],
      ...(reason === undefined ? {} : { reason }),
    });
    return exitCodes[outcome];
  };
  let peer: Peer | undefined;
  let inspection: Inspection | undefined;
  let recording: Recording | undefined;
  const told: Promise<void>[] = [];
  try {
    const { host, port, key: serverKey } = parseServerAddress(server, options.port);
    const where = formatHostAndPort({ host, port });
    const callee =
      peerAddress === undefined ? undefined : calleeOf(peerAddress, name, where, options.protocol);
    const trust = await openTrust(options, terminal);
    inspection = await inspectIf(options, `client ${name}`, terminal, name);
    recording = await recordIf(options.record, `client ${name}`, terminal);
    peer = createPeer({
      server: serverKey === undefined ? where : `${where}#${formatKey(serverKey)}`,
      name,
      ...trust,
      timeoutMs: options.timeout * 1000,
      signal: terminal.interrupted,
      ...watchedBy(inspection, recording),
      ...(options.bind === undefined ? {} : { bind: options.bind }),
    });
    const chat = new Chat(terminal, input, { name, protocol: options.protocol }, told);
    told.push(showClient(peer, options.protocol, terminal));
    await (callee === undefined ? answer(peer, chat) : call(peer, callee, chat));
    const isDone = terminal.interrupted.aborted || chat.isAllDelivered;
    await peer.close();
    await Promise.all(told);
    return end(isDone ? 'done' : 'linkLost');
  } catch (error) {
    if (!(error instanceof PunchError)) throw error;
    await peer?.close();
    await Promise.all(told);
    return terminal.interrupted.aborted ? end('interrupted') : end(outcomeOf(error.code), error.message);
  } finally {
    await recording?.close();
    await inspection?.close();
    input.close();
  }
}

/** Connects to one peer, and chats until the input, the link or the user ends it. */
async function call(peer: Peer, { name, key }: PeerAddress, chat: Chat): Promise<void> {
  await peer.registered;
  const link = peer.link(name, key === undefined ? {} : { key });
  chat.join(link);
  void joinAll(peer, chat);
  await link.connected;
  const end = await Promise.race([chat.talk(), link.ended]);
  // Of those who say good-bye nothing is missing but what we have not told them.
  if (end instanceof PunchError && (end.code !== 'left' || !chat.isAllDelivered)) throw end;
}

/** Waits to be called, by any number of peers, until the input or the user ends it. */
async function answer(peer: Peer, chat: Chat): Promise<void> {
  await peer.registered;
  await Promise.race([chat.talk(), joinAll(peer, chat)]);
}

async function joinAll(peer: Peer, chat: Chat): Promise<void> {
  for await (const link of peer.links) chat.join(link);
}

async function showClient(peer: Peer, protocol: 1 | 2, terminal: Terminal): Promise<void> {
  for await (const { state, server, elapsedMs, error } of peer.states) {
    terminal.report({
      type: 'state',
      of: 'client',
      name: peer.name,
      protocol,
      state,
      elapsedMs,
      ...(server === undefined ? {} : { server }),
      ...(state === 'unregistered' && error !== undefined ? { reason: error.message } : {}),
    });
  }
}

/** Whom to call. Throws a PunchError for an address that cannot be called from here. */
function calleeOf(text: string, ownName: string, server: string, protocol: 1 | 2): PeerAddress {
  const address = parsePeerAddress(text);
  checkPeerName(ownName, address.name);
  if (address.server !== undefined && address.server !== server) {
    throw new PunchError(
      'badAddress',
      `${address.name} is at ${address.server}, and you are about to register with ${server}. Name that server instead.`,
    );
  }
  if (address.key !== undefined && protocol === 1) {
    throw new PunchError(
      'badAddress',
      'Protocol 1 has no keys. Name the peer without one, or use protocol 2.',
    );
  }
  return address;
}
