import { type Endpoint, formatEndpoint } from '../machines/endpoint.ts';
import { BiMap } from './structures.ts';

/**
 * Who is registered: one session for a name, one name for an endpoint, each found from the other at once however many
 * there are. Holds at most `capacity` sessions; the caller asks {@link isFull} first, since a live session is never
 * pushed out by a newcomer.
 */
export class Directory<Session> {
  readonly capacity: number;
  readonly #sessions = new Map<string, Session>();
  readonly #endpoints = new BiMap<string, string>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get isFull(): boolean {
    return this.size >= this.capacity;
  }

  named(name: string): Session | undefined {
    return this.#sessions.get(name);
  }

  at(endpoint: Endpoint): Session | undefined {
    const name = this.#endpoints.inverse.get(formatEndpoint(endpoint));
    return name === undefined ? undefined : this.#sessions.get(name);
  }

  /** Enters a session whose name and endpoint are both free. */
  enter(name: string, endpoint: Endpoint, session: Session): void {
    this.#sessions.set(name, session);
    this.#endpoints.set(name, formatEndpoint(endpoint));
  }

  /** Gives a name another endpoint, which is free. */
  move(name: string, to: Endpoint): void {
    this.#endpoints.set(name, formatEndpoint(to));
  }

  remove(name: string): void {
    this.#sessions.delete(name);
    this.#endpoints.delete(name);
  }

  *[Symbol.iterator](): IterableIterator<Session> {
    yield* this.#sessions.values();
  }
}
