import { TEXT_BYTES_MAX } from '../machines/wire.ts';
import { pause as wait } from '../runtime/ambient.ts';
import type { Link } from '../runtime/index.ts';
import { textFault } from '../runtime/link.ts';
import { LINE_BYTES_MAX } from '../runtime/sealed/frames.ts';
import { type Input, partsOf } from './input.ts';
import { clock, type Terminal } from './terminal.ts';

/** Carries lines between a terminal and the peers that are connected. */
export class Chat {
  readonly #terminal: Terminal;
  readonly #input: Input;
  readonly #self: { readonly name: string; readonly protocol: 1 | 2 };
  readonly #told: Promise<void>[];
  readonly #links = new Set<Link>();
  /** Those that were connected once: with keys, what is said while a path is sought anew arrives later. */
  readonly #reached = new Set<Link>();
  #someoneCame: () => void = () => {};
  #isExplained = false;
  readonly #deliveries = new Set<Promise<void>>();
  #isLineMissing = false;

  /** `told` collects what must be over before the last word is said. */
  constructor(
    terminal: Terminal,
    input: Input,
    self: { readonly name: string; readonly protocol: 1 | 2 },
    told: Promise<void>[],
  ) {
    this.#told = told;
    this.#terminal = terminal;
    this.#input = input;
    this.#self = self;
  }

  /** Whether no line is known to be missing, or may be. */
  get isAllDelivered(): boolean {
    return !this.#isLineMissing && this.#deliveries.size === 0;
  }

  join(link: Link): void {
    this.#links.add(link);
    void link.ended.then(() => {
      this.#links.delete(link);
      this.#reached.delete(link);
    });
    this.#told.push(this.#showStates(link), this.#showMessages(link));
  }

  /** Sends each line to whoever is connected. Resolves when the last has arrived; never, if there was none. */
  async talk(): Promise<undefined> {
    let lines = 0;
    for await (const line of this.#input.lines) {
      if (line === '' && this.#input.isInteractive) continue;
      lines += 1;
      while (this.#connected().length === 0) await this.#arrival();
      this.#send(line);
      while (this.#deliveries.size >= UNDER_WAY_MAX) await Promise.race(this.#deliveries);
      if (this.#self.protocol === 1 && !this.#input.isInteractive) await wait(clock, PIPED_LINE_PAUSE_MS);
    }
    if (lines === 0) return new Promise(() => {});
    await Promise.all(this.#deliveries);
    if (this.#self.protocol === 1) await wait(clock, FAREWELL_MS);
  }

  #send(line: string): void {
    const { name, protocol } = this.#self;
    for (const part of partsOf(line, protocol === 1 ? TEXT_BYTES_MAX : LINE_BYTES_MAX)) {
      const fault = protocol === 1 ? textFault(part, name) : undefined;
      if (fault !== undefined) this.#terminal.report({ type: 'notice', text: fault });
      else for (const link of this.#connected()) this.#watch(link, part, link.send(part));
    }
  }

  /** Tells the user if nobody knows whether a line has arrived. */
  #watch(link: Link, text: string, sent: Promise<void>): void {
    const delivery = sent
      .catch((error: Error) => {
        this.#isLineMissing = true;
        this.#terminal.report({ type: 'undelivered', peer: link.peer, text, reason: error.message });
      })
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
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
    return [...this.#links].filter(
      (link) =>
        link.state === 'connected' ||
        (this.#self.protocol === 2 && link.state === 'punching' && this.#reached.has(link)),
    );
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#someoneCame = resolve;
    });
  }

  async #showStates(link: Link): Promise<void> {
    for await (const { state, remote, elapsedMs, error, pause } of link.states) {
      this.#terminal.report({
        type: 'state',
        of: 'link',
        peer: link.peer,
        protocol: this.#self.protocol,
        state,
        elapsedMs,
        ...(remote === undefined ? {} : { remote }),
        ...(error === undefined ? {} : { reason: error.message }),
        ...(pause === undefined ? {} : { pause }),
      });
      if (state === 'connected') {
        this.#reached.add(link);
        this.#explain();
        this.#someoneCame();
      }
    }
  }

  async #showMessages(link: Link): Promise<void> {
    for await (const text of link.messages) this.#terminal.report({ type: 'message', peer: link.peer, text });
  }
}

/** Between piped lines of protocol 1: as fast as a receiver's default socket buffer drains on a busy machine. */
const PIPED_LINE_PAUSE_MS = 1;

/** Lines that may wait for the word that they have arrived, before more are read: a link holds 1024 at most. */
const UNDER_WAY_MAX = 512;

/** After the last piped line of protocol 1: time for the greetings that let a peer connect who has missed the first ones. */
const FAREWELL_MS = 500;
