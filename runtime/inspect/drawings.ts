import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Drawing, DrawingAnswer, DrawingRequest } from './drawing-process.ts';

/** Charts that are kept drawn. There are four of ours; other versions have others. */
const KEPT_MAX = 64;

/** Draws charts by their definitions, in a process of its own: a layout takes long enough to be felt by a protocol. */
export class Drawings {
  readonly #drawings = new Map<string, Promise<Drawing | undefined>>();
  readonly #waiting = new Map<number, (drawing: Drawing | undefined) => void>();
  #process: ChildProcess | undefined;
  #asked = 0;

  /** Undefined for what is no definition of a chart. */
  of(definition: string): Promise<Drawing | undefined> {
    const known = this.#drawings.get(definition);
    if (known !== undefined) return known;
    const drawing = this.#draw(definition);
    this.#drawings.set(definition, drawing);
    const [oldest] = this.#drawings.keys();
    if (this.#drawings.size > KEPT_MAX && oldest !== undefined) this.#drawings.delete(oldest);
    return drawing;
  }

  close(): void {
    this.#process?.kill('SIGKILL');
    this.#giveUp();
  }

  #draw(definition: string): Promise<Drawing | undefined> {
    this.#process ??= this.#start();
    this.#asked += 1;
    const request: DrawingRequest = { number: this.#asked, definition };
    this.#process.send(request);
    return new Promise((resolve) => this.#waiting.set(request.number, resolve));
  }

  #start(): ChildProcess {
    const program = fileURLToPath(new URL(`drawing-process${extname(import.meta.url)}`, import.meta.url));
    const child = fork(program, { stdio: 'ignore' });
    // Whoever has nothing else to do may end.
    child.unref();
    child.channel?.unref();
    child.on('message', ({ number, drawing }: DrawingAnswer) => {
      this.#waiting.get(number)?.(drawing);
      this.#waiting.delete(number);
    });
    child.on('error', () => this.#giveUp());
    child.on('exit', () => this.#giveUp());
    return child;
  }

  #giveUp(): void {
    this.#process = undefined;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }
}
