import { seededRandom } from '../../runtime/simulation/random.ts';
import { sitesOf } from './addresses.ts';

/** What the line between a site and the internet does to every packet, each way. */
export type Impairment = {
  readonly delayMilliseconds?: number;
  /** Up to this much more, evenly spread; packets overtake each other. */
  readonly jitterMilliseconds?: number;
  /** The share of packets that are lost, from 0 to 1. */
  readonly loss?: number;
};

/** Decides, from nothing but its seed and the packets so far, what becomes of each packet that crosses the core. */
export class Wan {
  readonly #lines: ReadonlyMap<number, Impairment>;
  readonly #random: () => number;

  constructor(lines: ReadonlyMap<number, Impairment>, seed: number) {
    this.#lines = lines;
    this.#random = seededRandom(seed);
  }

  /** Milliseconds until the packet arrives, or `undefined` when it never does. */
  delayOf(packet: Uint8Array): number | undefined {
    const { from, to } = sitesOf(packet);
    let delay = 0;
    for (const site of [from, to]) {
      const line = site === undefined ? undefined : this.#lines.get(site);
      if (line === undefined) continue;
      if (this.#random() < (line.loss ?? 0)) return undefined;
      delay += (line.delayMilliseconds ?? 0) + this.#random() * (line.jitterMilliseconds ?? 0);
    }
    return delay;
  }
}
