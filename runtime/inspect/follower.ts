/** Bytes that may wait for one slow reader before it misses steps. */
export const BACKLOG_BYTES_MAX = 4 << 20;

/** As much of a WebSocket as is needed to send. */
export type Outlet = {
  readonly bufferedAmount: number;
  send(text: string, sent: (error?: Error | null) => void): void;
};

/** What a reader is told when it comes, and when it has missed something. */
export type Story = {
  everything(): Iterable<string>;
  essentials(): Iterable<string>;
};

/**
 * Keeps one reader up to date: everything at first, then each message. A reader that is too slow misses messages, and
 * is told how many steps, and where all actors are, as soon as it has taken what was on its way.
 */
export class Follower {
  missed = 0;
  readonly #outlet: Outlet;
  readonly #story: Story;
  #isBehind = false;

  constructor(outlet: Outlet, story: Story) {
    this.#outlet = outlet;
    this.#story = story;
    for (const message of story.everything()) this.#send(message);
  }

  /** A message of so many lines, which the story has already. What is recorded is not missed, however slow the reader. */
  follow(message: string, lines: number, isRecorded = false): void {
    if (isRecorded) return this.#send(message);
    if (!this.#isBehind && this.#outlet.bufferedAmount <= BACKLOG_BYTES_MAX) return this.#send(message);
    this.#isBehind = true;
    this.missed += lines;
  }

  #send(message: string): void {
    this.#outlet.send(message, (error) => {
      if (!error && this.#isBehind && this.#outlet.bufferedAmount === 0) this.#catchUp();
    });
  }

  #catchUp(): void {
    this.#isBehind = false;
    for (const message of this.#story.essentials()) this.#send(message);
  }
}
