import { type Endpoint, sameEndpoint } from '../machines/endpoint.ts';
import type { LinkDoubt, LinkEvent, LinkPhase } from '../machines/link.ts';
import { CONFIRM_PERIOD_MS } from '../machines/timing.ts';
import type { Clock } from './ambient.ts';

/** A time in which a peer that was connected did not answer us. Protocol 1 does not notice any. */
export type LinkPause = {
  readonly because: LinkDoubt;
  /** From the peer's last answer until the one after it, or until now if there is none yet. */
  readonly unansweredMs: number;
  /** Whether the peer answers from another address than before; once it answers. */
  readonly hasPeerMoved?: boolean;
};

/** What a link's chart shows of itself. */
export type LinkView = {
  readonly state: LinkPhase;
  readonly remote: Endpoint | null;
  readonly doubt: LinkDoubt | null;
};

/** Watches one link for pauses, so that its user can be told why there was one. */
export class PauseWatch {
  readonly #clock: Clock;
  #answeredAt: number;
  #settledAt: number;
  #before: LinkView | undefined;
  /** Where the peer answered last. */
  #answeredFrom: Endpoint | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#answeredAt = clock.now();
    this.#settledAt = clock.now();
  }

  /** From the peer's last answer until now, in ms. */
  get unansweredMs(): number {
    return this.#clock.now() - this.#answeredAt;
  }

  /** After the chart has dealt with it. */
  happened(event: LinkEvent): void {
    if (event.type === 'datagram.probe' && event.confirms) this.#answeredAt = this.#clock.now();
  }

  /** The pause that there is in this view of the link, or that has ended with it. */
  see(view: LinkView): LinkPause | undefined {
    const before = this.#before;
    this.#before = view;
    const { unansweredMs } = this;
    if (view.doubt !== null) return { because: view.doubt, unansweredMs };
    if (view.state !== 'connected') return undefined;
    const from = this.#answeredFrom;
    const isElsewhere = from !== null && view.remote !== null && !sameEndpoint(from, view.remote);
    // A better path is found right after the first one, or the peer has moved.
    const isSettled = this.#clock.now() - this.#settledAt > CONFIRM_PERIOD_MS;
    if (from === null || isElsewhere) this.#settledAt = this.#clock.now();
    this.#answeredFrom = view.remote;
    const doubt = before?.doubt ?? null;
    if (doubt !== null) return { because: doubt, unansweredMs, hasPeerMoved: isElsewhere };
    return isElsewhere && isSettled ? { because: 'peerSeeks', unansweredMs, hasPeerMoved: true } : undefined;
  }
}

/** Whether a pause that is over is news, though the link looks as it did before: not if only the peer has noticed it. */
export function isNews({ because, hasPeerMoved }: LinkPause): boolean {
  return hasPeerMoved !== undefined && because !== 'peerSeeks';
}
