import { isIpv6 } from '../machines/endpoint.ts';
import { TEXT_BYTES_MAX } from '../machines/wire.ts';
import { pause } from '../runtime/ambient.ts';
import { createPeer, type Link, type Peer, PunchError } from '../runtime/index.ts';
import type { Inspection } from '../runtime/inspect/stately.ts';
import { textFault } from '../runtime/link.ts';
import { checkPeerName } from '../runtime/names.ts';
import { parseHostAndPort } from '../runtime/resolve.ts';
import type { Recording } from '../runtime/trace/recording.ts';
import { exitCodes, type Outcome, outcomeOf } from './exit.ts';
import { type Input, openInput, partsOf } from './input.ts';
import { inspectIf } from './inspection.ts';
import { recordIf, watchedBy } from './recording.ts';
import { clock, openTerminal, type Terminal } from './terminal.ts';

export type ClientCommandOptions = {
  readonly timeout: number;
  readonly bind?: string;
  readonly port: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly inspect?: boolean;
  readonly record?: string;
};

/** Between piped lines: as fast as a receiver's default socket buffer drains on a busy machine. */
const PIPED_LINE_PAUSE_MS = 1;

/** After the last piped line: time for the greetings that let a peer connect who has missed the first ones. */
const FAREWELL_MS = 500;

/** `punch client`: registers, connects, chats. Resolves to the exit code. */
export async function runClient(
  server: string,
  name: string,
  peerName: string | undefined,
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
    if (peerName !== undefined) checkPeerName(name, peerName);
    inspection = await inspectIf(options.inspect, `client ${name}`, terminal);
    recording = await recordIf(options.record, `client ${name}`, terminal);
    peer = createPeer({
      server: withPort(server, options.port),
      name,
      timeoutMs: options.timeout * 1000,
      signal: terminal.interrupted,
      ...watchedBy(inspection, recording),
      ...(options.bind === undefined ? {} : { bind: options.bind }),
    });
    const chat = new Chat(terminal, input, name, told);
    told.push(showClient(peer, terminal));
    const outcome = await (peerName === undefined ? answer(peer, chat) : call(peer, peerName, chat));
    await peer.close();
    await Promise.all(told);
    return end(outcome);
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
async function call(peer: Peer, peerName: string, chat: Chat): Promise<Outcome> {
  await peer.registered;
  const link = peer.link(peerName);
  chat.join(link);
  void joinAll(peer, chat);
  await link.connected;
  const lost = await Promise.race([chat.talk(), link.ended]);
  if (lost !== undefined) throw lost;
  return 'done';
}

/** Waits to be called, by any number of peers, until the input or the user ends it. */
async function answer(peer: Peer, chat: Chat): Promise<Outcome> {
  await peer.registered;
  await Promise.race([chat.talk(), joinAll(peer, chat)]);
  return 'done';
}

async function joinAll(peer: Peer, chat: Chat): Promise<void> {
  for await (const link of peer.links) chat.join(link);
}

async function showClient(peer: Peer, terminal: Terminal): Promise<void> {
  for await (const { state, server, elapsedMs } of peer.states) {
    terminal.report({
      type: 'state',
      of: 'client',
      name: peer.name,
      state,
      elapsedMs,
      ...(server === undefined ? {} : { server }),
    });
  }
}

/** Carries lines between a terminal and the peers that are connected. */
class Chat {
  readonly #terminal: Terminal;
  readonly #input: Input;
  readonly #ownName: string;
  readonly #told: Promise<void>[];
  readonly #links = new Set<Link>();
  #someoneCame: () => void = () => {};
  #isExplained = false;

  /** `told` collects what must be over before the last word is said. */
  constructor(terminal: Terminal, input: Input, ownName: string, told: Promise<void>[]) {
    this.#told = told;
    this.#terminal = terminal;
    this.#input = input;
    this.#ownName = ownName;
  }

  join(link: Link): void {
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
    this.#told.push(this.#showStates(link), this.#showMessages(link));
  }

  /** Sends each line to whoever is connected. Resolves a moment after the last line; never, if there was none. */
  async talk(): Promise<undefined> {
    let lines = 0;
    for await (const line of this.#input.lines) {
      if (line === '' && this.#input.isInteractive) continue;
      lines += 1;
      while (this.#connected().length === 0) await this.#arrival();
      this.#send(line);
      if (!this.#input.isInteractive) await pause(clock, PIPED_LINE_PAUSE_MS);
    }
    if (lines === 0) return new Promise(() => {});
    await pause(clock, FAREWELL_MS);
  }

  #send(line: string): void {
    for (const part of partsOf(line, TEXT_BYTES_MAX)) {
      const fault = textFault(part, this.#ownName);
      if (fault !== undefined) this.#terminal.report({ type: 'notice', text: fault });
      else for (const link of this.#connected()) link.send(part);
    }
  }

  /** Tells a person, once, what to do. */
  #explain(): void {
    if (this.#input.isInteractive && !this.#isExplained) {
      this.#terminal.report({
        type: 'notice',
        text: 'Type a line and press Enter to send it. Ctrl-C ends the chat.',
      });
    }
    this.#isExplained = true;
  }

  #connected(): Link[] {
    return [...this.#links].filter((link) => link.state === 'connected');
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#someoneCame = resolve;
    });
  }

  async #showStates(link: Link): Promise<void> {
    for await (const { state, remote, elapsedMs, error } of link.states) {
      this.#terminal.report({
        type: 'state',
        of: 'link',
        peer: link.peer,
        state,
        elapsedMs,
        ...(remote === undefined ? {} : { remote }),
        ...(error === undefined ? {} : { reason: error.message }),
      });
      if (state === 'connected') {
        this.#explain();
        this.#someoneCame();
      }
    }
  }

  async #showMessages(link: Link): Promise<void> {
    for await (const text of link.messages) this.#terminal.report({ type: 'message', peer: link.peer, text });
  }
}

function withPort(server: string, defaultPort: number): string {
  const { host, port } = parseHostAndPort(server, defaultPort);
  return isIpv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
