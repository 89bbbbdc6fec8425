import type { Endpoint } from '../../machines/endpoint.ts';
import { REQUEST_LADDER_MS, rung } from '../../machines/timing.ts';
import { onAbort } from '../abort.ts';
import { type Clock, pause } from '../ambient.ts';
import type { Transport } from '../transport.ts';
import { isAbroad, type Role } from './cast.ts';
import type { Arrival } from './line.ts';
import type { Pace } from './pace.ts';

export type LaneOptions = {
  readonly server: Endpoint;
  readonly clock: Clock;
  readonly pace: Pace;
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A socket at our address, or at another one of ours. Who opens it closes it. */
  readonly open: (where: 'here' | 'abroad') => Promise<Transport>;
};

export type Exchange = { readonly arrivals: readonly Arrival[]; readonly transmissions: number };

/** The sockets of one scenario, one for each part, and what comes to them. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #transports = new Map<Role, Transport>();
  readonly #arrivals: Arrival[] = [];
  #news: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Where a part's socket is, which is opened if it was not. Rejects with a `PunchError` if it cannot be. */
  async place(role: Role): Promise<Endpoint> {
    return (await this.#at(role)).local;
  }

  /**
   * Sends a datagram, again and again as the protocol has it, until the answer is complete or its time is over; then
   * waits for what may come too much.
   */
  async exchange(
    role: Role,
    bytes: Uint8Array,
    isComplete: (arrivals: readonly Arrival[]) => boolean,
  ): Promise<Exchange> {
    const { server, clock, pace, timeoutMs, signal } = this.#options;
    const transport = await this.#at(role);
    const before = this.#arrivals.length;
    const arrivals = () => this.#arrivals.slice(before);
    const startedAt = clock.now();
    const elapsedMs = () => clock.now() - startedAt;
    let transmissions = 0;
    for (let isDone = false; !isDone && elapsedMs() < timeoutMs && !signal.aborted; ) {
      transport.send(server, bytes);
      const waitMs = Math.max(rung(REQUEST_LADDER_MS, transmissions), pace.quietMs);
      transmissions += 1;
      isDone = await this.#hears(() => isComplete(arrivals()), Math.min(waitMs, timeoutMs - elapsedMs()));
    }
    const tookMs = elapsedMs();
    if (arrivals().length > 0) pace.observe(tookMs, transmissions);
    // The last transmission is answered as much later as it was sent.
    await pause(clock, Math.max(pace.quietMs, transmissions > 1 ? tookMs : 0), signal);
    return { arrivals: arrivals(), transmissions };
  }

  async #at(role: Role): Promise<Transport> {
    const known = this.#transports.get(role);
    if (known !== undefined) return known;
    const transport = await this.#options.open(isAbroad(role) ? 'abroad' : 'here');
    this.#transports.set(role, transport);
    transport.listen({
      datagram: (from, bytes) => {
        // Of a Buffer, `slice` would be no copy.
        this.#arrivals.push({ role, from, bytes: new Uint8Array(bytes) });
        this.#news();
      },
    });
    return transport;
  }

  /** Whether it is so, in time. */
  async #hears(isSo: () => boolean, withinMs: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    const until = clock.now() + withinMs;
    while (!isSo() && clock.now() < until && !signal.aborted) {
      const news = new AbortController();
      this.#news = () => news.abort();
      const forget = onAbort(signal, this.#news);
      await pause(clock, until - clock.now(), news.signal);
      forget();
    }
    return isSo();
  }
}
