import type { Datagram, Host } from './history.ts';

/** Clocks of processes on one machine agree to this, in ms. */
const CLOCK_ERROR_MS = 2;

/** A datagram that has not arrived after this will not, or its arrival was not told. */
const JOURNEY_MAX_MS = 10_000;

/** Finds the arrival of what was sent: the same bytes, a little later, at another socket. */
export class Meetings {
  readonly #waiting = new Map<number, Datagram[]>();

  /** Whether the datagram was found to be one with another. */
  meet(datagram: Datagram, mark: number): boolean {
    const waiting = this.#waiting.get(mark) ?? [];
    const wanted = datagram.fate.type === 'sent' ? 'received' : 'sent';
    const partner = waiting.findLast(
      (other) =>
        other.fate.type === wanted && tellerOf(other) !== tellerOf(datagram) && isJourney(other, datagram),
    );
    if (partner === undefined) {
      waiting.push(datagram);
      if (waiting.length > ALIKE_MAX) waiting.shift();
      this.#waiting.set(mark, waiting);
      return false;
    }
    waiting.splice(waiting.indexOf(partner), 1);
    const [sent, received] = wanted === 'sent' ? [partner, datagram] : [datagram, partner];
    sent.receiver = received.receiver;
    sent.fate = { type: 'delivered', at: Math.max(received.at, sent.at) };
    received.isMerged = true;
    return true;
  }

  forget(isKept: (datagram: Datagram) => boolean): void {
    for (const [mark, waiting] of this.#waiting) this.#waiting.set(mark, waiting.filter(isKept));
  }
}

/** Equal datagrams that are remembered. */
const ALIKE_MAX = 32;

/** Whose socket it is. */
function tellerOf({ fate, sender, receiver }: Datagram): Host | undefined {
  return fate.type === 'sent' ? sender : receiver;
}

function isJourney(one: Datagram, other: Datagram): boolean {
  const [sent, received] = one.fate.type === 'sent' ? [one, other] : [other, one];
  const took = received.at - sent.at;
  return took >= -CLOCK_ERROR_MS && took <= JOURNEY_MAX_MS;
}
