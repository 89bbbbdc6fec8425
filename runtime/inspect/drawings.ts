import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Drawing } from './drawing-worker.ts';

/** Charts that are kept drawn. There are four of ours; other versions have others. */
const KEPT_MAX = 64;

/** Draws charts by their definitions, in a thread of its own: a layout takes long enough to be felt by a protocol. */
export class Drawings {
  readonly #drawings = new Map<string, Promise<Drawing | undefined>>();
  readonly #waiting = new Map<number, (drawing: Drawing | undefined) => void>();
  #worker: Worker | undefined;
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

  async close(): Promise<void> {
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    await this.#worker?.terminate();
  }

  #draw(definition: string): Promise<Drawing | undefined> {
    this.#worker ??= this.#start();
    this.#asked += 1;
    const number = this.#asked;
    this.#worker.postMessage({ number, definition });
    return new Promise((resolve) => this.#waiting.set(number, resolve));
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./drawing-worker${extname(import.meta.url)}`, import.meta.url));
    worker.unref();
    worker.on('message', ({ number, drawing }: { number: number; drawing: Drawing | undefined }) => {
      this.#waiting.get(number)?.(drawing);
      this.#waiting.delete(number);
    });
    worker.on('error', () => {
      this.#worker = undefined;
      for (const resolve of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
    return worker;
  }
}
