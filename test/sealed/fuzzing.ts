/** What tests that throw rubbish at hosts have in common: what was really sent, and what can become of it on the way. */
import type { Endpoint } from '../../machines/endpoint.ts';
import { encodeEnvelope, headerOf } from '../../machines/envelope.ts';
import type { Random } from '../../runtime/ambient.ts';
import type { Channel } from '../../runtime/secrecy/noise.ts';
import { createSealer } from '../../runtime/secrecy/seal.ts';
import { collectGarbage } from '../runtime/garbage.ts';

/** Another one makes other datagrams: `PUNCH_FUZZ_SEED=7 node --import tsx --test test/sealed/fuzz-*.test.ts`. */
export const SEED = Number(process.env.PUNCH_FUZZ_SEED ?? 20_260_205);

export type Datagram = { readonly from: Endpoint; readonly to: Endpoint; readonly bytes: Uint8Array };

/** The newest datagrams of each type and direction, so that what is seldom is not drowned by what is frequent. */
export class Corpus {
  readonly #kinds = new Map<string, Datagram[]>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get kinds(): readonly string[] {
    return [...this.#kinds.keys()].sort();
  }

  add(kind: string, { from, to, bytes }: Datagram): void {
    const known = this.#kinds.get(kind) ?? [];
    known.push({ from, to, bytes: bytes.slice() });
    if (known.length > OF_ONE_KIND_MAX) known.shift();
    this.#kinds.set(kind, known);
  }

  pick(): Datagram {
    return pick(this.#random, pick(this.#random, [...this.#kinds.values()]));
  }
}

const OF_ONE_KIND_MAX = 64;

/** Changes bytes in one of the ways in which they can go wrong, or be made to. A sixth stays as it is. */
export function mutate(random: Random, original: Uint8Array, other: Uint8Array): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const bytes = original.slice();
  switch (below(6)) {
    case 0:
      return bytes;
    case 1:
      for (let flip = below(4); flip >= 0; flip -= 1) {
        const place = below(bytes.length);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << below(8));
      }
      return bytes;
    case 2:
      return bytes.subarray(0, below(bytes.length + 1));
    case 3: {
      const cut = below(Math.min(bytes.length, other.length) + 1);
      return Uint8Array.of(...bytes.subarray(0, cut), ...other.subarray(cut));
    }
    case 4:
      // Where lengths begin, and what makes them long.
      bytes[below(bytes.length)] = pick(random, [0, 1, 63, 64, 250, 251, 252, 253, 255]);
      return bytes;
    default:
      return Uint8Array.of(...bytes, ...Array.from({ length: 1 + below(20) }, () => below(256)));
  }
}

/** What somebody makes of any bytes who has the keys: a datagram that opens. The first `used` counters are spent. */
export function sealing(type: 'sealed' | 'pair', id: Uint8Array, { sendKey }: Channel, used: number) {
  const sealer = createSealer(sendKey);
  for (let counter = 0; counter < used; counter += 1) sealer.next();
  return (plain: Uint8Array): Uint8Array => {
    const counter = sealer.next();
    const header =
      type === 'sealed' ? ({ type, session: id, counter } as const) : ({ type, pair: id, counter } as const);
    return encodeEnvelope({ ...header, sealed: sealer.seal(counter, headerOf(header), plain) });
  };
}

/** How much the heap grew in the second half, in bytes: the first half fills what is allowed to be filled. */
export async function heapGrowthIn(runHalf: () => Promise<void> | void): Promise<number> {
  await runHalf();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  await runHalf();
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}

export const HEAP_GROWTH_BYTES_MAX = 2 << 20;

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

export async function drain(feed: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of feed);
}
