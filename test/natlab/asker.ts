import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Answer, decodeAnswer, type Endpoint, encode, type Family, reflectors } from './reflection.ts';

export type Received = Answer & { readonly from: Endpoint };

/** One socket that asks reflectors, and keeps what came in. */
export class Asker {
  readonly received: Received[] = [];
  readonly #family: Family;
  readonly #socket: Socket;
  #lastQuestion = 0;

  private constructor(family: Family) {
    this.#family = family;
    this.#socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6' });
    this.#socket.on('message', (bytes, { address, port }) => {
      const answer = decodeAnswer(bytes);
      if (answer !== undefined) {
        this.received.push({ ...answer, from: { address, port } });
        this.#socket.emit('answer');
      }
    });
  }

  static async open(family: Family): Promise<Asker> {
    const asker = new Asker(family);
    const bound = once(asker.#socket, 'listening');
    asker.#socket.bind(0);
    await bound;
    return asker;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  /** The endpoint that a reflector sees us at, or `undefined` when it does not answer. */
  async endpointAt(reflector: number): Promise<Endpoint | undefined> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const question = this.ask(reflector, [reflector]);
      const answer = await this.#answerTo(question);
      if (answer !== undefined) return answer.seen;
    }
    return undefined;
  }

  /** Asks one reflector to have others answer, without waiting. */
  ask(reflector: number, answerFrom: readonly number[], answerTo?: Endpoint): number {
    this.#lastQuestion += 1;
    const question = { question: this.#lastQuestion, answerFrom, ...(answerTo ? { answerTo } : {}) };
    this.sendTo(reflectors[this.#family][reflector], encode(question));
    return this.#lastQuestion;
  }

  sendTo(to: Endpoint | undefined, bytes: Buffer): void {
    if (to !== undefined) this.#socket.send(bytes, to.port, to.address);
  }

  /**
   * Waits until what was sent before must have come, if it comes at all: until answers that were asked for later did.
   * Packets that pass different processors overtake each other by a few milliseconds, so a little longer.
   */
  async settle(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await this.endpointAt(0);
      await setTimeout(overtaking);
    }
  }

  async #answerTo(question: number): Promise<Answer | undefined> {
    const deadline = AbortSignal.timeout(patience);
    for (;;) {
      const answer = this.received.find((candidate) => candidate.question === question);
      if (answer !== undefined || deadline.aborted) return answer;
      await once(this.#socket, 'answer', { signal: deadline }).catch(() => {});
    }
  }
}

/** Milliseconds, and how often: generous, for a machine that starts twenty probers at once. */
const patience = 400;
const attempts = 4;
const overtaking = 20;
